// The same greeting in C++17: the memory map as a range, no constructors to run before main.
#include "console.h"
#include "finish.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

namespace
{

// Steps by the loader's stride: entries of a later minor version can be larger than ours.
template <typename Entry> class Array
{
  public:
    class Iterator
    {
      public:
        constexpr Iterator(uint64_t entry, uint32_t entry_size) : address(entry), stride(entry_size)
        {
        }
        const Entry &operator*() const
        {
            return *reinterpret_cast<const Entry *>(address);
        }
        constexpr Iterator &operator++()
        {
            address += stride;
            return *this;
        }
        constexpr bool operator!=(const Iterator &other) const
        {
            return address != other.address;
        }

      private:
        uint64_t address;
        uint32_t stride;
    };

    constexpr explicit Array(const BootInfoArray &from) : array(from)
    {
    }
    constexpr Iterator begin() const
    {
        return {array.address, array.entry_size};
    }
    constexpr Iterator end() const
    {
        return {array.address + uint64_t{array.count} * array.entry_size, array.entry_size};
    }

  private:
    BootInfoArray array;
};

// Works before main and while compiling alike.
constexpr Array<BootInfoRegion> nothing{BootInfoArray{0, 0, sizeof(BootInfoRegion)}};
static_assert(!(nothing.begin() != nothing.end()), "an empty array has no entries");

constexpr uint64_t mebibytes(uint64_t bytes)
{
    return bytes >> 20;
}

uint64_t usable_memory(const BootInfo &info)
{
    uint64_t size = 0;
    for (const BootInfoRegion &region : Array<BootInfoRegion>{info.memory_map}) {
        size += region.type == BOOTINFO_MEMORY_USABLE ? region.size : 0;
    }
    return size;
}

} // namespace

void kernel_main(const BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    print("hello from a kernel in C++: ");
    print_decimal(mebibytes(usable_memory(*info)), 0);
    print(" MiB usable; loaded by ");
    print_span(info->loader_name);
    print("\n");
    finish(1);
}

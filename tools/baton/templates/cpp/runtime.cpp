// What compilers expect of a C++ runtime that has no exceptions and never ends.
#include <stddef.h>

using Constructor = void (*)();

extern "C" {

// kernel.ld: the constructors of static objects, in their order.
extern const Constructor __init_array_start[];
extern const Constructor __init_array_end[];

void *__dso_handle; // names this program where a destructor is registered

// Destructors of static objects: a kernel never ends.
int __cxa_atexit(void (*)(void *), void *, void *)
{
    return 0;
}

// A virtual function without a body was called.
[[noreturn]] void __cxa_pure_virtual()
{
    __builtin_trap();
}

// Compilers call these on their own, for what is copied or cleared.
void *memcpy(void *to, const void *from, size_t size)
{
    auto *target = static_cast<unsigned char *>(to);
    const auto *source = static_cast<const unsigned char *>(from);
    for (size_t i = 0; i < size; i++) {
        target[i] = source[i];
    }
    return to;
}

void *memset(void *to, int value, size_t size)
{
    auto *target = static_cast<unsigned char *>(to);
    for (size_t i = 0; i < size; i++) {
        target[i] = static_cast<unsigned char>(value);
    }
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    auto *target = static_cast<unsigned char *>(to);
    const auto *source = static_cast<const unsigned char *>(from);
    for (size_t i = 0; i < size; i++) {
        const size_t at = target < source ? i : size - 1 - i;
        target[at] = source[at];
    }
    return to;
}

int memcmp(const void *one, const void *other, size_t size)
{
    const auto *a = static_cast<const unsigned char *>(one);
    const auto *b = static_cast<const unsigned char *>(other);
    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}
}

void run_constructors()
{
    for (const Constructor *i = __init_array_start; i != __init_array_end; i++) {
        (*i)();
    }
}

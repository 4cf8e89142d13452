#include "two_kernels.h"

#include "kernels.h"

struct text the_kernel;

void given_two(const char *config)
{
    the_kernel = kernel_raw(5000);
    fake_reset();
    fake_add_config(config);
    fake_add_file("\\a.bin", the_kernel.bytes, the_kernel.size);
    fake_add_file("\\b.bin", the_kernel.bytes, the_kernel.size);
}

void boots_with(const char *cmdline)
{
    struct expectation expected = expect_raw(the_kernel);
    expected.cmdline = cmdline;
    boots(&expected);
}

void lose(const char *path)
{
    fake_find_file(path)->open_error = FIRMWARE_NOT_FOUND;
}

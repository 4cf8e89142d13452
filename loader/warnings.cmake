# Warnings for all C of the project; errors in the tests' build (BATON_WERROR).
set(BATON_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wundef -Wcast-align -Wpointer-arith -Wwrite-strings
    -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wframe-larger-than=2048
    -Wno-gnu-zero-variadic-macro-arguments)

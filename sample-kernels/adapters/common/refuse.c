#include "refusal.h"

#include "console.h"
#include "finish.h"

void refuse(const char *adapter, struct BootInfoSpan name, struct refusal refusal)
{
    print(adapter);
    print(": ");
    print_span(name);
    print(name.size > 0 ? ": " : "");
    print(refusal.text);
    print(" ");
    print_hex(refusal.found, 0);
    print("\n");
    finish(0);
}

#include "tap.h"

#include "console.h"

static uint32_t reported;
static uint32_t failed;

void tap_begin(void)
{
    reported = 0;
    failed = 0;
}

static void print_details(const struct finding *finding)
{
    if (finding->broken) {
        print(":");
        if (finding->at != NOWHERE) {
            print(" at ");
            print_hex(finding->at, 0);
        }
        print(" found ");
        print_hex(finding->found, 0);
        print(", expected ");
        print_hex(finding->expected, 0);
    } else if (finding->skipped != NULL) {
        print(" # SKIP ");
        print(finding->skipped);
    }
}

void tap_report(const char *when, const char *text, const struct finding *finding)
{
    reported++;
    failed += finding->broken;
    print(finding->broken ? "not ok " : "ok ");
    print_decimal(reported, 0);
    print(" - ");
    print(when);
    print(text);
    print_details(finding);
    print("\n");
}

bool tap_end(void)
{
    print("1..");
    print_decimal(reported, 0);
    print("\n# inspect: ");
    print_decimal(reported - failed, 0);
    print(" ok, ");
    print_decimal(failed, 0);
    print(" not ok\n");
    return failed == 0 && reported > 0;
}

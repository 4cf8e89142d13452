/* What every suite's main ends with: runs it and prints the closing line that CI reads. */
#ifndef BATON_SUITE_H
#define BATON_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static inline int suite_main(Suite *suite, const char *name)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    int run = srunner_ntests_run(runner);
    srunner_free(runner);
    printf("%s: %d passed, %d failed\n", name, run - failed, failed);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif

/* loader/efi/firmware.c: what an EFI_STATUS means to the core. */
#include "efi/firmware.h"
#include "suite.h"

struct answer_case {
    EFI_STATUS status;
    enum firmware answer;
};

#define ERROR(code) (EFI_ERROR_MASK | (code))

static const struct answer_case answer_cases[] = {
    {EFI_SUCCESS, FIRMWARE_OK},
    {EFI_LOAD_ERROR, FIRMWARE_LOAD_ERROR},
    {EFI_BUFFER_TOO_SMALL, FIRMWARE_BUFFER_TOO_SMALL},
    {EFI_COMPROMISED_DATA, FIRMWARE_COMPROMISED_DATA},
    {ERROR(42), (enum firmware)42},
    {ERROR(INT32_MAX), FIRMWARE_UNNAMED},
    {ERROR(UINT32_MAX), FIRMWARE_UNNAMED},
    /* Warnings: it was done (UEFI 2.10 appendix D). */
    {EFI_WARN_UNKNOWN_GLYPH, FIRMWARE_OK},
    {EFI_WARN_DELETE_FAILURE, FIRMWARE_OK},
    {EFI_WARN_WRITE_FAILURE, FIRMWARE_OK},
    {EFI_WARN_BUFFER_TOO_SMALL, FIRMWARE_OK},
    {UINT64_C(0x7FFFFFFFFFFFFFFF), FIRMWARE_OK},
    /* Errors that have no code, or none of 32 bits. */
    {ERROR(0), FIRMWARE_UNNAMED},
    {ERROR(UINT64_C(1) << 32), FIRMWARE_UNNAMED},
    {ERROR(UINT64_C(1) << 62 | 5), FIRMWARE_UNNAMED},
};

START_TEST(an_error_is_an_error_and_a_warning_is_none)
{
    for (size_t i = 0; i < sizeof(answer_cases) / sizeof(answer_cases[0]); i++) {
        const struct answer_case *test = &answer_cases[i];
        ck_assert_msg(firmware_answer(test->status) == test->answer, "0x%llx became 0x%x",
                      (unsigned long long)test->status, (unsigned)firmware_answer(test->status));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("firmware");
    TCase *answers = tcase_create("answers");
    tcase_add_test(answers, an_error_is_an_error_and_a_warning_is_none);
    suite_add_tcase(suite, answers);
    return suite_main(suite, "unit-firmware");
}

#include "arch/x86_64/sev.h"

#include <stddef.h>

/* AMD APM 2 section 15.34.10. */
enum { STATUS_SEV = 1, STATUS_SEV_ES = 2, STATUS_SEV_SNP = 4 };

const char *sev_name(uint64_t status)
{
    return (status & STATUS_SEV_SNP) != 0  ? "AMD SEV-SNP"
           : (status & STATUS_SEV_ES) != 0 ? "AMD SEV-ES"
           : (status & STATUS_SEV) != 0    ? "AMD SEV"
                                           : NULL;
}

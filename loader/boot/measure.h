/* Files as a whole, before anything looks at them: compared with their pins, and entered in the
 * TPM. */
#ifndef BATON_MEASURE_H
#define BATON_MEASURE_H

#include "boot/kernel.h"

/* All of the file is at bytes. what is "baton kernel " and the like. out_digest is written only
 * where trust_wants_all. */
MUST_CHECK enum status measure_file(const struct file *file, struct failure *failure,
                                    const void *bytes, const char *what, uint8_t *out_digest);
/* What was chosen -> the TPM; takes the TPM's log for the kernel; logs what there is to say. */
MUST_CHECK enum status measure_choice(struct session *session, const struct kernel *kernel);
/* BOOTINFO_FLAG_* of all that. edited: the user has changed the command line. */
uint32_t measure_flags(const struct session *session, bool edited);

#endif

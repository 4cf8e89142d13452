/* Files as a whole, before anything looks at them: compared with their pins, and entered in the
 * TPM. */
#ifndef BATON_MEASURE_H
#define BATON_MEASURE_H

#include "boot/kernel.h"

/* All of the file is at bytes. what is "kernel" and the like. Writes file->sha256 where
 * trust_wants_all. */
MUST_CHECK enum status measure_file(struct file *file, struct failure *failure, const void *bytes,
                                    const char *what);
/* Reads all of a file that was just opened, and does the same. */
MUST_CHECK enum status measure_read(struct file *file, struct failure *failure, uint64_t address,
                                    const char *what);
/* What was chosen -> the TPM; takes the TPM's log for the kernel; logs what there is to say. */
MUST_CHECK enum status measure_choice(struct session *session, const struct kernel *kernel);

#endif

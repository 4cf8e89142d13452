/* The loader as a PE32+ file. */
#ifndef BATON_TOOL_SECURE_PE_H
#define BATON_TOOL_SECURE_PE_H

#include "core/base/text.h"
#include "vm/message.h"

bool secure_pe_is_signed(struct text file);
/* Adds the section .baton. False: it is no loader, or signed or sealed already; message says so. */
bool secure_pe_seal(struct text file, struct text archive, struct message *message,
                    struct bytes *out_file);
/* The archive in a sealed file; empty: it is not sealed. False: its headers make no sense. */
bool secure_pe_archive(struct text file, struct text *out_archive);

#endif

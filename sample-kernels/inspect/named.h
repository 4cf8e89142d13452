/* What BootInfo names beside RAM: serial port, ACPI tables, SMBIOS, framebuffers. */
#ifndef BATON_INSPECT_NAMED_H
#define BATON_INSPECT_NAMED_H

#include "judge.h"

/* True: this was the last one wanted. */
typedef bool named_visitor(const struct evidence *evidence, uint64_t base, uint64_t size,
                           void *context);

/* Gives each of them, a table before what it leads to. Returns whether the visitor ended it. */
bool named_visit(const struct evidence *evidence, named_visitor *visitor, void *context);

#endif

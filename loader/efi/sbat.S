/* SBAT: what shim looks at to refuse versions with known flaws, and without which it starts
 * nothing. docs/security.md says when the generation, the second number of the second line, goes
 * up. In assembly: gnu-efi's headers define __attribute__ away where clang builds for Windows. */
#include "core/base/version.h"

        .section .sbat,"dr"
        .globl  baton_sbat
baton_sbat:
        .ascii  "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
        .ascii  "baton,1,Baton,baton," BATON_VERSION "," BATON_URL "\n"

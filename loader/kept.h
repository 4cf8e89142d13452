/* Included before all else in the sources of what is kept: the fault handlers, and what they call
 * (BATON_KEPT_SOURCES, and some of arch/ and efi/). It lies in sections of its own, at the
 * end of the loader's image: .kept is code, .keptc constants, .keptd data (arch/x86_64/fault.S).
 * The rest of the image is free memory after the jump, so nothing in here may need it. String
 * literals, variables and tables of switches would lie elsewhere; lint-kept finds them. */
#pragma code_seg(".kept$b")
#pragma const_seg(".keptc")

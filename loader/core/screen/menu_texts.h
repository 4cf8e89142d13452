/* The words of the menu. Packed: core/base/packed.h. */
#ifndef BATON_MENU_TEXTS_H
#define BATON_MENU_TEXTS_H

#define MENU_TEXTS(X)                                                \
    X(CANNOT_BOOT, "  (cannot boot)")                                \
    X(DEFAULT, "  (default)")                                        \
    X(MORE, "       ...")                                            \
    X(CMDLINE, " cmdline  ")                                         \
    X(KERNEL, " kernel   ")                                          \
    X(BOOTING, " Booting the selected entry in ")                    \
    X(BACK, " Back to the firmware in ")                             \
    X(STOPS, " s; any key stops that")                               \
    X(LOCKED, "Secure Boot is on: command lines cannot be edited.")  \
    X(HELP, " Arrows, digits: select   Enter: boot   Esc: firmware") \
    X(HELP_EDIT, "   e: edit cmdline")                               \
    X(HELP_EDITING, " Enter: boot with this command line   Esc: cancel")

extern const unsigned char packed_menu_texts[];

#endif

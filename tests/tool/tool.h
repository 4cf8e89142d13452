/* What the tests of baton share: a folder, a shell to start baton from, a QEMU that is a
 * script. */
#ifndef BATON_TOOL_TEST_H
#define BATON_TOOL_TEST_H

#include "suite.h"
#include "vm/files.h"

extern char *folder; /* of this test; the shell starts here */
extern struct message message;
extern struct bytes output; /* of the last command, both channels */

void tool_set_up(void);
void tool_tear_down(void);

/* Runs a line of the shell in the folder, with $BATON as the program, $BUILD as the build's
 * folder and $SOURCE as the source's. Returns its exit status. */
int tool_run(const char *line);
/* The output has the text, or has it not. Else the test fails and shows it. */
void tool_expect(const char *part);
void tool_expect_no(const char *part);
void tool_expect_status(int status, int wanted);
/* All at once: the line ends with that status, and its output has the text. */
void tool_check(const char *line, int status, const char *part);

void tool_write(const char *name, const char *text);
char *tool_in_folder(const char *name);
/* $QEMU is a script from now on, and there is some firmware. It has functions: answer WORD
 * TEXT waits for a command of QEMU's machine protocol with the word and answers it. */
void tool_play_qemu(const char *script);
/* k.elf in the folder, from a source file in C; options for the compiler. */
void tool_compile(const char *source, const char *options);

#endif

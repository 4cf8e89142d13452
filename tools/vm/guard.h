/* Removes a folder also where this program is killed. */
#ifndef BATON_VM_GUARD_H
#define BATON_VM_GUARD_H

/* From now on a process of its own waits for this one to end, in whatever way, and removes the
 * folder with everything in it. */
void guard_folder(const char *path);

#endif

/* A number that a child of fork() finds as 0: by this a process tells its own clients from its parent's, at the price of one load.
 *
 * It lies in a page that the kernel itself hands to a child as zeros (MADV_WIPEONFORK), whatever makes the child. Where the kernel refuses
 * that (before Linux 4.14, or below a seccomp filter or in a sandbox that does not know it), a handler of fork() sets it to 0. Then a child
 * that was made by the bare system call is not told apart. */
#pragma once

#include <stdint.h>

/* Where the number stands; never NULL. */
uint64_t *fork_mark(void);

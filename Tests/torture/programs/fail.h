/* What the preloaded library (fail.c) offers to the program that tortures: calls of the library and of libpq that fail on demand. */
#ifndef TORTURE_FAIL_H
#define TORTURE_FAIL_H

#include <stddef.h>

/* How a call fails: an errno, or one of these. */
#define BY_RESULT 0    /* the function's own word for failure */
#define BY_END (-1)    /* the stream has ended */
#define BY_CRUMBS (-2) /* one byte at a time */

struct failing_call {
    const char *name;
    /* How it can fail; the list ends with LAST. After HARMLESS stand those that nobody may notice: a signal that came, a byte at a time. */
    int ways[6];
};
#define LAST (-99)
#define HARMLESS (-98)

/* The calls that can fail; `count` of them. */
extern const struct failing_call *torture_calls(size_t *count);

/* From now on, the `number`-th use of a call (from 1) fails in that way; with `forever` each later one, too. Uses count from now on. */
extern void torture_arm(size_t call, long number, int way, int forever);

/* No call fails any more; returns whether one did. */
extern int torture_disarm(void);

/* How often a call was used since `torture_arm` or `torture_count_anew`. */
extern long torture_uses(size_t call);
extern void torture_count_anew(void);

/* Blocks and bytes of the heap that are in use. */
extern long torture_blocks(void);
extern long torture_bytes(void);

#endif

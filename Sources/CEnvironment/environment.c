#include "environment.h"

static char *none[] = {0};

/* What the linker puts in the place of `environ`, wherever the library names it: the Swift runtime alone does, which is linked in.
 *
 * Why: with `SWIFT_BACKTRACE` in the environment it would handle the host's signals, or write to standard error, as soon as the library
 * is loaded. `getenv`, by which our own code asks, is not touched. */
char **__wrap_environ = none;

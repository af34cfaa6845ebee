#include "environment.h"

static char *none[] = {0};

/* What the linker puts in the place of `environ`, wherever the library names it: the Swift runtime alone does, which is linked in.
 *
 * Why: with `SWIFT_BACKTRACE` in the environment it would handle the host's signals, or write to standard error, as soon as the library
 * is loaded. `getenv`, by which our own code asks, is not touched. */
char **__wrap_environ = none;

/* The name of a Unicode scalar, such as "LATIN SMALL LETTER A": there is none.
 *
 * Why: nobody here asks for names, and without the function the linker drops its tables, which are 0.5 MB. */
intptr_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *buffer, intptr_t capacity) {
    (void)scalar;
    (void)buffer;
    (void)capacity;
    return 0;
}

/* What the Swift runtime finds here in the place of its own: the linker's `--wrap` puts it there. */
#ifndef ACCELERANT_ENVIRONMENT_H
#define ACCELERANT_ENVIRONMENT_H

#include <stdint.h>

extern char **__wrap_environ;
intptr_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *buffer, intptr_t capacity);

#endif

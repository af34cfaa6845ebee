#define XXH_INLINE_ALL
#include <xxhash.h>

#define NAME(function) limit_spin_##function
#define HASH(text, size) XXH3_64bits(text, size)
#define BLOCK(kind, size) malloc(size)
#define HANDLES 0
#include "template.h"

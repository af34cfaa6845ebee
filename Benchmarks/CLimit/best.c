#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

static inline uint64_t fold(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}
static inline uint64_t word(const char *p) {
    uint64_t value;
    memcpy(&value, p, 8);
    return value;
}
/* Texts have at least 16 bytes here. */
static inline uint64_t short_hash(const char *text, size_t size) {
    const uint64_t a = 0x9e3779b97f4a7c15u, b = 0xd1b54a32d192ed03u, c = 0x8cb92ba72f3d8dd7u, d = 0xe7037ed1a0b428dbu;
    uint64_t one = a ^ size, two = one, three = one;
    const char *p = text;
    size_t left = size;
    for (; left > 48; p += 48, left -= 48) {
        one = fold(word(p) ^ b, word(p + 8) ^ one);
        two = fold(word(p + 16) ^ c, word(p + 24) ^ two);
        three = fold(word(p + 32) ^ d, word(p + 40) ^ three);
    }
    one ^= two ^ three;
    for (; left > 16; p += 16, left -= 16) one = fold(word(p) ^ b, word(p + 8) ^ one);
    return fold(b ^ size, fold(word(text + size - 16) ^ b, word(text + size - 8) ^ one));
}

/* Blocks packed into huge pages, never freed: texts in one, answers in the other. */
static char *arena[2], *arena_end[2];
static void *block(int kind, size_t size) {
    const size_t huge = 2u << 20, chunk = 32u << 20;
    size = (size + 63) & ~(size_t)63;
    if ((size_t)(arena_end[kind] - arena[kind]) < size) {
        char *memory = mmap(NULL, chunk + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memory = (char *)(((uintptr_t)memory + huge - 1) & ~(uintptr_t)(huge - 1));
        madvise(memory, chunk, MADV_HUGEPAGE);
        arena[kind] = memory;
        arena_end[kind] = memory + chunk;
    }
    void *result = arena[kind];
    arena[kind] += size;
    return result;
}

#define NAME(function) limit_best_##function
#define HASH(text, size) short_hash(text, size)
#define BLOCK(kind, size) block(kind, size)
#define HANDLES 1
#include "template.h"

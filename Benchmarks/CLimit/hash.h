/* A short multiply-fold hash, of the yardsticks. */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

#endif

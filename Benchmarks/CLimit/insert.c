/* What an insertion into a full cache costs in C, to compare with: an answer is copied into a block of malloc with its text, a table
 * of twice as many slots leads to it, and some other entry makes room. No policy, no key, no flight, no lock. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "hash.h"
#include "limit.h"

typedef struct entry { uint64_t hash; char bytes[]; } entry;
typedef struct slot { uint64_t hash; entry *entry; } slot;

static slot *slots;
static size_t mask;

static void insert(entry *e) {
    size_t i = e->hash & mask;
    while (slots[i].entry) i = (i + 1) & mask;
    slots[i] = (slot){e->hash, e};
}

/* Linear probing without tombstones: what follows moves up. */
static void take_out(const entry *e) {
    size_t hole = e->hash & mask;
    while (slots[hole].entry != e) hole = (hole + 1) & mask;
    for (size_t i = (hole + 1) & mask; slots[i].entry; i = (i + 1) & mask) {
        if (((i - slots[i].hash) & mask) < ((i - hole) & mask)) continue;
        slots[hole] = slots[i];
        hole = i;
    }
    slots[hole].entry = NULL;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

double limit_insert(size_t entries, size_t text_size, size_t answer_size) {
    entry **all = calloc(entries, sizeof *all);
    char *text = malloc(text_size);
    uint64_t random = 88172645463325252u;
    double begin = 0;
    memset(text, 'x', text_size);
    for (mask = 1; mask < entries * 2; mask *= 2) {}
    slots = calloc(mask, sizeof *slots);
    mask--;
    for (size_t number = 0; number < entries * 4; number++) {
        size_t place = number;
        if (number == entries * 2) begin = now();
        if (number >= entries) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            place = random % entries;
            take_out(all[place]);
            free(all[place]);
        }
        memcpy(text + 8, &number, sizeof number);
        /* Somebody has written it. */
        char *answer = malloc(answer_size);
        memset(answer, 'x', answer_size);
        entry *e = malloc(sizeof *e + text_size + answer_size);
        e->hash = short_hash(text, text_size);
        memcpy(e->bytes, text, text_size);
        memcpy(e->bytes + text_size, answer, answer_size);
        free(answer);
        insert(e);
        all[place] = e;
    }
    double each = (now() - begin) / (double)(entries * 2);
    for (size_t i = 0; i < entries; i++) free(all[i]);
    free(all);
    free(slots);
    free(text);
    return each;
}

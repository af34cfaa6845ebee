/* What a cache hit costs in C, to compare with: a table in 64 shards, each behind a spin lock, entries with a reference count,
 * a coarse clock, a handle for each reply. No windows, no tags, no eviction, no statistics.
 *
 *   spin   a hash of good name (XXH3), entries, answers and handles from malloc: what one writes first
 *   best   a short multiply-fold hash, entries packed in huge pages, handles from a list of each thread's own
 */
#ifndef LIMIT_H
#define LIMIT_H

#include <stddef.h>
#include <stdint.h>

typedef struct limit_reply {
    const char *data;
    size_t size;
    uint64_t modified, request, signature;
    int32_t status;
    void *entry;
} limit_reply;

void *limit_spin_open(uint32_t entries);
void limit_spin_put(void *cache, const char *text, size_t size, const char *answer, size_t answer_size);
limit_reply *limit_spin_get(void *cache, const char *text, size_t size);
void limit_spin_free(limit_reply *reply);

void *limit_best_open(uint32_t entries);
void limit_best_put(void *cache, const char *text, size_t size, const char *answer, size_t answer_size);
limit_reply *limit_best_get(void *cache, const char *text, size_t size);
void limit_best_free(limit_reply *reply);

/* CPU nanoseconds of an insertion into a full cache of so many entries, in which another one makes room; see insert.c. */
double limit_insert(size_t entries, size_t text_size, size_t answer_size);

#endif

/* The body of a variant. Set before: NAME(function), HASH(text, size), BLOCK(kind, size), HANDLES (1: a list for each thread). */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "limit.h"

enum { SHARDS = 64 };
typedef struct entry {
    atomic_uint references;
    atomic_uint touched;
    uint64_t hash, modified, expires;
    char *answer;
    size_t answer_size, size;
    char text[];
} entry;
typedef struct slot { uint64_t hash; entry *entry; } slot;
typedef struct shard { atomic_uint lock; uint32_t mask; slot *slots; } __attribute__((aligned(128))) shard;
typedef struct cache { shard shards[SHARDS]; } cache;

static atomic_ullong requests;
static __thread uint64_t request, requests_left;
#if HANDLES
static __thread limit_reply *handles;
#endif

static void lock(shard *s) {
    while (atomic_exchange_explicit(&s->lock, 1, memory_order_acquire))
        while (atomic_load_explicit(&s->lock, memory_order_relaxed)) __builtin_ia32_pause();
}
static void unlock(shard *s) { atomic_store_explicit(&s->lock, 0, memory_order_release); }

void *NAME(open)(uint32_t entries) {
    cache *c = aligned_alloc(128, sizeof *c);
    memset(c, 0, sizeof *c);
    uint32_t size = 16;
    while (size < (entries / SHARDS + 1) * 2) size *= 2;
    for (int i = 0; i < SHARDS; i++) {
        c->shards[i].mask = size - 1;
        c->shards[i].slots = BLOCK(0, size * sizeof(slot));
        memset(c->shards[i].slots, 0, size * sizeof(slot));
    }
    return c;
}

void NAME(put)(void *cache_pointer, const char *text, size_t size, const char *answer, size_t answer_size) {
    cache *c = cache_pointer;
    uint64_t hash = HASH(text, size);
    shard *s = &c->shards[hash >> 58];
    entry *e = BLOCK(0, sizeof *e + size);
    memset(e, 0, sizeof *e);
    e->references = 1;
    e->hash = hash;
    e->expires = UINT64_MAX;
    e->size = size;
    e->answer_size = answer_size;
    memcpy(e->text, text, size);
    e->answer = BLOCK(1, answer_size);
    memcpy(e->answer, answer, answer_size);
    uint32_t i = (uint32_t)hash & s->mask;
    while (s->slots[i].entry) i = (i + 1) & s->mask;
    s->slots[i] = (slot){hash, e};
}

limit_reply *NAME(get)(void *cache_pointer, const char *text, size_t size) {
    cache *c = cache_pointer;
    uint64_t hash = HASH(text, size);
    shard *s = &c->shards[hash >> 58];
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    uint64_t now = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
    entry *e = NULL;
    lock(s);
    for (uint32_t i = (uint32_t)hash & s->mask; s->slots[i].entry; i = (i + 1) & s->mask)
        if (s->slots[i].hash == hash && s->slots[i].entry->size == size && !memcmp(s->slots[i].entry->text, text, size)) {
            e = s->slots[i].entry;
            break;
        }
    if (e) atomic_fetch_add_explicit(&e->references, 1, memory_order_relaxed);
    unlock(s);
    if (!e || now > e->expires) return NULL;
    if (!atomic_load_explicit(&e->touched, memory_order_relaxed))
        atomic_store_explicit(&e->touched, 1, memory_order_relaxed);
    if (!requests_left) {
        request = atomic_fetch_add(&requests, 4096);
        requests_left = 4096;
    }
    requests_left--;
    limit_reply *reply;
#if HANDLES
    if ((reply = handles)) handles = reply->entry;
    else
#endif
        reply = malloc(sizeof *reply);
    *reply = (limit_reply){e->answer, e->answer_size, e->modified, request++, e->hash, 1, e};
    return reply;
}

void NAME(free)(limit_reply *reply) {
    entry *e = reply->entry;
    if (atomic_fetch_sub_explicit(&e->references, 1, memory_order_acq_rel) == 1) abort(); /* the table's own stays */
#if HANDLES
    reply->entry = handles;
    handles = reply;
#else
    free(reply);
#endif
}

/* What a lock-free structure needs of the system and Swift cannot name: futexes, a word per thread, a prefetch. */
#ifndef ACCELERANT_LINUX_THREADS_H
#define ACCELERANT_LINUX_THREADS_H

#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A word that every thread has for itself, NULL at first. Weak and not inlined, so that all objects share one word. */
__attribute__((weak, visibility("hidden"), noinline)) inline void *_Nullable *_Nonnull linux_thread_word(void) {
    static __thread void *word;
    return &word;
}

/* Sleeps while `*word` is `expected`, at most until `deadline` on CLOCK_MONOTONIC. May wake for no reason. */
static inline void linux_futex_wait(uint32_t *word, uint32_t expected, const struct timespec *deadline) {
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline, (void *)0, FUTEX_BITSET_MATCH_ANY);
}

/* Wakes everybody who sleeps on `word`. */
static inline void linux_futex_wake_all(uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, (void *)0, (void *)0, 0);
}

/* Starts to load a cache line that is wanted soon. Any address is allowed. */
static inline void linux_prefetch(const void *address) { __builtin_prefetch(address); }

#endif

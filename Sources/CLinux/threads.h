/* What a lock-free structure needs of the system and Swift cannot name: futexes, a word per thread, a prefetch. */
#ifndef ACCELERANT_LINUX_THREADS_H
#define ACCELERANT_LINUX_THREADS_H

#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The kind of mutex that spins for a moment before it sleeps. Why by number: its name needs _GNU_SOURCE. */
static inline int linux_adaptive_mutex(void) { return 3; }

/* Of the thread's static block: found by one instruction, where other words of a loaded library take a call. The loader keeps room
 * there for libraries that come late; ours takes two words of it. */
#define LINUX_THREAD_WORD static __thread __attribute__((tls_model("initial-exec"))) void *

/* A word that every thread has for itself, NULL at first. Weak and not inlined, so that all objects share one word. */
__attribute__((weak, visibility("hidden"), noinline)) inline void *_Nullable *_Nonnull linux_thread_word(void) {
    LINUX_THREAD_WORD word;
    return &word;
}

/* Another one, see Presence.swift. */
__attribute__((weak, visibility("hidden"), noinline)) inline void *_Nullable *_Nonnull linux_presence_word(void) {
    LINUX_THREAD_WORD word;
    return &word;
}

/* And one for a pool: which connection the thread used last. */
__attribute__((weak, visibility("hidden"), noinline)) inline uintptr_t *_Nonnull linux_connection_word(void) {
    static __thread uintptr_t word;
    return &word;
}

/* Keeps the compiler from moving memory accesses across it; the processor is not told. */
static inline void linux_compiler_barrier(void) { __asm__ volatile("" ::: "memory"); }

/* Prepares linux_barrier(); false where the kernel has none (before Linux 4.14, or when it is forbidden). */
static inline bool linux_register_barrier(void) {
    return syscall(SYS_membarrier, 16 /* MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED */, 0, 0) == 0;
}

/* A full memory barrier on every running thread of the process. Takes microseconds. */
static inline void linux_barrier(void) {
    while (syscall(SYS_membarrier, 8 /* MEMBARRIER_CMD_PRIVATE_EXPEDITED */, 0, 0) != 0)
        if (!linux_register_barrier()) return; /* A child of fork() may have to register for itself. */
}

/* Sleeps while `*word` is `expected`, at most until `deadline` on CLOCK_MONOTONIC. May wake for no reason. */
static inline void linux_futex_wait(uint32_t *word, uint32_t expected, const struct timespec *deadline) {
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline, (void *)0, FUTEX_BITSET_MATCH_ANY);
}

/* Wakes every thread that sleeps on `word`. */
static inline void linux_futex_wake_all(uint32_t *word) {
    while (syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, (void *)0, (void *)0, 0) < 0 && errno == EINTR) {}
}

/* Starts to load a cache line that is wanted soon. Any address is allowed. */
static inline void linux_prefetch(const void *address) { __builtin_prefetch(address); }

#endif

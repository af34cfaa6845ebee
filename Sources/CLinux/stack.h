/* How much stack a thread has left, and threads that have enough of it. */
#ifndef ACCELERANT_LINUX_STACK_H
#define ACCELERANT_LINUX_STACK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/resource.h>

/* Why declared here: see shim.h. */
int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes);

struct linux_stack {
    uintptr_t low, high;
};

/* The calling thread's stack; all zeros until it is asked for. Weak and not inlined, so that all objects share it. */
__attribute__((weak, visibility("hidden"), noinline)) inline struct linux_stack *_Nonnull linux_stack_word(void) {
    static __thread struct linux_stack stack;
    return &stack;
}

/* The process's first stack, which grows: where it may grow to. False for an address that is not in it.
 *
 * Why not pthread_getattr_np: for this stack it reads /proc/self/maps, and the limit may change. */
static inline bool linux_is_first_stack(uintptr_t here, struct linux_stack *_Nonnull stack) {
    enum { MOST = 128 << 20, MARGIN = 16 << 10 };
    struct rlimit limit;
    uintptr_t end = getauxval(AT_EXECFN); /* It stands at the very end. */
    if (here > end || getrlimit(RLIMIT_STACK, &limit) != 0) return false;
    if (limit.rlim_cur > MOST) limit.rlim_cur = MOST;
    if (end - here >= limit.rlim_cur) return false;
    stack->low = end - limit.rlim_cur + MARGIN;
    stack->high = end;
    return true;
}

enum { LINUX_GROWN_STACK = 1 << 20, LINUX_GROWN_MARGIN = 64 << 10 };

/* Makes the first stack as large as that below its caller: an address that is in it from now on. A page of it takes memory.
 *
 * Why: what a stack has grown to stays, whatever becomes of its limit. So the system has to be asked for that only once. */
static __attribute__((noinline)) uintptr_t linux_grow_stack(void) {
    volatile char room[LINUX_GROWN_STACK];
    room[0] = 0;
    return (uintptr_t)&room[0];
}

/* Bytes that the calling thread has left of its stack. 0 where that is not known: on the stack of a coroutine or of a signal handler. */
__attribute__((noinline)) static size_t linux_stack_left(void) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    struct linux_stack *known = linux_stack_word(), first;
    if (here <= known->low || here > known->high) {
        pthread_attr_t attributes;
        void *low;
        size_t size;
        if (linux_is_first_stack(here, &first)) {
            if (here <= first.low) return 0;
            if (known->high != 0 || here - first.low < LINUX_GROWN_STACK + LINUX_GROWN_MARGIN) return here - first.low;
            known->low = linux_grow_stack();
            known->high = first.high;
            return here - known->low;
        }
        if (known->high != 0 || pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
        if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
            known->low = (uintptr_t)low;
            known->high = (uintptr_t)low + size;
        }
        pthread_attr_destroy(&attributes);
        if (here <= known->low || here > known->high) return 0;
    }
    return here - known->low;
}

/* What every thread of the library's own has at least. */
enum { LINUX_LEAST_STACK = 1 << 20 };

/* pthread_create with so much stack, however little the process gives its threads. */
static inline int linux_start_thread(
    pthread_t *_Nonnull thread, void *_Nullable (*_Nonnull body)(void *_Nullable), void *_Nullable argument) {
    pthread_attr_t attributes;
    size_t size;
    int status = pthread_attr_init(&attributes);
    if (status != 0) return status;
    if (pthread_attr_getstacksize(&attributes, &size) == 0 && size < LINUX_LEAST_STACK) pthread_attr_setstacksize(&attributes, LINUX_LEAST_STACK);
    status = pthread_create(thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return status;
}

#endif

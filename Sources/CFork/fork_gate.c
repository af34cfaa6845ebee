#include "include/fork_gate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { LONGEST_NANOSECONDS = 250000000, PAUSE_NANOSECONDS = 20000 };

struct held {
    struct held *next;
    pthread_mutex_t *lock;
};

static atomic_long inside;
static atomic_bool is_closed;
/* Held while the gate is closed. */
static pthread_mutex_t closing = PTHREAD_MUTEX_INITIALIZER;
/* The locks that are held, and the one that guards their list. */
static struct held *all;
static pthread_mutex_t list = PTHREAD_MUTEX_INITIALIZER;

void fork_gate_enter(void) {
    for (;;) {
        atomic_fetch_add(&inside, 1);
        if (!atomic_load(&is_closed)) return;
        fork_gate_leave();
        pthread_mutex_lock(&closing);
        pthread_mutex_unlock(&closing);
    }
}

void fork_gate_leave(void) { atomic_fetch_sub(&inside, 1); }

_Bool fork_gate_hold(void *lock) {
    struct held *held = malloc(sizeof *held);
    if (!held) return 0;
    held->lock = lock;
    pthread_mutex_lock(&list);
    held->next = all;
    all = held;
    pthread_mutex_unlock(&list);
    return 1;
}

static void before(void) {
    struct timespec pause = {0, PAUSE_NANOSECONDS};
    pthread_mutex_lock(&closing);
    atomic_store(&is_closed, 1);
    for (int i = 0; i < LONGEST_NANOSECONDS / PAUSE_NANOSECONDS && atomic_load(&inside) > 0; i++) nanosleep(&pause, NULL);
    pthread_mutex_lock(&list);
    for (struct held *held = all; held; held = held->next) pthread_mutex_lock(held->lock);
}

static void after(void) {
    for (struct held *held = all; held; held = held->next) pthread_mutex_unlock(held->lock);
    pthread_mutex_unlock(&list);
    atomic_store(&is_closed, 0);
    pthread_mutex_unlock(&closing);
}

static void after_in_child(void) {
    /* It has none of the threads that were inside. */
    atomic_store(&inside, 0);
    after();
}

/* Why not when the first thread comes in: another one may be about to fork then. The handlers stay, and so does the library (`-z nodelete`). */
__attribute__((constructor)) static void install(void) { pthread_atfork(before, after, after_in_child); }

#include "include/fork_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_NANOSECONDS = 250000000, PAUSE_NANOSECONDS = 20000 };

struct held {
    struct held *next;
    pthread_mutex_t *lock;
};

/* A descriptor that a child must not find readable. */
struct watched {
    struct watched *next;
    int descriptor;
};

static atomic_long inside;
static atomic_bool is_closed;
/* Held while the gate is closed. */
static pthread_mutex_t closing = PTHREAD_MUTEX_INITIALIZER;
/* The locks that are held, the descriptors, and the lock that guards both lists. */
static struct held *all;
static struct watched *descriptors;
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

void fork_gate_watch(int descriptor) {
    struct watched *watched = malloc(sizeof *watched);
    if (!watched) return;
    watched->descriptor = descriptor;
    pthread_mutex_lock(&list);
    watched->next = descriptors;
    descriptors = watched;
    pthread_mutex_unlock(&list);
}

void fork_gate_unwatch(int descriptor) {
    struct watched **link, *found = NULL;
    pthread_mutex_lock(&list);
    for (link = &descriptors; *link; link = &(*link)->next)
        if ((*link)->descriptor == descriptor) {
            found = *link;
            *link = found->next;
            break;
        }
    pthread_mutex_unlock(&list);
    free(found);
}

/* Puts an eventfd that nobody rings in the place of a descriptor. */
static void silence(int descriptor) {
    int silent = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (silent < 0) {
        /* Why only now: while there is room, the number is never free. */
        close(descriptor);
        silent = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    if (silent < 0 || silent == descriptor) return;
    while (dup2(silent, descriptor) < 0 && errno == EINTR) {}
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    close(silent);
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
    for (struct watched *watched = descriptors; watched; watched = watched->next) silence(watched->descriptor);
    /* Why not freed: another thread of the parent may just have been inside the allocator. And why forgotten: a child that closes what it
     * has inherited may give the numbers to something else. */
    descriptors = NULL;
    after();
}

/* Why not when the first thread comes in: another one may be about to fork then. The handlers stay, and so does the library (`-z nodelete`). */
__attribute__((constructor)) static void install(void) { pthread_atfork(before, after, after_in_child); }

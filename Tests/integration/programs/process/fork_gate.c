/* The gate that fork() waits at, on its own. Silent when all is well. */
#define _POSIX_C_SOURCE 200809L
#include "../../../../Sources/CFork/fork_gate.c"

#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_bool is_in, is_out, may_go;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void rest(long milliseconds) {
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static void *be_inside_shortly(void *argument) {
    (void)argument;
    fork_gate_enter();
    pthread_mutex_lock(&lock);
    atomic_store(&is_in, 1);
    rest(20);
    pthread_mutex_unlock(&lock);
    atomic_store(&is_out, 1);
    fork_gate_leave();
    return NULL;
}

static void *be_inside_until_told(void *argument) {
    (void)argument;
    fork_gate_enter();
    atomic_store(&is_in, 1);
    while (!atomic_load(&may_go)) rest(1);
    fork_gate_leave();
    return NULL;
}

static void *come_and_go(void *argument) {
    (void)argument;
    while (!atomic_load(&may_go)) {
        fork_gate_enter();
        pthread_mutex_lock(&lock);
        pthread_mutex_unlock(&lock);
        fork_gate_leave();
    }
    return NULL;
}

/* Forks while a thread does that; the child has to find `is_as_wanted`, an open gate, and the lock free. */
static int child_status(void *(*body)(void *), int (*is_as_wanted)(void)) {
    pthread_t thread;
    pid_t child;
    int status = 0;
    atomic_store(&is_in, body == come_and_go);
    atomic_store(&is_out, 0);
    atomic_store(&may_go, 0);
    if (pthread_create(&thread, NULL, body, NULL) != 0) return -1;
    while (!atomic_load(&is_in)) rest(1);
    child = fork();
    if (child == 0) {
        alarm(10);
        fork_gate_enter();
        pthread_mutex_lock(&lock);
        pthread_mutex_unlock(&lock);
        fork_gate_leave();
        _exit(is_as_wanted() ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return -1;
    atomic_store(&may_go, 1);
    pthread_join(thread, NULL);
    if (atomic_load(&inside) != 0) return -2;
    return status;
}

static int has_waited(void) { return atomic_load(&is_out); }
static int has_not(void) { return !atomic_load(&may_go); }
static int always(void) { return 1; }

int main(void) {
    int round, status;
    if (!fork_gate_hold(&lock)) return 2;
    alarm(60);
    if ((status = child_status(be_inside_shortly, has_waited)) != 0) fprintf(stderr, "fork() did not wait for a thread inside: %#x\n", (unsigned)status);
    if ((status = child_status(be_inside_until_told, has_not)) != 0) fprintf(stderr, "fork() waits for ever: %#x\n", (unsigned)status);
    for (round = 0; round < 200; round++)
        if ((status = child_status(come_and_go, always)) != 0) fprintf(stderr, "fork() among threads that come and go: %#x\n", (unsigned)status);
    return 0;
}

/* What a program's signals and the library have to do with each other: nothing.
 *
 *     signals CONFIGURATION storm SESSIONS      a signal every half millisecond, and system calls that it interrupts are not begun again
 *     signals CONFIGURATION table SESSIONS      every signal's handler stays what it was, and so does the mask
 *     signals CONFIGURATION pipe MILLISECONDS   sessions while somebody ends their connections: SIGPIPE never comes */
#define _GNU_SOURCE
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t storms, pipes;

static void count_storm(int number) {
    (void)number;
    storms++;
}

static void count_pipe(int number) {
    (void)number;
    pipes++;
}

static void handle(int number, void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler; /* Without SA_RESTART. */
    sigaction(number, &action, NULL);
}

/* A handler's fields one by one: between them stand bytes that mean nothing. */
static int are_equal(const struct sigaction *one, const struct sigaction *other) {
    int number;
    if (one->sa_handler != other->sa_handler || one->sa_flags != other->sa_flags) return 0;
    for (number = 1; number < NSIG; number++)
        if (sigismember(&one->sa_mask, number) != sigismember(&other->sa_mask, number)) return 0;
    return 1;
}

static int compare_tables(const char *configuration, long sessions) {
    static struct sigaction before[NSIG], after;
    sigset_t mask_before, mask_after;
    int number, faults = 0;
    for (number = 1; number < NSIG; number++) sigaction(number, NULL, &before[number]);
    sigprocmask(SIG_SETMASK, NULL, &mask_before);
    for (; sessions > 0; sessions--) faults += run_session(configuration, all_is_well);
    sigprocmask(SIG_SETMASK, NULL, &mask_after);
    for (number = 1; number < NSIG; number++) {
        memset(&after, 0, sizeof after);
        sigaction(number, NULL, &after);
        if (!are_equal(&before[number], &after) || sigismember(&mask_before, number) != sigismember(&mask_after, number)) {
            fprintf(stderr, "signal %d is handled otherwise than before\n", number);
            faults++;
        }
    }
    return faults;
}

static int storm(const char *configuration, long sessions) {
    struct itimerval half = {{0, 500}, {0, 500}}, none = {{0, 0}, {0, 0}};
    int faults = 0;
    handle(SIGALRM, count_storm);
    setitimer(ITIMER_REAL, &half, NULL);
    for (; sessions > 0; sessions--) faults += run_session(configuration, all_is_well) + check_marks(configuration);
    setitimer(ITIMER_REAL, &none, NULL);
    if (storms < 10) faults++;
    printf("%d signals\n", (int)storms);
    return faults;
}

static int break_connections(const char *configuration, long milliseconds) {
    struct timespec now;
    long end;
    int faults = 0;
    handle(SIGPIPE, count_pipe);
    clock_gettime(CLOCK_MONOTONIC, &now);
    end = now.tv_sec * 1000 + now.tv_nsec / 1000000 + milliseconds;
    while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < end) {
        faults += run_session(configuration, errors_are_allowed);
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
    if (pipes > 0) fprintf(stderr, "SIGPIPE came %d times\n", (int)pipes);
    printf("%ld requests succeeded, %ld failed\n", session_successes, session_failures);
    return faults + pipes;
}

int main(int argc, char **argv) {
    int faults;
    if (argc != 4) return 2;
    faults = strcmp(argv[2], "storm") == 0   ? storm(argv[1], atol(argv[3]))
             : strcmp(argv[2], "table") == 0 ? compare_tables(argv[1], atol(argv[3]))
                                             : break_connections(argv[1], atol(argv[3]));
    return faults ? 9 : 0;
}

/* The session again and again, each time with one call that fails.
 *
 *     sweep CONFIGURATION uses                                       how often the session uses each call: a line "name uses ways" for each
 *     sweep CONFIGURATION fresh CALL WAY FIRST STEP HASTY [harm]     each in a process that has never used the library, then a session that must succeed
 *     sweep CONFIGURATION again CALL WAY FIRST STEP HASTY [harm]     all in one process, whose descriptors, threads and heap have to stay level
 *     sweep CONFIGURATION clean COUNT                                without failing calls
 *
 * CALL is a name, WAY its number; every STEP-th use from the FIRST one on fails, and -FIRST means: and all later ones, too. HASTY is a
 * configuration with short time limits, for the sessions in which a call may fail: many a failure ends with the time limit alone. With
 * `harm`, that is all of them; else those are not in which nobody may notice the way. At the end stands a line "runs failures slowest":
 * the sessions in which the call failed, requests that failed in them, milliseconds. */
#define _GNU_SOURCE
#include "../../support/programs/entries.h"
#include "fail.h"
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { secondsOfAHang = 300, longestSweep = 3000, quarantine = 260 };

#pragma weak torture_calls
#pragma weak torture_arm
#pragma weak torture_disarm
#pragma weak torture_uses
#pragma weak torture_count_anew
#pragma weak torture_blocks
#pragma weak torture_bytes

struct level { int descriptors, threads; long blocks, bytes; };

static struct level measure(void) {
    struct level level = {count_entries("/proc/self/fd"), count_entries("/proc/self/task"), torture_blocks(), torture_bytes()};
    return level;
}

static const char *configuration, *hasty;
static size_t call;
static int way, is_harmless, is_forever;

/* A session with a failing call. Returns whether it failed, -1 when something was wrong. */
static int torture(long number) {
    int faults, has_failed;
    torture_arm(call, number, way, is_forever);
    faults = is_harmless ? run_session(configuration, all_is_well) : run_session(hasty, errors_are_allowed);
    has_failed = torture_disarm();
    faults += check_marks(configuration);
    if (faults) {
        fprintf(stderr, "    -- at use %ld\n", number);
        return -1;
    }
    return has_failed;
}

/* 0: the call failed and all was well. 1: it was not used so often. Else: bad. */
static int in_a_child(long number, long *failures, long *slowest) {
    int pipe_ends[2], status = 0;
    long figures[2] = {0, 0};
    pid_t child;
    if (pipe(pipe_ends) != 0 || (child = fork()) < 0) return 2;
    if (child == 0) {
        int result;
        alarm(secondsOfAHang);
        result = torture(number);
        if (result >= 0 && run_session(configuration, all_is_well) != 0) fprintf(stderr, "    -- in the session after use %ld\n", number), result = -1;
        figures[0] = session_failures;
        figures[1] = session_slowest;
        if (write(pipe_ends[1], figures, sizeof figures) < 0) result = -1;
        _exit(result < 0 ? 3 : result == 0);
    }
    close(pipe_ends[1]);
    if (read(pipe_ends[0], figures, sizeof figures) == sizeof figures) {
        *failures += figures[0];
        if (figures[1] > *slowest) *slowest = figures[1];
    }
    close(pipe_ends[0]);
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) fprintf(stderr, "use %ld: %s\n", number, WTERMSIG(status) == SIGALRM ? "hangs" : strsignal(WTERMSIG(status)));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

/* What stays after a session has to be the same as after the one before, with the same call failing at the same use. */
static int is_level(long number, struct level before, struct level after) {
    if (before.descriptors == after.descriptors && before.threads == after.threads && before.blocks >= after.blocks) return 1;
    fprintf(stderr, "use %ld: descriptors %d, threads %d, blocks %ld, bytes %ld; before %d %d %ld %ld\n", number, after.descriptors,
            after.threads, after.blocks, after.bytes, before.descriptors, before.threads, before.blocks, before.bytes);
    return 0;
}

static int again(long number) {
    int result, attempt;
    alarm(secondsOfAHang);
    result = torture(number);
    for (attempt = 0; result == 1; attempt++) {
        struct level before = measure();
        result = torture(number);
        if (result < 0 || is_level(number, before, measure())) break;
        /* Why three times: a thread that goes on, or a buffer of the system's that grows, is no leak; what comes every time is one. */
        if (attempt == 3) return -1;
        result = 1;
    }
    return result;
}

static int sweep(int in_children, long first, long step) {
    long number, runs = 0, failures = 0, slowest = 0;
    int bad = 0;
    is_forever = first < 0;
    /* Why: the library keeps two small blocks of each of the last 256 clients that were closed, for calls that come too late. These
     * connect to nothing: hundreds that begin to would fill the server's queue. */
    for (number = 0; number < quarantine && !in_children; number++)
        open_and_close("{\"schema\": \"\", \"datasourceUrl\": \"postgresql://localhost/nothing\"}");
    for (number = labs(first); number < longestSweep; number += step) {
        int result;
        if (in_children) result = in_a_child(number, &failures, &slowest);
        else result = again(number) == -1 ? 3 : !torture_disarm();
        if (result == 1) break;
        runs++;
        bad += result != 0;
        if (bad > 3) break;
    }
    printf("%ld %ld %ld\n", runs, failures + session_failures, slowest > session_slowest ? slowest : session_slowest);
    return bad ? 9 : 0;
}

static int show_uses(void) {
    size_t count, i, k;
    const struct failing_call *calls = torture_calls(&count);
    torture_count_anew();
    if (run_session(configuration, all_is_well) != 0) return 9;
    for (i = 0; i < count; i++) {
        printf("%s %ld", calls[i].name, torture_uses(i));
        for (k = 0; calls[i].ways[k] != LAST; k++)
            if (calls[i].ways[k] != HARMLESS) printf(" %zu", k);
        printf("\n");
    }
    return 0;
}

int main(int argc, char **argv) {
    size_t count, k;
    const struct failing_call *calls = torture_calls ? torture_calls(&count) : NULL;
    if (argc < 3) return 2;
    configuration = argv[1];
    if (strcmp(argv[2], "clean") == 0) {
        long left = argc > 3 ? atol(argv[3]) : 1;
        session_patience = 120000; /* For valgrind, which makes all of it fifty times slower. */
        for (; left > 0; left--)
            if (run_session(configuration, all_is_well) + check_marks(configuration) != 0) return 9;
        return 0;
    }
    if (calls == NULL) return 2;
    if (strcmp(argv[2], "uses") == 0) return show_uses();
    if (argc < 8) return 2;
    hasty = argv[7];
    for (call = 0; call < count && strcmp(calls[call].name, argv[3]) != 0;) call++;
    if (call == count) return 2;
    for (k = 0; k < (size_t)atoi(argv[4]); k++) is_harmless |= calls[call].ways[k] == HARMLESS;
    if (argc > 8) is_harmless = 0;
    way = calls[call].ways[k];
    return sweep(strcmp(argv[2], "fresh") == 0, atol(argv[5]), atol(argv[6]));
}

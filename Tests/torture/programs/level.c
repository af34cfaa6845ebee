/* One operation again and again, from several threads: descriptors, threads and memory have to stay level.
 *
 *     level CONFIGURATION OPERATION COUNT
 *
 * After a tenth, the half and all of the calls the threads have ended, and a line is printed: "descriptors threads heap resident", the
 * latter two in KB. */
#define _GNU_SOURCE
#include "../../support/programs/entries.h"
#include "operations.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { callerCount = 3 };

static int operation;
static struct part { int caller; long first, end; } parts[callerCount];

static void look(void) {
    struct mallinfo2 heap = mallinfo2();
    long resident;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*d %ld", &resident) != 1) exit(3);
    fclose(file);
    printf("%d %d %ld %ld\n", count_entries("/proc/self/fd"), count_entries("/proc/self/task"), (long)(heap.uordblks + heap.hblkhd) / 1024,
           resident * sysconf(_SC_PAGESIZE) / 1024);
}

static void *run(void *argument) {
    struct part *part = argument;
    run_operation(operation, part->caller, part->first, part->end);
    return NULL;
}

/* Makes the calls of these numbers, shared out among the callers. */
static void make_calls(long first, long end) {
    pthread_t threads[callerCount];
    for (int i = 0; i < callerCount; i++) {
        parts[i] = (struct part){i, first + (end - first) * i / callerCount, first + (end - first) * (i + 1) / callerCount};
        if (pthread_create(&threads[i], NULL, run, &parts[i]) != 0) exit(3);
    }
    for (int i = 0; i < callerCount; i++) pthread_join(threads[i], NULL);
}

int main(int argc, char **argv) {
    long ends[] = {0, 0, 0, 0};
    if (argc != 4 || (operation = find_operation(argv[2])) < 0) return 2;
    ends[3] = atol(argv[3]);
    ends[2] = ends[3] / 2;
    ends[1] = ends[3] / 10;
    if (!begin_operations(argv[1])) return 3;
    for (int i = 0; i < 3; i++) {
        make_calls(ends[i], ends[i + 1]);
        drop_log();
        look();
    }
    end_operations();
    return 0;
}

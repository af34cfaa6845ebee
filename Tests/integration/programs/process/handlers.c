/* Which signals have a handler after the library was loaded: none. Silent when all is well.
 *
 *     handlers LIBRARY */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>

int main(int argc, char **argv) {
    struct sigaction action;
    int number, faults = 0;
    if (argc != 2 || dlopen(argv[1], RTLD_NOW) == NULL) return 2;
    for (number = 1; number < NSIG; number++)
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) {
            fprintf(stderr, "signal %d has a handler\n", number);
            faults++;
        }
    return faults != 0;
}

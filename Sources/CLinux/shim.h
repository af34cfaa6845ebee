#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Why not _GNU_SOURCE: it changes the fields of fd_set, and then this module and the Glibc that Foundation (of tests) imports
 * contradict each other. What is wanted of it is declared here. */
int sched_getcpu(void);
int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *deadline);

#include "threads.h"
#include "stack.h"
#include "calls.h"
#include "sockets.h"

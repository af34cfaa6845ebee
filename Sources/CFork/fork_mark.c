#include "include/fork_mark.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WIPE_ON_FORK = 18 /* MADV_WIPEONFORK: not every glibc has the name. */ };

static uint64_t unwiped;
static uint64_t *mark = &unwiped;

uint64_t *fork_mark(void) { return mark; }

/* Always, and not only where the page is not wiped: it costs nothing. */
static void forget(void) { *mark = 0; }

/* Why when the library is loaded: what a thread of the host sees of `mark` has to be the same for ever. */
__attribute__((constructor)) static void install(void) {
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_atfork(NULL, NULL, forget);
    if (page == MAP_FAILED) return;
    if (madvise(page, size, WIPE_ON_FORK) == 0)
        mark = page;
    else
        munmap(page, size);
}

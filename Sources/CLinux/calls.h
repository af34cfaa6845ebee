/* What the system's headers have as macros or with variable arguments, which Swift cannot call. */
#ifndef ACCELERANT_LINUX_CALLS_H
#define ACCELERANT_LINUX_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>

static inline int linux_errno(void) { return errno; }

static inline int linux_open_to_read(const char *path) {
    /* Why O_NONBLOCK: a named pipe must not make us wait for its writer. */
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static inline bool linux_is_regular_file(const struct stat *facts) { return S_ISREG(facts->st_mode); }

/* A page of zeros that a child of fork() finds as zeros again; NULL when there is none. */
static inline void *linux_map_wiped_on_fork(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    madvise(memory, size, 18 /* MADV_WIPEONFORK: not every glibc has the name */);
    return memory;
}

/* Whether the bytes of `part` stand somewhere in those of `whole`. */
static inline bool linux_contains(const void *whole, size_t size, const void *part, size_t part_size) {
    /* Why declared here: the headers tell of it to those alone who ask for all of GNU. */
    extern void *memmem(const void *, size_t, const void *, size_t);
    return memmem(whole, size, part, part_size) != NULL;
}

#endif

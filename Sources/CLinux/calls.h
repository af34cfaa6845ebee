/* What the system's headers have as macros or with variable arguments, which Swift cannot call. */
#ifndef ACCELERANT_LINUX_CALLS_H
#define ACCELERANT_LINUX_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* Moves a private mapping to one of another size, pages and not bytes; NULL when there is no room. */
static inline void *linux_remap(void *memory, size_t old_size, size_t new_size) {
    /* Why by number: the function needs _GNU_SOURCE. */
    long moved = syscall(SYS_mremap, memory, old_size, new_size, 1 /* MREMAP_MAYMOVE */);
    return moved == -1 ? NULL : (void *)moved;
}

#endif

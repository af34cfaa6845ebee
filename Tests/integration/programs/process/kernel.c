/* Another kernel, as far as the library can tell: to be loaded before it (LD_PRELOAD).
 *
 *     KERNEL=wipe      knows no MADV_WIPEONFORK (before Linux 4.14, some sandboxes)
 *     KERNEL=locked    takes no memory back, as of a process after mlockall()
 *     KERNEL=64k       pages of 64 KiB */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE (64UL << 10)

static int is(const char *kernel) {
    const char *value = getenv("KERNEL");
    return value && strcmp(value, kernel) == 0;
}

static size_t whole(size_t size) { return (size + PAGE - 1) & ~(PAGE - 1); }

static int refuse(void) {
    errno = EINVAL;
    return -1;
}

/* glibc's own calls of these do not come by here. */
int madvise(void *start, size_t size, int advice) {
    if (advice == 18 && is("wipe")) return refuse();
    if (advice == MADV_DONTNEED && is("locked")) return refuse();
    if (is("64k")) {
        if ((uintptr_t)start % PAGE) return refuse();
        size = whole(size);
    }
    return (int)syscall(SYS_madvise, start, size, advice, 0, 0, 0);
}

static long call(long number, long a, long b, long c, long d, long e, long f) {
    static long (*next)(long, ...);
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, "syscall");
    return next(number, a, b, c, d, e, f);
}

/* A mapping that begins where a page does. */
static void *map(void *hint, size_t size, int protection, int flags, int descriptor, long offset) {
    char *base;
    size_t before;
    if (!is("64k") || (flags & MAP_FIXED) || descriptor >= 0) return (void *)call(SYS_mmap, (long)hint, (long)size, protection, flags, descriptor, offset);
    size = whole(size);
    base = (char *)call(SYS_mmap, 0, (long)(size + PAGE), protection, flags, -1, 0);
    if ((void *)base == MAP_FAILED) return base;
    before = (PAGE - (uintptr_t)base % PAGE) % PAGE;
    if (before) munmap(base, before);
    if (before < PAGE) munmap(base + before + size, PAGE - before);
    return base + before;
}

void *mmap(void *hint, size_t size, int protection, int flags, int descriptor, off_t offset) {
    return map(hint, size, protection, flags, descriptor, offset);
}

/* The library's mremap() is a bare call. */
long syscall(long number, ...) {
    long arguments[6];
    void *moved;
    int i;
    va_list list;
    va_start(list, number);
    for (i = 0; i < 6; i++) arguments[i] = va_arg(list, long);
    va_end(list);
    if (number != SYS_mremap || !is("64k")) return call(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    moved = map(NULL, (size_t)arguments[2], PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (moved == MAP_FAILED) return -1;
    memcpy(moved, (void *)arguments[0], (size_t)(arguments[1] < arguments[2] ? arguments[1] : arguments[2]));
    munmap((void *)arguments[0], whole((size_t)arguments[1]));
    return (long)moved;
}

long sysconf(int name) {
    static long (*next)(int);
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, "sysconf");
    return name == _SC_PAGESIZE && is("64k") ? (long)PAGE : next(name);
}

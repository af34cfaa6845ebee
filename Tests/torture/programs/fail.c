/* Preloaded: calls that the library and libpq make fail at the use that a test names, and the heap is counted. */
#define _GNU_SOURCE
#include "fail.h"

#include <dlfcn.h>
#include <errno.h>
#include <libpq-fe.h>
#include <link.h>
#include <malloc.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Each call, and the ways in which it fails. Memory fails for libpq alone: Swift's runtime ends the process when it gets none, and so
 * does the cache when it gets no pages. A byte at a time is harm to `send`, since libpq takes the packet that begins a session for lost
 * when the socket does not take all of it. */
#define CALLS(F) \
    F(PQconnectStartParams, BY_RESULT) F(PQconnectPoll, BY_RESULT) F(PQsetnonblocking, BY_RESULT) F(PQconndefaults, BY_RESULT) \
    F(PQsendPrepare, BY_RESULT) F(PQsendDescribePrepared, BY_RESULT) F(PQsendQueryPrepared, BY_RESULT) F(PQsendQueryParams, BY_RESULT) \
    F(PQenterPipelineMode, BY_RESULT) F(PQpipelineSync, BY_RESULT) F(PQsendFlushRequest, BY_RESULT) F(PQexitPipelineMode, BY_RESULT) \
    F(PQflush, BY_RESULT) F(PQconsumeInput, BY_RESULT) F(PQgetResult, ENOMEM, BY_RESULT) F(PQsocket, BY_RESULT) \
    F(fmemopen, ENOMEM) F(libpq_memory, ENOMEM) \
    F(socket, EMFILE, ENOBUFS) F(connect, ECONNREFUSED, EAGAIN, HARMLESS, EINTR) F(getsockopt, ENOBUFS) F(setsockopt, ENOBUFS) \
    F(getpeername, ENOTCONN) F(getsockname, ENOBUFS) F(close, HARMLESS, EINTR) \
    F(ioctl, ENOTTY) F(fcntl, EINVAL) F(poll, ENOMEM, HARMLESS, EINTR, EAGAIN) F(send, ECONNRESET, EPIPE, BY_CRUMBS, HARMLESS, EINTR) \
    F(recv, ECONNRESET, BY_END, HARMLESS, EINTR, BY_CRUMBS) F(eventfd, EMFILE) F(read, EIO, HARMLESS, EINTR) \
    F(write, ENOSPC, HARMLESS, EINTR) F(open, EMFILE, HARMLESS, EINTR) F(fstat, EOVERFLOW) F(madvise, EINVAL) \
    F(pthread_create, EAGAIN) F(pthread_key_create, EAGAIN) F(getrandom, ENOSYS, HARMLESS, EINTR) F(getpwuid_r, EMFILE) \
    F(getaddrinfo, EAI_MEMORY) F(syscall, EPERM, HARMLESS, EINTR) F(sem_clockwait, HARMLESS, EINTR) \
    F(nanosleep, HARMLESS, EINTR) F(usleep, HARMLESS, EINTR) F(pthread_cond_timedwait, HARMLESS, EINTR)

#define NUMBER(name, ...) of_##name,
enum { CALLS(NUMBER) callCount };
#define ROW(name, ...) {#name, {__VA_ARGS__, LAST}},
static const struct failing_call calls[] = {CALLS(ROW)};

static atomic_long uses[callCount], blocks, bytes;
static _Atomic size_t armed = callCount;
static atomic_long armed_number;
static atomic_int armed_way, armed_forever, has_failed;

/* Where the code of libpq and of the library is: [0] and [1]. */
static struct { uintptr_t first, end; } ranges[2];

static int find(struct dl_phdr_info *info, size_t size, void *unused) {
    int which = strstr(info->dlpi_name, "libpq.so") ? 0 : strstr(info->dlpi_name, "libaccelerant.so") ? 1 : -1;
    (void)size, (void)unused;
    for (int i = 0; which >= 0 && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        ranges[which].first = info->dlpi_addr + part->p_vaddr;
        ranges[which].end = ranges[which].first + part->p_memsz;
    }
    return 0;
}

const struct failing_call *torture_calls(size_t *count) {
    if (!ranges[1].first) dl_iterate_phdr(find, NULL);
    *count = callCount;
    return calls;
}

void torture_count_anew(void) {
    for (int i = 0; i < callCount; i++) uses[i] = 0;
}

void torture_arm(size_t call, long number, int way, int forever) {
    torture_count_anew();
    armed_number = number;
    armed_way = way;
    armed_forever = forever;
    has_failed = 0;
    armed = call;
}

int torture_disarm(void) {
    armed = callCount;
    return has_failed;
}

long torture_uses(size_t call) { return uses[call]; }
long torture_blocks(void) { return blocks; }
long torture_bytes(void) { return bytes; }

static int is_in(int range, const void *caller) { return (uintptr_t)caller - ranges[range].first < ranges[range].end - ranges[range].first; }

/* Whether this use of a call fails: in a way other than LAST. */
static int use(size_t call, int is_counted) {
    long number;
    int way;
    if (!is_counted) return LAST;
    number = atomic_fetch_add(&uses[call], 1) + 1;
    if (armed != call || number < armed_number || (number > armed_number && !armed_forever)) return LAST;
    way = armed_way;
    has_failed = 1;
    if (way > 0) errno = way;
    return way;
}

#define ASK(name) use(of_##name, is_in(0, __builtin_return_address(0)) || is_in(1, __builtin_return_address(0)))
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* A function that fails with a value, whatever the way. */
#define FAILS(type, name, failure, parameters, arguments) \
    type name parameters { return ASK(name) != LAST ? (failure) : REAL(name) arguments; }

FAILS(PGconn *, PQconnectStartParams, NULL, (const char *const *k, const char *const *v, int e), (k, v, e))
FAILS(PostgresPollingStatusType, PQconnectPoll, PGRES_POLLING_FAILED, (PGconn *c), (c))
FAILS(int, PQsetnonblocking, -1, (PGconn *c, int on), (c, on))
FAILS(PQconninfoOption *, PQconndefaults, NULL, (void), ())
FAILS(int, PQsendPrepare, 0, (PGconn *c, const char *n, const char *q, int count, const Oid *t), (c, n, q, count, t))
FAILS(int, PQsendDescribePrepared, 0, (PGconn *c, const char *n), (c, n))
FAILS(int, PQsendQueryPrepared, 0, (PGconn *c, const char *n, int count, const char *const *v, const int *l, const int *f, int r), (c, n, count, v, l, f, r))
FAILS(int, PQsendQueryParams, 0, (PGconn *c, const char *q, int count, const Oid *t, const char *const *v, const int *l, const int *f, int r),
      (c, q, count, t, v, l, f, r))
FAILS(int, PQenterPipelineMode, 0, (PGconn *c), (c))
FAILS(int, PQpipelineSync, 0, (PGconn *c), (c))
FAILS(int, PQsendFlushRequest, 0, (PGconn *c), (c))
FAILS(int, PQexitPipelineMode, 0, (PGconn *c), (c))
FAILS(int, PQflush, -1, (PGconn *c), (c))
FAILS(int, PQconsumeInput, 0, (PGconn *c), (c))
FAILS(int, PQsocket, -1, (const PGconn *c), (c))
FAILS(FILE *, fmemopen, NULL, (void *m, size_t s, const char *mode), (m, s, mode))
FAILS(int, socket, -1, (int d, int t, int p), (d, t, p))
FAILS(int, getsockopt, -1, (int s, int l, int n, void *restrict v, socklen_t *restrict z), (s, l, n, v, z))
FAILS(int, setsockopt, -1, (int s, int l, int n, const void *v, socklen_t z), (s, l, n, v, z))
FAILS(int, poll, -1, (struct pollfd *p, nfds_t n, int t), (p, n, t))
FAILS(int, eventfd, -1, (unsigned v, int f), (v, f))
FAILS(ssize_t, read, -1, (int f, void *b, size_t n), (f, b, n))
FAILS(ssize_t, write, -1, (int f, const void *b, size_t n), (f, b, n))
FAILS(int, fstat, -1, (int f, struct stat *s), (f, s))
FAILS(int, madvise, -1, (void *a, size_t n, int w), (a, n, w))
FAILS(int, pthread_create, EAGAIN, (pthread_t *t, const pthread_attr_t *a, void *(*run)(void *), void *x), (t, a, run, x))
FAILS(int, pthread_key_create, EAGAIN, (pthread_key_t *k, void (*end)(void *)), (k, end))
FAILS(ssize_t, getrandom, -1, (void *b, size_t n, unsigned f), (b, n, f))
FAILS(int, getpwuid_r, (*r = NULL, EMFILE), (uid_t u, struct passwd *p, char *b, size_t n, struct passwd **r), (u, p, b, n, r))
FAILS(int, getaddrinfo, EAI_MEMORY, (const char *n, const char *s, const struct addrinfo *h, struct addrinfo **f), (n, s, h, f))
FAILS(int, sem_clockwait, -1, (sem_t *s, clockid_t c, const struct timespec *d), (s, c, d))
FAILS(int, nanosleep, -1, (const struct timespec *d, struct timespec *r), (d, r))
FAILS(int, usleep, -1, (useconds_t d), (d))
/* It wakes for no reason, which it may. */
FAILS(int, pthread_cond_timedwait, 0, (pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *d), (c, m, d))

int getpeername(int s, __SOCKADDR_ARG a, socklen_t *restrict n) { return ASK(getpeername) != LAST ? -1 : REAL(getpeername)(s, a, n); }

int getsockname(int s, __SOCKADDR_ARG a, socklen_t *restrict n) { return ASK(getsockname) != LAST ? -1 : REAL(getsockname)(s, a, n); }

/* Linux has closed it all the same. */
int close(int f) {
    int way = ASK(close), result = REAL(close)(f);
    if (way != LAST) errno = way;
    return way == LAST ? result : -1;
}

int connect(int s, __CONST_SOCKADDR_ARG a, socklen_t n) {
    int way = ASK(connect), result;
    if (way != LAST && way != EINTR) return -1;
    result = REAL(connect)(s, a, n);
    /* Why the real one first: a connect that a signal interrupts goes on. */
    if (way == EINTR && result == 0) errno = EINTR, result = -1;
    return result;
}

ssize_t send(int s, const void *b, size_t n, int f) {
    int way = ASK(send);
    /* Why: of a connection that is gone nothing comes back, either. */
    if (way > 0 && way != EINTR) {
        shutdown(s, SHUT_RDWR);
        errno = way;
    }
    return way == LAST ? REAL(send)(s, b, n, f) : way == BY_CRUMBS ? REAL(send)(s, b, n ? 1 : 0, f) : -1;
}

ssize_t recv(int s, void *b, size_t n, int f) {
    int way = ASK(recv);
    if (way == BY_END) return 0;
    return way == LAST ? REAL(recv)(s, b, n, f) : way == BY_CRUMBS ? REAL(recv)(s, b, n ? 1 : 0, f) : -1;
}

/* Without memory libpq gives an error in the place of the reply; BY_RESULT is none at all. */
PGresult *PQgetResult(PGconn *c) {
    int way = ASK(PQgetResult);
    PGresult *result;
    if (way == BY_RESULT) return NULL;
    result = REAL(PQgetResult)(c);
    if (way != ENOMEM || result == NULL || PQresultStatus(result) == PGRES_PIPELINE_SYNC) return result;
    PQclear(result);
    return PQmakeEmptyPGresult(c, PGRES_FATAL_ERROR);
}

/* Why so: the arguments of these vary, and all of them are words. */
#define WORDS(name, first, type) \
    type word[6]; va_list list; va_start(list, first); for (int i = 0; i < 6; i++) word[i] = va_arg(list, type); va_end(list)

int ioctl(int f, unsigned long what, ...) {
    int way = ASK(ioctl);
    WORDS(ioctl, what, long);
    return way != LAST ? -1 : ((int (*)(int, unsigned long, long))dlsym(RTLD_NEXT, "ioctl"))(f, what, word[0]);
}

int fcntl(int f, int what, ...) {
    int way = ASK(fcntl);
    WORDS(fcntl, what, long);
    return way != LAST ? -1 : ((int (*)(int, int, long))dlsym(RTLD_NEXT, "fcntl"))(f, what, word[0]);
}

int open(const char *path, int flags, ...) {
    int way = ASK(open);
    WORDS(open, flags, long);
    return way != LAST ? -1 : ((int (*)(const char *, int, long))dlsym(RTLD_NEXT, "open"))(path, flags, word[0]);
}

long syscall(long number, ...) {
    int way = ASK(syscall);
    WORDS(syscall, number, long);
    if (way != LAST) return -1;
    return ((long (*)(long, long, long, long, long, long, long))dlsym(RTLD_NEXT, "syscall"))(
        number, word[0], word[1], word[2], word[3], word[4], word[5]);
}

/* The heap. */
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void *count(void *block) {
    if (block == NULL) return NULL;
    blocks++;
    bytes += (long)malloc_usable_size(block);
    return block;
}

static void discount(void *block) {
    if (block == NULL) return;
    blocks--;
    bytes -= (long)malloc_usable_size(block);
}

#define NO_MEMORY (use(of_libpq_memory, is_in(0, __builtin_return_address(0))) != LAST)

void *malloc(size_t size) { return NO_MEMORY ? NULL : count(__libc_malloc(size)); }
void *calloc(size_t number, size_t size) { return NO_MEMORY ? NULL : count(__libc_calloc(number, size)); }

void *realloc(void *block, size_t size) {
    long before;
    void *moved;
    if (NO_MEMORY) return NULL;
    before = block ? (long)malloc_usable_size(block) : 0;
    moved = __libc_realloc(block, size);
    if (moved || size == 0) {
        blocks += (moved != NULL) - (block != NULL);
        bytes += (moved ? (long)malloc_usable_size(moved) : 0) - before;
    }
    return moved;
}

void free(void *block) {
    discount(block);
    __libc_free(block);
}

void *memalign(size_t alignment, size_t size) { return count(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return count(__libc_memalign(alignment, size)); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = count(__libc_memalign(alignment, size));
    return *block ? 0 : ENOMEM;
}

/* Counts what a call of the library asks of the system on the caller's thread: memory by malloc, and system calls of a hit.
 *
 *     allocations CONFIGURATION        the database holds users 1 to 4
 *
 * Prints one line of JSON: for each kind of call how often the library and libpq allocated, as most of its repetitions did.
 * A hit that makes a system call ends the program by SIGSYS. */
#define _GNU_SOURCE
#include <accelerant.h>

#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- malloc and its kin, counted by who called ---- */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static __thread int is_counting;
static __thread unsigned by_library, by_libpq;
static const void *library_base, *libpq_base;

static void count(const void *caller) {
    Dl_info place;
    if (!is_counting) return;
    is_counting = 0; /* dladdr may allocate */
    if (dladdr(caller, &place)) {
        by_library += place.dli_fbase == library_base;
        by_libpq += place.dli_fbase == libpq_base;
    }
    is_counting = 1;
}

void *malloc(size_t size) {
    count(__builtin_return_address(0));
    return __libc_malloc(size);
}
void *calloc(size_t count_, size_t size) {
    count(__builtin_return_address(0));
    return __libc_calloc(count_, size);
}
void *realloc(void *old, size_t size) {
    count(__builtin_return_address(0));
    return __libc_realloc(old, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    count(__builtin_return_address(0));
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **out, size_t alignment, size_t size) {
    count(__builtin_return_address(0));
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

/* ---- the calls ---- */

enum { REPETITIONS = 201, HITS = 1000 };

static accelerant_client *client;

static void ask(const char *request) {
    accelerant_reply *reply;
    if (accelerant_query(client, request, strlen(request), &reply) != ACCELERANT_OK) {
        fprintf(stderr, "%s: %s\n", request, accelerant_reply_error(reply, NULL));
        exit(1);
    }
    accelerant_reply_data(reply, NULL);
    accelerant_reply_free(reply);
}

static int compare(const void *left, const void *right) { return (int)(*(unsigned *)left - *(unsigned *)right); }

/* Asks again and again, each time with the next number where the request has a %d, and prints the medians of what was allocated. */
static void measure(const char *name, const char *format, const char *end) {
    unsigned library[REPETITIONS], libpq[REPETITIONS];
    char request[512];
    for (int i = 0; i < REPETITIONS; i++) {
        snprintf(request, sizeof request, format, 1000 + i);
        by_library = by_libpq = 0;
        is_counting = 1;
        ask(request);
        is_counting = 0;
        library[i] = by_library;
        libpq[i] = by_libpq;
    }
    qsort(library, REPETITIONS, sizeof *library, compare);
    qsort(libpq, REPETITIONS, sizeof *libpq, compare);
    printf("\"%s\": {\"library\": %u, \"libpq\": %u}%s", name, library[REPETITIONS / 2], libpq[REPETITIONS / 2], end);
}

/* From now on a system call kills the program, unless it ends it or reads a clock. */
static void forbid_system_calls(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_gettime, 1, 0), /* some virtual machines have it in the kernel alone */
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("seccomp");
        exit(1);
    }
}

static const void *base_of(const void *symbol) {
    Dl_info place;
    return dladdr(symbol, &place) ? place.dli_fbase : NULL;
}

#define READ "{\"model\": \"User\", \"operation\": \"findUnique\", \"args\": {\"where\": {\"id\": %d}"
#define HIT "{\"model\": \"User\", \"operation\": \"findUnique\", \"args\": {\"where\": {\"id\": 1}, \"cacheStrategy\": {\"ttl\": 60, \"tags\": [\"a\"]}}}"

int main(int count_, char **arguments) {
    if (count_ != 2 || accelerant_open(arguments[1], strlen(arguments[1]), &client, NULL) != ACCELERANT_OK) return 2;
    ask(HIT); /* loads libpq */
    library_base = base_of((const void *)accelerant_query);
    libpq_base = base_of(dlsym(RTLD_DEFAULT, "PQexec"));
    if (libpq_base == NULL) return 2;
    putchar('{');
    measure("hit", HIT, ", ");
    measure("miss", READ ", \"cacheStrategy\": {\"ttl\": 60}}}", ", ");
    measure("uncached", READ "}}", "}\n");
    fflush(stdout);
    for (int i = 0; i < HITS; i++) ask(HIT);
    forbid_system_calls();
    for (int i = 0; i < HITS; i++) ask(HIT);
    _exit(0);
}

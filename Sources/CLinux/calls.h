/* What the system's headers have as macros or with variable arguments, which Swift cannot call. */
#ifndef ACCELERANT_LINUX_CALLS_H
#define ACCELERANT_LINUX_CALLS_H

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int linux_errno(void) { return errno; }

static inline int linux_open_to_read(const char *path) {
    /* Why O_NONBLOCK: a named pipe must not make us wait for its writer. */
    int descriptor;
    do descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* A new file, or one that is there and is no link; only its owner may read it. */
static inline int linux_open_to_write(const char *path) {
    int descriptor;
    do descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* What the system says of an error, in the process's language. */
static inline const char *linux_error_words(int number, char *words, size_t size) {
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
    return strerror_r(number, words, size);
#else
    return strerror_r(number, words, size) == 0 ? words : NULL;
#endif
}

/* The same of a name that cannot be looked up; NULL where there are no more of them. */
static inline const char *linux_lookup_words(int index) {
    static const int numbers[] = {EAI_NONAME, EAI_AGAIN, EAI_FAIL};
    return index >= 0 && index < 3 ? gai_strerror(numbers[index]) : NULL;
}

/* Makes an eventfd readable. */
static inline void linux_ring(int descriptor) {
    uint64_t one = 1;
    while (write(descriptor, &one, sizeof one) < 0 && errno == EINTR) {}
}

/* Makes it unreadable again. */
static inline void linux_silence(int descriptor) {
    uint64_t count;
    while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR) {}
}

static inline bool linux_is_folder(const char *path) {
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* The name of the next entry of a folder, good until the next call; NULL at the end. */
static inline const char *linux_next_entry(DIR *folder) {
    struct dirent *entry = readdir(folder);
    return entry ? entry->d_name : NULL;
}

static inline bool linux_is_regular_file(const struct stat *facts) { return S_ISREG(facts->st_mode); }

/* Whether the bytes of `part` stand somewhere in those of `whole`. */
static inline bool linux_contains(const void *whole, size_t size, const void *part, size_t part_size) {
    /* Why declared here: the headers tell of it to those alone who ask for all of GNU. */
    extern void *memmem(const void *, size_t, const void *, size_t);
    return memmem(whole, size, part, part_size) != NULL;
}

/* The name of the user that the process runs as. */
static inline void linux_user_name(char *name, size_t size) {
    char room[1024];
    struct passwd entry, *found = NULL;
    name[0] = 0;
    if (getpwuid_r(geteuid(), &entry, room, sizeof room, &found) == 0 && found) {
        strncpy(name, found->pw_name, size - 1);
        name[size - 1] = 0;
    }
}

/* Moves a private mapping to one of another size, pages and not bytes; NULL when there is no room. */
static inline void *linux_remap(void *memory, size_t old_size, size_t new_size) {
    /* Why by number: the function needs _GNU_SOURCE. */
    long moved = syscall(SYS_mremap, memory, old_size, new_size, 1 /* MREMAP_MAYMOVE */);
    return moved == -1 ? NULL : (void *)moved;
}

/* The file that this code was loaded from; NULL where that is not known. Why by its name: the declaration needs _GNU_SOURCE. */
struct linux_code_place {
    const char *file;
    void *start;
    const char *symbol;
    void *address;
};
extern int linux_find_code(const void *address, struct linux_code_place *place) __asm__("dladdr");

static const char linux_own_mark = 0;
static inline const char *linux_own_path(void) {
    struct linux_code_place place;
    return linux_find_code(&linux_own_mark, &place) ? place.file : NULL;
}

#endif

/* Finds the functions of libaccelerant. */
#define _GNU_SOURCE
#include "addon.h"

#include <dlfcn.h>
#include <pthread.h>

struct library library;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool loaded;

#define FIND(name)                                                                 \
    do {                                                                           \
        *(void **)&library.name = dlsym(file, "accelerant_" #name);                \
        if (!library.name) {                                                       \
            reason = "it has no function accelerant_" #name ": an older version?"; \
            goto done;                                                             \
        }                                                                          \
    } while (0)

/* Why: a process may end while threads of the library are in the midst of TLS, and OpenSSL takes its locks away at its end. That can be
 * forbidden before its first use alone. Of the OpenSSL that libpq has: Node's own is another one. */
static void keep_openssl(void *file) {
    enum { INIT_NO_ATEXIT = 0x00080000 };
    int (*initialize)(uint64_t, const void *);
    *(void **)&initialize = dlsym(file, "OPENSSL_init_crypto");
    if (initialize) initialize(INIT_NO_ATEXIT, NULL);
}

const char *library_load(const char *path) {
    const char *reason = NULL;
    pthread_mutex_lock(&lock);
    if (loaded) goto done;
    /* Why RTLD_DEEPBIND: Node exports the symbols of the OpenSSL that is linked into it. libpq has to use the libssl that it was
     * built for, and would find Node's first. */
    void *file = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (!file) {
        reason = dlerror();
        goto done;
    }
    keep_openssl(file);
    FIND(version);
    FIND(status_name);
    FIND(open);
    FIND(close);
    FIND(query);
    FIND(request);
    FIND(descriptor);
    FIND(take);
    FIND(cancel);
    FIND(reply_status);
    FIND(reply_data);
    FIND(reply_info);
    FIND(reply_error);
    FIND(reply_free);
    loaded = true;
done:
    pthread_mutex_unlock(&lock);
    return reason;
}

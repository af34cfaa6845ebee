#define _GNU_SOURCE

#if __has_include(<openssl/ssl.h>) && !defined(ACCELERANT_WITHOUT_OPENSSL)

#include "tls_context.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Why: OpenSSL would ask for it on the terminal. */
static int no_password(char *bytes, int size, int is_writing, void *data) {
    (void)bytes, (void)size, (void)is_writing, (void)data;
    return 0;
}

/* Reads the files that the address names. The reason where one cannot be used. */
static const char *configure(SSL_CTX *context, const struct tier_address *address) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    if (address->root_certificate) {
        if (SSL_CTX_load_verify_locations(context, address->root_certificate, NULL) != 1) return "the file of `sslrootcert` has no certificates that can be read";
    } else if (SSL_CTX_set_default_verify_paths(context) != 1) {
        return "the system's certificates cannot be read: name a file by `sslrootcert`";
    }
    if (address->certificate && SSL_CTX_use_certificate_chain_file(context, address->certificate) != 1) {
        return "the file of `sslcert` has no certificate that can be read";
    }
    if (address->private_key && SSL_CTX_use_PrivateKey_file(context, address->private_key, SSL_FILETYPE_PEM) != 1) {
        return "the file of `sslkey` has no key that can be read and belongs to `sslcert`";
    }
    return NULL;
}

/* Whether a file could not be used because there is no memory, which is no mistake of the file. */
static int is_out_of_memory(void) {
    unsigned long error;
    while ((error = ERR_get_error()) != 0) {
        if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE || (ERR_GET_LIB(error) == ERR_LIB_SYS && ERR_GET_REASON(error) == ENOMEM)) return 1;
    }
    return 0;
}

#define FILES 3

/* The files of a configuration as they were before they were read. A path that is not named is empty. */
struct files {
    int has_root;
    char *paths[FILES];
    struct stat status[FILES];
};

/* The file of the system's certificates, as OpenSSL finds it. */
static const char *system_certificates(void) {
    const char *named = secure_getenv(X509_get_default_cert_file_env());
    return named ? named : X509_get_default_cert_file();
}

static void forget(struct files *files) {
    for (int index = 0; index < FILES; index++) free(files->paths[index]);
    memset(files, 0, sizeof *files);
}

/* Whether there was memory for them. */
static int look_at(struct files *files, const struct tier_address *address) {
    const char *names[FILES] = {address->root_certificate ? address->root_certificate : system_certificates(), address->certificate, address->private_key};
    memset(files, 0, sizeof *files);
    files->has_root = address->root_certificate != NULL;
    for (int index = 0; index < FILES; index++) {
        files->paths[index] = strdup(names[index] ? names[index] : "");
        if (!files->paths[index]) {
            forget(files);
            return 0;
        }
        /* One that is not there stays as zeros. */
        if (stat(files->paths[index], &files->status[index]) != 0) memset(&files->status[index], 0, sizeof files->status[index]);
    }
    return 1;
}

static int are_same(const struct files *left, const struct files *right) {
    if (left->has_root != right->has_root) return 0;
    for (int index = 0; index < FILES; index++) {
        const struct stat *a = &left->status[index], *b = &right->status[index];
        if (!left->paths[index] || !right->paths[index] || strcmp(left->paths[index], right->paths[index]) != 0) return 0;
        if (a->st_dev != b->st_dev || a->st_ino != b->st_ino || a->st_size != b->st_size) return 0;
        if (a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec) return 0;
        if (a->st_ctim.tv_sec != b->st_ctim.tv_sec || a->st_ctim.tv_nsec != b->st_ctim.tv_nsec) return 0;
    }
    return 1;
}

/* The context that was made last. Why kept: reading the system's certificates takes 20 ms of a processor and a megabyte, for each connection.
 * Why never waited for: after fork() a lock that another thread had stays locked in the child. */
static struct {
    pthread_mutex_t lock;
    SSL_CTX *context;
    struct files files;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* NULL where the one that is kept is of other files, or they have changed. */
static SSL_CTX *take_kept(const struct files *files) {
    SSL_CTX *context = NULL;
    if (pthread_mutex_trylock(&kept.lock) != 0) return NULL;
    if (kept.context && are_same(&kept.files, files) && SSL_CTX_up_ref(kept.context) == 1) context = kept.context;
    pthread_mutex_unlock(&kept.lock);
    return context;
}

/* Takes the files over. */
static void keep(SSL_CTX *context, struct files *files) {
    SSL_CTX *former = NULL;
    if (SSL_CTX_up_ref(context) == 1) {
        if (pthread_mutex_trylock(&kept.lock) == 0) {
            former = kept.context;
            struct files old = kept.files;
            kept.context = context;
            kept.files = *files;
            *files = old;
            pthread_mutex_unlock(&kept.lock);
        } else {
            former = context;
        }
    }
    SSL_CTX_free(former);
    forget(files);
}

SSL_CTX *tls_context(const struct tier_address *address, const char **mistake, int32_t *is_mistake) {
    struct files files;
    *mistake = NULL;
    *is_mistake = 0;
    /* Why before they are read: a file that changes meanwhile is read again by the next one. */
    if (!look_at(&files, address)) return NULL;
    SSL_CTX *context = take_kept(&files);
    if (context) {
        forget(&files);
        return context;
    }
    context = SSL_CTX_new(TLS_client_method());
    if (context) *mistake = configure(context, address);
    if (!context || *mistake) {
        *is_mistake = *mistake && !is_out_of_memory();
        SSL_CTX_free(context);
        forget(&files);
        return NULL;
    }
    keep(context, &files);
    return context;
}

#else

typedef int no_tls_context;

#endif

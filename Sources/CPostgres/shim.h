#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>

/* A stream that writes into `memory`; what does not fit is dropped. NULL when the system gives none. */
static inline FILE *postgres_open_memory(char *memory, size_t size) {
    FILE *stream = fmemopen(memory, size, "w");
    if (stream) setvbuf(stream, NULL, _IONBF, 0);
    return stream;
}

static inline void postgres_close_memory(FILE *stream) { fclose(stream); }

/* OpenSSL's, where libpq has it: null elsewhere. */
extern int OPENSSL_init_crypto(uint64_t options, const void *settings) __attribute__((weak));

/* Keeps OpenSSL's locks and tables when the process ends. Has no effect once the process has used OpenSSL.
 * Why: `exit` takes them away while other threads may be in the midst of TLS. */
static inline void postgres_keep_openssl(void) {
    enum { INIT_NO_ATEXIT = 0x00080000 };
    if (OPENSSL_init_crypto) OPENSSL_init_crypto(INIT_NO_ATEXIT, NULL);
}

/* Since libpq 17: null in those before it. */
extern int PQsendPipelineSync(PGconn *connection) __attribute__((weak));

/* Without it each sync is sent by a call of its own. */
static inline int postgres_queues_syncs(void) { return PQsendPipelineSync != NULL; }

static inline int postgres_queue_sync(PGconn *connection) {
    return PQsendPipelineSync ? PQsendPipelineSync(connection) : PQpipelineSync(connection);
}

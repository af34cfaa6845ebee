#include <libpq-fe.h>
#include <stdio.h>

/* A stream that writes into `memory`; what does not fit is dropped. NULL when the system gives none. */
static inline FILE *postgres_open_memory(char *memory, size_t size) {
    FILE *stream = fmemopen(memory, size, "w");
    if (stream) setvbuf(stream, NULL, _IONBF, 0);
    return stream;
}

static inline void postgres_close_memory(FILE *stream) { fclose(stream); }

/* Since libpq 17: null in those before it. */
extern int PQsendPipelineSync(PGconn *connection) __attribute__((weak));

static inline int postgres_queue_sync(PGconn *connection) {
    return PQsendPipelineSync ? PQsendPipelineSync(connection) : PQpipelineSync(connection);
}

/* Where else 1 KB can be kept under a key of 200 bytes. Each peer stores an answer under a text, and finds it; one thread. */
#ifndef PEERS_H
#define PEERS_H

#include <stddef.h>

typedef struct peer {
    const char *name, *what;
    void (*put)(int number, const char *text, size_t text_size, const char *answer, size_t size);
    /* The answer's size. */
    size_t (*get)(int number, const char *text, size_t text_size);
} peer;

/* Ends the program when `what` is not NULL or the condition's text is. */
_Noreturn void fail(const char *what);

/* Each is NULL when it was not built in, or has no server: REDIS_SOCKET, MEMCACHED_SOCKET, DATABASE_URL name them. */
const peer *open_sqlite(void);
const peer *open_redis(void);
const peer *open_memcached(void);
/* The rows of table `document`, made here. */
const peer *open_postgres(int rows);

#endif

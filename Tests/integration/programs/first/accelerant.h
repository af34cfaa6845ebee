/* accelerant.h: Prisma's query language and a cache, on your own PostgreSQL, from any language that can call C.
 *
 * A CLIENT is opened from a configuration, answers requests, and is closed. A request is JSON, an answer is JSON:
 *
 *     accelerant_client *client;
 *     accelerant_reply *reply;
 *     const char *config = "{\"schemaPath\": \"schema.prisma\", \"datasourceUrl\": \"postgresql://localhost/app\"}";
 *     if (accelerant_open(config, strlen(config), &client, &reply) != ACCELERANT_OK) { ... accelerant_reply_error(reply, NULL) ... }
 *
 *     const char *request = "{\"model\": \"User\", \"operation\": \"findMany\","
 *                           " \"args\": {\"where\": {\"email\": {\"contains\": \"alice\"}}, \"cacheStrategy\": {\"ttl\": 60}}}";
 *     if (accelerant_query(client, request, strlen(request), &reply) == ACCELERANT_OK)
 *         puts(accelerant_reply_data(reply, NULL));
 *     accelerant_reply_free(reply);
 *     accelerant_close(client);
 *
 * The rules that hold everywhere:
 *
 *   Text      is UTF-8, given as pointer and size in bytes; it needs no terminating NUL. What the library gives back is
 *             NUL-terminated, and its size, which does not count the NUL, is there for whoever wants it.
 *   Statuses  are 0 for success and negative for failure; accelerant_status_name() names them. New ones may be added.
 *   Outputs   come last, and are always set: to NULL (or 0) when there is nothing to give.
 *   Ownership what a function gives through `out_...` is yours, and its text names the function that frees it.
 *             What an accessor returns belongs to the reply it was asked of.
 *   Threads   a client may be used by any number of threads at once. A reply belongs to one thread at a time.
 *   Misuse    NULL pointers, zero or absurd sizes and arbitrary bytes end in a status, never in a crash. With
 *             ACCELERANT_MISUSE there is no reply; every other failure of a request has one, with its error.
 *   Fork      a client belongs to the process that opened it; in a child of fork() its calls return ACCELERANT_FORKED, and
 *             another one can be opened. fork() waits for other threads' calls, but not for what these wait for: 0.25 s at most.
 *   Process   the library writes to no standard stream, installs no signal handler, changes no locale, directory or
 *             environment, and calls nothing back from threads of its own.
 *
 * The documents (configuration, requests, answers, errors) are described in README.md; they grow by new keys and new
 * operations, so that this header need not.
 */
#ifndef ACCELERANT_H
#define ACCELERANT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header: major * 1000000 + minor * 1000 + patch. */
#define ACCELERANT_VERSION 1000

/* Statuses: the classes of outcome that a program branches on. The precise reason is the `code` of the error document. */
#define ACCELERANT_OK 0
#define ACCELERANT_MISUSE (-1)                /* a NULL where none is allowed, or a handle used against the rules above */
#define ACCELERANT_INVALID_REQUEST (-2)       /* not JSON, or does not fit the schema: P2009, P6005 ... */
#define ACCELERANT_INVALID_CONFIGURATION (-3) /* configuration, schema or URL cannot be used: P6001 */
#define ACCELERANT_NOT_FOUND (-4)             /* a record that had to be there is not: P2025 */
#define ACCELERANT_CONSTRAINT (-5)            /* the database refused: unique, foreign key, not null, check: P2002 ... */
#define ACCELERANT_CONFLICT (-6)              /* serialization failure or deadlock; may succeed when tried again: P2034 */
#define ACCELERANT_UNAVAILABLE (-7)           /* no connection to the database; nothing was done: P6008, P2024 */
#define ACCELERANT_OUTCOME_UNKNOWN (-8)       /* the connection broke while a write ran: it may or may not have happened */
#define ACCELERANT_TIMEOUT (-9)               /* over the time limit: P6004 */
#define ACCELERANT_CANCELLED (-10)            /* accelerant_cancel was asked */
#define ACCELERANT_OVERLOADED (-11)           /* the queue limit or a quota is reached: P5011, P6003 */
#define ACCELERANT_TOO_LARGE (-12)            /* request or answer over its size limit: P6009 */
#define ACCELERANT_DENIED (-13)               /* the database refused the login or the access: P1010 ... */
#define ACCELERANT_CLOSED (-14)               /* the client was closed: P6010 */
#define ACCELERANT_FORKED (-15)               /* the client belongs to the parent process */
#define ACCELERANT_DATABASE (-16)             /* any other error of the database: P2010 ... */
#define ACCELERANT_INTERNAL (-17)             /* a fault of the library: P6000. Please report it */

/* An open client: schema, connections, cache. Opaque. */
typedef struct accelerant_client accelerant_client;

/* One answer: data or an error, and its AccelerateInfo. Opaque. */
typedef struct accelerant_reply accelerant_reply;

/* The version of the loaded library, to compare with ACCELERANT_VERSION. Any thread; cannot fail. */
uint32_t accelerant_version(void);

/* The name of a status, as "NOT_FOUND"; "UNKNOWN" for a number that is none. Static text. Any thread; cannot fail. */
const char *accelerant_status_name(int32_t status);

/* Opens a client from a configuration, a JSON object of `size` bytes. No connection is made yet: the first request does;
 * with `cache.listen` a thread of the client's connects in the background.
 *   out_client  the client; accelerant_close() frees it. NULL on failure.
 *   out_reply   may be NULL. On failure a reply whose error says what is wrong; accelerant_reply_free() frees it.
 * Returns OK, MISUSE, INVALID_CONFIGURATION (P6001: all faults of a schema are listed, with line and column) or INTERNAL. */
int32_t accelerant_open(const char *config, size_t size, accelerant_client **out_client, accelerant_reply **out_reply);

/* Closes a client: calls that run end with ACCELERANT_CLOSED, the library's threads are joined, connections end, the cache
 * is freed but for what replies still hold. Returns when all of that is done. Afterwards the handle is gone: no thread may
 * be about to use it. NULL is allowed. Waits at most about as long as one cancellation on the network takes. */
void accelerant_close(accelerant_client *client);

/* Runs one request, a JSON object of `size` bytes, and waits for its answer. Any number of threads at once. A cache hit is
 * answered on the calling thread without waiting for anything.
 *   out_reply   the answer, or on failure the error; accelerant_reply_free() frees it. May be NULL when only the status counts.
 * Returns OK or any failure above. The request's bytes are not kept. */
int32_t accelerant_query(accelerant_client *client, const char *request, size_t size, accelerant_reply **out_reply);

/* Starts one request and returns at once; accelerant_take() gives its reply later, under the caller's `token`. A cache hit can
 * be taken as soon as this returns. Its time limit runs from here. Any number of threads; the request's bytes are copied. Every
 * request that was accepted is completed exactly once. Returns OK, MISUSE, OVERLOADED (P5011: `limits.queueLength` requests are outstanding), CLOSED or
 * FORKED; then there is nothing to take for it. */
int32_t accelerant_submit(accelerant_client *client, const char *request, size_t size, uint64_t token);

/* A file descriptor that is readable while accelerant_take() has something to give: for poll, epoll, libuv, asyncio's
 * add_reader. Only to be watched: do not read, write or close it. The same for as long as the client is open; -1 for NULL
 * and when the system had no descriptor left (then poll accelerant_take()). Any thread. */
int accelerant_descriptor(const accelerant_client *client);

/* Takes one finished request, without waiting.
 *   out_token   its token; may be NULL.
 *   out_reply   its reply, or NULL when none is finished just now; accelerant_reply_free() frees it.
 * Returns OK in both cases (the request's own status is accelerant_reply_status()), MISUSE, CLOSED or FORKED. Any thread. */
int32_t accelerant_take(accelerant_client *client, uint64_t *out_token, accelerant_reply **out_reply);

/* Asks that the outstanding requests of a token end. What waits ends at once; what runs is stopped, on the server too, and ends soon.
 * Their status is ACCELERANT_CANCELLED, or what it was if they were done before; of a write that was running, the message says that it
 * may have happened. A query that others wait for goes on for them. Each request is completed by accelerant_take() all the same.
 * Returns OK, NOT_FOUND when none is outstanding, MISUSE, CLOSED or FORKED. Any thread. */
int32_t accelerant_cancel(accelerant_client *client, uint64_t token);

/* The status that the reply came with: the one accelerant_query returned. MISUSE for NULL. */
int32_t accelerant_reply_status(const accelerant_reply *reply);

/* The answer, JSON; NULL on an error. On a hit these are the cache's own bytes, not a copy: read-only, and unchanged until
 * the reply is freed, whatever is evicted, invalidated, refreshed or closed meanwhile. `out_size` may be NULL. */
const char *accelerant_reply_data(const accelerant_reply *reply, size_t *out_size);

/* The answer's AccelerateInfo, JSON: {"cacheStatus": "ttl"|"swr"|"miss"|"none", "lastModified", "region", "requestId",
 * "signature"}, and "staleIfError": true for an old answer in the place of an error; NULL on an error and for what does not read through the cache. Written when first asked for, kept with the
 * reply. `out_size` may be NULL. */
const char *accelerant_reply_info(accelerant_reply *reply, size_t *out_size);

/* The error, JSON: {"code": "P....", "message": "...", "meta": {...}}; NULL when there is none. `out_size` may be NULL. */
const char *accelerant_reply_error(const accelerant_reply *reply, size_t *out_size);

/* Frees a reply. NULL is allowed. Any thread; also after the client was closed. */
void accelerant_reply_free(accelerant_reply *reply);

#ifdef __cplusplus
}
#endif

#endif

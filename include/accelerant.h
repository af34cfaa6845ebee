/* accelerant.h: the manual of libaccelerant.so.
 *
 * The library gives a program Prisma's query language, and a cache in the program's own process, on the
 * program's own PostgreSQL. A program in any language that can call C asks in JSON and is answered in JSON.
 *
 *
 * A first program
 * ---------------
 *
 *     #include <accelerant.h>
 *     #include <stdio.h>
 *     #include <string.h>
 *
 *     int main(void) {
 *         const char *config = "{\"schemaPath\": \"schema.prisma\","
 *                              " \"datasourceUrl\": \"postgresql://localhost/app\"}";
 *         const char *request = "{\"model\": \"User\", \"operation\": \"findMany\","
 *                               " \"args\": {\"where\": {\"email\": {\"contains\": \"alice\"}},"
 *                               " \"cacheStrategy\": {\"ttl\": 60}}}";
 *         accelerant_client *client;
 *         accelerant_reply *reply;
 *         int32_t status = accelerant_open(config, strlen(config), &client, &reply);
 *         if (status == ACCELERANT_OK) {
 *             status = accelerant_query(client, request, strlen(request), &reply);
 *             if (status == ACCELERANT_OK) puts(accelerant_reply_data(reply, NULL));
 *         }
 *         if (status != ACCELERANT_OK) fprintf(stderr, "%s\n", accelerant_reply_error(reply, NULL));
 *         accelerant_reply_free(reply);
 *         accelerant_close(client);
 *         return status != ACCELERANT_OK;
 *     }
 *
 *     cc program.c -o program $(pkg-config --cflags --libs accelerant)
 *
 *
 * What there is
 * -------------
 *
 *   Client    Made by accelerant_open() from a configuration. It has the schema, the connections and the cache.
 *             A program has one for each database, opens it once, and closes it at its end.
 *   Request   A JSON object: a model, an operation and its arguments. Operations that begin with `$` concern no
 *             model: raw SQL, transactions, invalidation, metrics.
 *   Reply     What a request comes to: its data or its error, both JSON, and a document of how the cache took part.
 *
 * There are two ways to ask. They may be mixed on one client:
 *
 *   Waiting         accelerant_query() returns when the answer is there. It is for threads.
 *   Not waiting     accelerant_request() returns at once. accelerant_descriptor() becomes readable when a reply can
 *                   be had by accelerant_take(). It is for event loops. There are no callbacks.
 *
 * The files of docs/reference describe the JSON documents: configuration.md, requests.md, operations.md, errors.md.
 * New features are new keys and new operations there, so this header changes little.
 *
 *
 * Rules for every function
 * ------------------------
 *
 *   Text      Text is UTF-8, given as a pointer and a size in bytes. It needs no NUL at its end, and it is not kept
 *             after the call. Text that the library returns is valid UTF-8 without a NUL inside. It ends in one NUL,
 *             which its size does not count.
 *   Status    A function that can fail returns 0, which is ACCELERANT_OK, or a negative status. Later versions may
 *             have more of them: treat an unknown one as a failure.
 *   Outputs   Parameters named `out_...` come last. Each is always set: to NULL or 0 when there is nothing to give.
 *   Ownership A client or reply that comes through `out_...` is the caller's, who frees it once. Text of a reply
 *             belongs to the reply and is read-only: on a hit it is the cache's own memory. Languages that cannot
 *             forbid writing have to copy it.
 *   Failures  Functions with `out_reply` give a reply with every failure but ACCELERANT_MISUSE. The reply holds the
 *             error and has to be freed, too. accelerant_take() is the exception, as its text says.
 *   Threads   Any number of threads may use a client at the same time. A reply may move from thread to thread, but
 *             only one at a time may use it.
 *   Misuse    NULL, a size of 0 or beyond the address space, and arbitrary bytes lead to a status, never to a crash.
 *   Stack     A call needs 8 KiB of stack. A request that may need more, because it nests deeply, runs on a thread
 *             of the library when the caller has less left. The caller waits for it.
 *   Process   The library writes to no standard stream, installs no signal handler, and changes neither locale nor
 *             working directory nor environment. It calls nothing of the program's.
 *   fork()    A client belongs to the process that opened it. In a child its calls return ACCELERANT_FORKED, and an
 *             inherited descriptor never becomes readable. The child may read and free a reply that it inherited,
 *             and may open a client of its own. In the parent, fork() waits for other threads' short work in the
 *             library, 0.25 s at most, and never for the database.
 */
#ifndef ACCELERANT_H
#define ACCELERANT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header: major * 1000000 + minor * 1000 + patch. */
#define ACCELERANT_VERSION 2000

/* Returns the version of the library that was loaded, in the form of ACCELERANT_VERSION. A program that may meet an
 * older library compares the two before it uses a newer function. Any thread; cannot fail. */
uint32_t accelerant_version(void);


/* ---- Statuses ----------------------------------------------------------------------------------------------------
 *
 * A status is the class of an outcome, for a program to branch on. The error document has the precise reason: `code`
 * is one of the codes named here and in docs/reference/errors.md. */

#define ACCELERANT_OK 0                       /* the request was answered */
#define ACCELERANT_MISUSE (-1)                /* a NULL or a size of 0 where none is allowed; there is no reply */
#define ACCELERANT_INVALID_REQUEST (-2)       /* no JSON, or it does not fit the schema; nothing was done: P2009, P6005 */
#define ACCELERANT_INVALID_CONFIGURATION (-3) /* configuration, schema or URL cannot be used: P6001 */
#define ACCELERANT_NOT_FOUND (-4)             /* a record that has to be there is not: P2025. Or no such token */
#define ACCELERANT_CONSTRAINT (-5)            /* the database refused a value: unique, foreign key, not null: P2002 */
#define ACCELERANT_CONFLICT (-6)              /* serialization failure, deadlock, ended transaction: P2034, P2028 */
#define ACCELERANT_UNAVAILABLE (-7)           /* no connection to the database; nothing was done: P6008, P2024 */
#define ACCELERANT_OUTCOME_UNKNOWN (-8)       /* the connection broke while a write ran: it may have happened: P1017 */
#define ACCELERANT_TIMEOUT (-9)               /* the request's time limit is over: P6004 */
#define ACCELERANT_CANCELLED (-10)            /* accelerant_cancel() ended it */
#define ACCELERANT_OVERLOADED (-11)           /* a limit on requests, or a quota, is reached; nothing was done: P5011, P6003 */
#define ACCELERANT_TOO_LARGE (-12)            /* request or answer is over its size limit: P6009 */
#define ACCELERANT_DENIED (-13)               /* the database refused the login or the access: P1010 */
#define ACCELERANT_CLOSED (-14)               /* the client is closed: P6010 */
#define ACCELERANT_FORKED (-15)               /* the client belongs to the parent of this process: P6010 */
#define ACCELERANT_DATABASE (-16)             /* any other error of the database: P2010 */
#define ACCELERANT_INTERNAL (-17)             /* a fault of the library, which should be reported: P6000 */

/* Returns the name of a status without its prefix, as "NOT_FOUND". Returns "UNKNOWN" for any other number. The text
 * is never freed. Any thread; cannot fail. */
const char *accelerant_status_name(int32_t status);


/* ---- Clients ----------------------------------------------------------------------------------------------------- */

/* An open client: the schema, the pool of connections, the cache. Opaque. */
typedef struct accelerant_client accelerant_client;

/* What one request came to. Opaque. */
typedef struct accelerant_reply accelerant_reply;

/* Opens a client.
 *   config      a JSON object; docs/reference/configuration.md lists its keys. A schema (`schema` or `schemaPath`)
 *               and a URL (`datasourceUrl`, unless the schema has it) are what most programs give.
 *   out_client  the client, to be closed by accelerant_close(). NULL on failure.
 *   out_reply   on failure a reply with the error, to be freed by accelerant_reply_free(). NULL on success.
 *               May be NULL itself when the reason does not matter.
 * Connects to nothing yet: the first request does, or the operation `$connect`. With `cache.listen`, a thread of the
 * client's connects in the background.
 * Returns OK; MISUSE; INVALID_CONFIGURATION, whose error lists every fault of a schema with line and column;
 * OVERLOADED when too little stack is left and the system has no thread; or INTERNAL. */
int32_t accelerant_open(const char *config, size_t size, accelerant_client **out_client, accelerant_reply **out_reply);

/* Closes a client and frees it. NULL is allowed.
 * Running calls of other threads return ACCELERANT_CLOSED. Requests that were started and not taken are dropped.
 * Open transactions are rolled back. The client's threads are joined and its connections end. The cache is freed,
 * except for what replies still hold: they stay valid.
 * Returns when all of that is done, which may take as long as the server takes to hear of a cancellation. So do not
 * call it where waiting is forbidden, as in a finalizer. Stop watching the descriptor first: this closes it.
 * A call with a closed client returns ACCELERANT_CLOSED until the process has closed 256 clients more. After that the
 * same address may be a new client's. To close a client twice does nothing within the same limit. */
void accelerant_close(accelerant_client *client);


/* ---- Waiting for an answer ---------------------------------------------------------------------------------------- */

/* Runs one request and waits for its reply. A cache hit is answered on the calling thread and waits for nothing.
 *   request     a JSON object; docs/reference/requests.md describes it.
 *   out_reply   the reply, with the data or the error, to be freed by accelerant_reply_free().
 *               May be NULL when only the status counts.
 * Waits at most `limits.queryTimeoutMs` of the configuration, or the request's `timeoutMs` if that is shorter.
 * Returns OK or any of the statuses above. Any thread. */
int32_t accelerant_query(accelerant_client *client, const char *request, size_t size, accelerant_reply **out_reply);

/* Gives a cache hit, or nothing. Waits for no other thread and no database, and starts nothing but the background
 * refresh of a stale hit. It is for callers that hold a lock meanwhile, such as an interpreter's, and release it only
 * for what may wait.
 *   out_reply   the hit, as accelerant_query() gives it, to be freed by accelerant_reply_free(). NULL with ACCELERANT_OK
 *               when the cache does not know the request by its text. Then ask accelerant_query() or
 *               accelerant_request(). They also find an answer that was cached for the same request in another spelling,
 *               or with a `traceparent`.
 * Returns OK; MISUSE, also when out_reply is NULL; CLOSED or FORKED, both with a reply. Any thread. */
int32_t accelerant_lookup(accelerant_client *client, const char *request, size_t size, accelerant_reply **out_reply);


/* ---- Event loops --------------------------------------------------------------------------------------------------
 *
 *     for each request:    accelerant_request(client, text, size, token, &reply)
 *                          a reply: use and free it.  NULL with ACCELERANT_OK: remember the token
 *     descriptor readable: while (accelerant_take(client, &token, &reply) == ACCELERANT_OK && reply != NULL)
 *                          find by the token what the reply is for, use it and free it
 *
 * A token is any number that the caller chooses. Two requests may have the same one. Every request that was started is
 * given by accelerant_take() exactly once, cancelled ones included. docs/guide/event-loops.md has a whole program. */

/* Answers a request at once where that is possible, and starts it otherwise. Never waits for the database.
 *   out_reply   what is known at once: a cache hit, or the error of a request that cannot be started. That is one that is
 *               no JSON, names no operation or is too large, or one that meets a closed client or too many outstanding
 *               requests (P5011, `limits.queueLength`). To be freed by accelerant_reply_free(). accelerant_take() gives
 *               nothing for it.
 *               NULL with ACCELERANT_OK: the request was started, and accelerant_take() gives its reply under `token`.
 * The request's time limit runs from here. Its bytes are copied if it is started. A hit costs what it costs by
 * accelerant_query().
 * Returns the status of the reply that it gives, OK without one, or MISUSE, also when out_reply is NULL. Any thread. */
int32_t accelerant_request(accelerant_client *client, const char *request, size_t size, uint64_t token, accelerant_reply **out_reply);

/* Starts a request as accelerant_request() does, but leaves every reply to accelerant_take(): hits, too, and errors
 * of the request. A hit costs more by this way, so new programs use accelerant_request().
 * Returns OK, and after any other status there is nothing to take: MISUSE, OVERLOADED (P5011: `limits.queueLength`
 * requests are outstanding, or the stack is too small), CLOSED or FORKED. Any thread. */
int32_t accelerant_submit(accelerant_client *client, const char *request, size_t size, uint64_t token);

/* Returns a file descriptor that is readable exactly while accelerant_take() has a reply to give. It is for poll, epoll,
 * libuv and the like: watch it for reading, and do not read, write or close it. It is the same for the client's whole
 * life. It may be duplicated. Edge-triggered watching works for a program that takes until there is NULL.
 * Stop watching before accelerant_close(), which closes it.
 * Returns -1 for NULL and for a client that is closed or the parent's. Returns -1, too, when the system had no descriptor
 * left at accelerant_open(): then call accelerant_take() from time to time. Any thread. */
int accelerant_descriptor(const accelerant_client *client);

/* Takes one finished request. Does not wait.
 *   out_token   its token. May be NULL.
 *   out_reply   its reply, to be freed by accelerant_reply_free(). NULL when none is finished just now.
 * Returns OK in both cases. How the request ended is accelerant_reply_status(). Returns MISUSE, also when out_reply is
 * NULL, CLOSED or FORKED, all without a reply. Any thread. */
int32_t accelerant_take(accelerant_client *client, uint64_t *out_token, accelerant_reply **out_reply);

/* Asks that all outstanding requests of a token end. One that waits ends before this returns. One that runs is stopped on
 * the server, too, and ends soon. Each is still given by accelerant_take(), with ACCELERANT_CANCELLED or, if it was done
 * before, with its own outcome. The message of a cancelled write says whether it may have happened. A read that other
 * callers wait for as well goes on for them.
 * Returns OK; NOT_FOUND when no request of that token is outstanding; MISUSE, CLOSED or FORKED. Any thread. */
int32_t accelerant_cancel(accelerant_client *client, uint64_t token);


/* ---- Replies ------------------------------------------------------------------------------------------------------
 *
 * The texts stay valid and unchanged until the reply is freed, whatever is evicted, invalidated, refreshed or closed
 * meanwhile. `out_size` gets the size in bytes, and may be NULL. For a NULL reply each text is NULL. */

/* Returns the status that the reply came with. MISUSE for NULL. */
int32_t accelerant_reply_status(const accelerant_reply *reply);

/* Returns the answer, JSON. NULL when the status is not OK. On a hit these are the cache's own bytes, not a copy. */
const char *accelerant_reply_data(const accelerant_reply *reply, size_t *out_size);

/* Returns the error, JSON: {"code": "P2002", "message": "...", "meta": {...}}. NULL when the status is OK.
 * docs/reference/errors.md lists the codes and what `meta` holds. It holds no password, and no value of
 * the data unless `errors.serverMessages` asks for the server's own words. */
const char *accelerant_reply_error(const accelerant_reply *reply, size_t *out_size);

/* Returns how the cache took part, as Prisma's AccelerateInfo, JSON:
 *     {"cacheStatus": "ttl" | "swr" | "miss" | "none", "lastModified": "2026-01-31T12:00:00.000Z",
 *      "region": "...", "requestId": "...", "signature": "..."}
 * `lastModified` is when the answer was read from the database. `signature` is the same for equal requests.
 * "staleIfError": true is there, too, when an old answer was given instead of an error.
 * NULL for an error, and for operations that do not read models: writes, raw SQL, and `$` operations.
 * The text is made by the first call for this reply, so a program that asks for none does not pay for it. */
const char *accelerant_reply_info(accelerant_reply *reply, size_t *out_size);

/* `cacheStatus` as a number, without making the text of the info. */
#define ACCELERANT_CACHE_NONE 0 /* the request has no cacheStrategy */
#define ACCELERANT_CACHE_TTL 1  /* a fresh hit: no older than `ttl` */
#define ACCELERANT_CACHE_SWR 2  /* a stale hit: within `swr`, refreshed in the background; or `staleIfError` */
#define ACCELERANT_CACHE_MISS 3 /* read from the database */

/* Returns one of these, or a negative number where accelerant_reply_info() is NULL. */
int32_t accelerant_reply_cache_status(const accelerant_reply *reply);

/* Frees a reply and its texts. NULL is allowed. Any thread, also after the client was closed. */
void accelerant_reply_free(accelerant_reply *reply);

#ifdef __cplusplus
}
#endif

#endif

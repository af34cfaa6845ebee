/* The peers: SQLite in this process; Redis, memcached and PostgreSQL on Unix sockets. */
#include "peers.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

void fail(const char *what) {
    fprintf(stderr, "%s\n", what ? what : "failed");
    exit(1);
}

/* ---- SQLite: a table in memory, a prepared statement ---- */

#ifdef HAVE_SQLITE
#include <sqlite3.h>

static sqlite3 *sqlite;
static sqlite3_stmt *sqlite_select, *sqlite_insert;

static void sqlite_put(int number, const char *text, size_t text_size, const char *answer, size_t size) {
    (void)number;
    sqlite3_bind_blob(sqlite_insert, 1, text, (int)text_size, SQLITE_STATIC);
    sqlite3_bind_blob(sqlite_insert, 2, answer, (int)size, SQLITE_STATIC);
    if (sqlite3_step(sqlite_insert) != SQLITE_DONE) fail(sqlite3_errmsg(sqlite));
    sqlite3_reset(sqlite_insert);
}

static size_t sqlite_get(int number, const char *text, size_t text_size) {
    size_t size;
    (void)number;
    sqlite3_bind_blob(sqlite_select, 1, text, (int)text_size, SQLITE_STATIC);
    if (sqlite3_step(sqlite_select) != SQLITE_ROW) fail(sqlite3_errmsg(sqlite));
    size = (size_t)sqlite3_column_bytes(sqlite_select, 0);
    sqlite3_reset(sqlite_select);
    return size;
}

const peer *open_sqlite(void) {
    static const peer it = {"sqlite", "SQLite in memory, prepared", sqlite_put, sqlite_get};
    sqlite3_open(":memory:", &sqlite);
    sqlite3_exec(sqlite, "CREATE TABLE answers (key BLOB PRIMARY KEY, answer BLOB) WITHOUT ROWID", NULL, NULL, NULL);
    sqlite3_prepare_v2(sqlite, "INSERT INTO answers VALUES (?, ?)", -1, &sqlite_insert, NULL);
    sqlite3_prepare_v2(sqlite, "SELECT answer FROM answers WHERE key = ?", -1, &sqlite_select, NULL);
    return &it;
}
#else
const peer *open_sqlite(void) { return NULL; }
#endif

/* ---- Redis, by hiredis ---- */

#ifdef HAVE_HIREDIS
#include <hiredis/hiredis.h>

static redisContext *redis;

static void redis_put(int number, const char *text, size_t text_size, const char *answer, size_t size) {
    (void)number;
    freeReplyObject(redisCommand(redis, "SET %b %b", text, text_size, answer, size));
}

static size_t redis_get(int number, const char *text, size_t text_size) {
    redisReply *reply = redisCommand(redis, "GET %b", text, text_size);
    size_t size;
    (void)number;
    if (!reply || reply->type != REDIS_REPLY_STRING) fail("redis has no answer");
    size = reply->len;
    freeReplyObject(reply);
    return size;
}

const peer *open_redis(void) {
    static const peer it = {"redis", "Redis on a Unix socket, by hiredis", redis_put, redis_get};
    const char *path = getenv("REDIS_SOCKET");
    if (!path) return NULL;
    redis = redisConnectUnix(path);
    if (!redis || redis->err) fail("no connection to redis");
    return &it;
}
#else
const peer *open_redis(void) { return NULL; }
#endif

/* ---- memcached, by its text protocol: keys of at most 250 bytes without blanks ---- */

static int memcached = -1;
static char received[1 << 16];

static void send_parts(struct iovec *parts, int count) {
    ssize_t size = 0;
    for (int i = 0; i < count; i++) size += (ssize_t)parts[i].iov_len;
    /* A Unix socket takes a few KB whole. */
    if (writev(memcached, parts, count) != size) fail("memcached takes nothing");
}

/* Receives until the end is there; the number of bytes. */
static size_t receive_to(const char *end) {
    size_t size = 0, end_size = strlen(end);
    while (size < end_size || memcmp(received + size - end_size, end, end_size) != 0) {
        ssize_t more = read(memcached, received + size, sizeof received - size);
        if (more <= 0) fail("memcached says nothing");
        size += (size_t)more;
    }
    return size;
}

static void memcached_put(int number, const char *text, size_t text_size, const char *answer, size_t size) {
    char head[64];
    struct iovec parts[5] = {{"set ", 4}, {(void *)text, text_size}, {head, 0}, {(void *)answer, size}, {"\r\n", 2}};
    (void)number;
    parts[2].iov_len = (size_t)snprintf(head, sizeof head, " 0 0 %zu\r\n", size);
    send_parts(parts, 5);
    receive_to("STORED\r\n");
}

static size_t memcached_get(int number, const char *text, size_t text_size) {
    struct iovec parts[3] = {{"get ", 4}, {(void *)text, text_size}, {"\r\n", 2}};
    size_t size;
    (void)number;
    send_parts(parts, 3);
    size = receive_to("END\r\n");
    if (size < text_size) fail("memcached has no answer");
    return size;
}

const peer *open_memcached(void) {
    static const peer it = {"memcached", "memcached on a Unix socket, by its text protocol", memcached_put, memcached_get};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("MEMCACHED_SOCKET");
    if (!path) return NULL;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    memcached = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(memcached, (struct sockaddr *)&address, sizeof address) != 0) fail("no connection to memcached");
    return &it;
}

/* ---- PostgreSQL: the row itself, not cached ---- */

static PGconn *connection;

static void postgres_put(int number, const char *text, size_t text_size, const char *answer, size_t size) {
    (void)number, (void)text, (void)text_size, (void)answer, (void)size;
}

static size_t postgres_get(int number, const char *text, size_t text_size) {
    char id[16];
    const char *values[1] = {id};
    PGresult *result;
    size_t size;
    (void)text, (void)text_size;
    snprintf(id, sizeof id, "%d", number);
    result = PQexecPrepared(connection, "get", 1, values, NULL, NULL, 1);
    size = (size_t)PQgetlength(result, 0, 1);
    PQclear(result);
    return size;
}

const peer *open_postgres(int rows) {
    static const peer it = {"postgres", "the same row from PostgreSQL, prepared, by libpq on a Unix socket", postgres_put, postgres_get};
    char text[256];
    connection = PQconnectdb(getenv("DATABASE_URL"));
    if (PQstatus(connection) != CONNECTION_OK) fail(PQerrorMessage(connection));
    PQclear(PQexec(connection, "DROP TABLE IF EXISTS document; CREATE TABLE document (id int PRIMARY KEY, body text NOT NULL)"));
    snprintf(text, sizeof text, "INSERT INTO document SELECT i, repeat('x', 980) FROM generate_series(0, %d) i", rows - 1);
    PQclear(PQexec(connection, text));
    PQclear(PQprepare(connection, "get", "SELECT id, body FROM document WHERE id = $1::int", 1, NULL));
    return &it;
}

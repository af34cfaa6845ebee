/* What a cached answer costs from C: the library's hit beside other ways to get 1 KB by a key of 200 bytes, in one process, in turns.
 *
 *     hits SCHEMA [entries] [operations] [rounds]       DATABASE_URL names an empty database; REDIS_SOCKET a server, if there is one
 *
 * Prints one line of JSON for each contestant: CPU time and wall time of an operation in nanoseconds (medians over the rounds),
 * and the median over the rounds of its CPU time divided by that of limit_spin. */
#define _GNU_SOURCE
#include "measure.h"

#include <accelerant.h>
#include <libpq-fe.h>
#include <limit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#ifdef HAVE_SQLITE
#include <sqlite3.h>
#endif
#ifdef HAVE_HIREDIS
#include <hiredis/hiredis.h>
#endif

enum { SEQUENCE = 1 << 18, MOST_ROUNDS = 64, TEXT = 256 };

static int entries = 10000;
static char (*texts)[TEXT];
static size_t *sizes;
static uint64_t sink;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what ? what : "failed");
    exit(1);
}

/* ---- the contestants: put stores an answer under a text, get finds it ---- */

static void *spin, *best;
static void spin_put(int i, const char *answer, size_t size) { limit_spin_put(spin, texts[i], sizes[i], answer, size); }
static void spin_get(int i, const char *text) {
    limit_reply *reply = limit_spin_get(spin, text, sizes[i]);
    sink += reply->size;
    limit_spin_free(reply);
}
static void best_put(int i, const char *answer, size_t size) { limit_best_put(best, texts[i], sizes[i], answer, size); }
static void best_get(int i, const char *text) {
    limit_reply *reply = limit_best_get(best, text, sizes[i]);
    sink += reply->size;
    limit_best_free(reply);
}

static accelerant_client *client;
static void library_get(int i, const char *text) {
    accelerant_reply *reply;
    size_t size;
    if (accelerant_query(client, text, sizes[i], &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    accelerant_reply_data(reply, &size);
    sink += size;
    accelerant_reply_free(reply);
}
static void library_put(int i, const char *answer, size_t size) {
    (void)answer, (void)size;
    library_get(i, texts[i]);
}

static PGconn *connection;
static void nothing_to_put(int i, const char *answer, size_t size) { (void)i, (void)answer, (void)size; }
static void postgres_get(int i, const char *text) {
    char number[16];
    const char *values[1] = {number};
    PGresult *result;
    (void)text;
    snprintf(number, sizeof number, "%d", i);
    result = PQexecPrepared(connection, "get", 1, values, NULL, NULL, 1);
    sink += (uint64_t)PQgetlength(result, 0, 1);
    PQclear(result);
}

#ifdef HAVE_SQLITE
static sqlite3_stmt *sqlite_select;
static sqlite3 *sqlite;
static void sqlite_put(int i, const char *answer, size_t size) {
    sqlite3_stmt *insert;
    sqlite3_prepare_v2(sqlite, "INSERT INTO answers VALUES (?, ?)", -1, &insert, NULL);
    sqlite3_bind_blob(insert, 1, texts[i], (int)sizes[i], SQLITE_STATIC);
    sqlite3_bind_blob(insert, 2, answer, (int)size, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) fail(sqlite3_errmsg(sqlite));
    sqlite3_finalize(insert);
}
static void sqlite_get(int i, const char *text) {
    sqlite3_bind_blob(sqlite_select, 1, text, (int)sizes[i], SQLITE_STATIC);
    if (sqlite3_step(sqlite_select) != SQLITE_ROW) fail(sqlite3_errmsg(sqlite));
    sink += (uint64_t)sqlite3_column_bytes(sqlite_select, 0);
    sqlite3_reset(sqlite_select);
}
#endif

#ifdef HAVE_HIREDIS
static redisContext *redis;
static void redis_put(int i, const char *answer, size_t size) {
    freeReplyObject(redisCommand(redis, "SET %b %b", texts[i], sizes[i], answer, size));
}
static void redis_get(int i, const char *text) {
    redisReply *reply = redisCommand(redis, "GET %b", text, sizes[i]);
    if (!reply || reply->type != REDIS_REPLY_STRING) fail("redis has no answer");
    sink += reply->len;
    freeReplyObject(reply);
}
#endif

typedef struct contestant {
    const char *name, *what;
    void (*put)(int, const char *, size_t);
    void (*get)(int, const char *);
    int share; /* of the operations: 1 for what takes nanoseconds, more for what takes microseconds */
    double cpu[MOST_ROUNDS], wall[MOST_ROUNDS], ratio[MOST_ROUNDS];
} contestant;

static contestant field[8];
static int contestants;

static void enter(const char *name, const char *what, void (*put)(int, const char *, size_t), void (*get)(int, const char *), int share) {
    contestant *one = &field[contestants++];
    one->name = name, one->what = what, one->put = put, one->get = get, one->share = share;
}

static void open_all(const char *schema) {
    char configuration[4096];
    const char *url = getenv("DATABASE_URL");
    accelerant_reply *reply = NULL;

    connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) fail(PQerrorMessage(connection));
    PQclear(PQexec(connection, "CREATE TABLE document (id int PRIMARY KEY, body text NOT NULL)"));
    snprintf(configuration, sizeof configuration, "INSERT INTO document SELECT i, repeat('x', 980) FROM generate_series(0, %d) i", entries - 1);
    PQclear(PQexec(connection, configuration));
    PQclear(PQprepare(connection, "get", "SELECT id, body FROM document WHERE id = $1::int", 1, NULL));

    snprintf(configuration, sizeof configuration, "{\"schemaPath\": \"%s\", \"datasourceUrl\": \"%s\", \"cache\": {\"maxBytes\": 1073741824}}", schema, url);
    if (accelerant_open(configuration, strlen(configuration), &client, &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));

    spin = limit_spin_open((uint32_t)entries);
    best = limit_best_open((uint32_t)entries);
    enter("limit_spin", "C: XXH3, a spin lock per shard, malloc; nothing else", spin_put, spin_get, 1);
    enter("limit_best", "C: the least we know how to do", best_put, best_get, 1);
    enter("accelerant", "accelerant_query and accelerant_reply_free, all rules on", library_put, library_get, 1);
#ifdef HAVE_SQLITE
    sqlite3_open(":memory:", &sqlite);
    sqlite3_exec(sqlite, "CREATE TABLE answers (key BLOB PRIMARY KEY, answer BLOB) WITHOUT ROWID", NULL, NULL, NULL);
    sqlite3_prepare_v2(sqlite, "SELECT answer FROM answers WHERE key = ?", -1, &sqlite_select, NULL);
    enter("sqlite", "SQLite in memory, prepared", sqlite_put, sqlite_get, 10);
#endif
#ifdef HAVE_HIREDIS
    if (getenv("REDIS_SOCKET")) {
        redis = redisConnectUnix(getenv("REDIS_SOCKET"));
        if (!redis || redis->err) fail("no connection to redis");
        enter("redis", "Redis on a Unix socket, by hiredis", redis_put, redis_get, 200);
    }
#endif
    enter("postgres", "the same row from PostgreSQL, prepared, on a Unix socket", nothing_to_put, postgres_get, 200);
}

/* Zipf with exponent 0.99, by its inverse distribution. */
static int *sequence_of_keys(void) {
    int *sequence = malloc(SEQUENCE * sizeof *sequence);
    double *sums = malloc((size_t)entries * sizeof *sums), sum = 0;
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < entries; i++) sums[i] = sum += 1 / pow(i + 1, 0.99);
    for (int k = 0; k < SEQUENCE; k++) {
        double wanted = (double)(next_random(&state) >> 11) / 9007199254740992.0 * sum;
        int low = 0, high = entries - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (sums[middle] < wanted) low = middle + 1;
            else high = middle;
        }
        /* Popular keys lie anywhere in memory, not side by side. */
        sequence[k] = (int)((uint64_t)low * 7919 % (uint64_t)entries);
    }
    free(sums);
    return sequence;
}

static void measure(contestant *one, const int *sequence, int operations, int round) {
    char text[TEXT];
    int count = operations / one->share;
    double cpu = cpu_us(), wall = wall_us();
    for (int k = 0; k < count; k++) {
        int i = sequence[k & (SEQUENCE - 1)];
        memcpy(text, texts[i], sizes[i]);
        __asm__ volatile("" ::"r"(text) : "memory");
        one->get(i, text);
    }
    one->cpu[round] = (cpu_us() - cpu) * 1e3 / count;
    one->wall[round] = (wall_us() - wall) * 1e3 / count;
}

int main(int count, char **arguments) {
    int operations = count > 3 ? atoi(arguments[3]) : 1000000, rounds = count > 4 ? atoi(arguments[4]) : 7, *sequence;
    static char answer[1024];
    if (count < 2) fail("usage: hits SCHEMA [entries] [operations] [rounds]");
    if (count > 2) entries = atoi(arguments[2]);
    if (rounds > MOST_ROUNDS) rounds = MOST_ROUNDS;
    texts = malloc((size_t)entries * sizeof *texts);
    sizes = malloc((size_t)entries * sizeof *sizes);
    for (int i = 0; i < entries; i++)
        sizes[i] = (size_t)snprintf(texts[i], TEXT,
            "{\"model\":\"Document\",\"operation\":\"findFirst\",\"args\":{\"where\":{\"id\":{\"in\":[%d]},\"body\":{\"not\":\"missing\"}},"
            "\"orderBy\":{\"id\":\"desc\"},\"cacheStrategy\":{\"ttl\":3600,\"swr\":60,\"tags\":[\"documents\"]}}}", i);
    memset(answer, 'x', sizeof answer);
    open_all(arguments[1]);
    sequence = sequence_of_keys();
    for (int c = 0; c < contestants; c++)
        for (int i = 0; i < entries; i++) field[c].put(i, answer, 1000);
    for (int round = 0; round < rounds; round++)
        for (int c = 0; c < contestants; c++) measure(&field[c], sequence, operations, round);
    for (int c = 0; c < contestants; c++) {
        contestant *one = &field[c];
        for (int round = 0; round < rounds; round++) one->ratio[round] = one->cpu[round] / field[0].cpu[round];
        if (c == 0) memcpy(one->ratio, one->cpu, sizeof one->ratio);
    }
    for (int c = 0; c < contestants; c++) {
        contestant *one = &field[c];
        double ratio = c == 0 ? 1 : median(one->ratio, rounds);
        printf("{\"bench\": \"hit\", \"name\": \"%s\", \"what\": \"%s\", \"entries\": %d, \"cpuNs\": %.1f, \"wallNs\": %.1f, \"ratio\": %.2f}\n",
            one->name, one->what, entries, median(one->cpu, rounds), median(one->wall, rounds), ratio);
    }
    accelerant_close(client);
    return sink == 1;
}

/* What a miss, and a write, costs: the library without a cacheStrategy beside raw libpq, one connection each, in turns.
 *
 *     misses SCHEMA [rounds]        DATABASE_URL names an empty database
 *
 * libpq sends prepared statements and receives binary rows, all levels of a nested read in one pipeline. One of its two sides copies the
 * values and makes no JSON, which nobody can do without; the other one writes the same JSON by hand. The library's side is everything:
 * scan the request, bind, run, write JSON, reply. Prints a line of JSON for each kind of query: medians of wall time in microseconds,
 * CPU time of the client, and the medians over the rounds of the quotients of the wall times. */
#define _GNU_SOURCE
#include "measure.h"
#include "rows.h"
#include "tables.h"

#include <accelerant.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ROUNDS = 32, MOST_RUNS = 4000 };

static PGconn *connection;
static accelerant_client *client;
static int last_post = 1000000;
static uint64_t state = 88172645463325252u, sink;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what ? what : "failed");
    exit(1);
}

static int pick(int count) { return (int)(next_random(&state) % (uint64_t)count); }

#define AUTHOR "id, email, name, age, active, score, joined, bio"
#define POST "id, author_id, title, body, views, public, written"

static const struct column AUTHORS[] = {
    {INTEGER, ",\"id\":"}, {TEXT, ",\"email\":"}, {TEXT, ",\"name\":"}, {INTEGER, ",\"age\":"}, {BOOLEAN, ",\"active\":"},
    {DOUBLE, ",\"score\":"}, {MOMENT, ",\"joined\":"}, {TEXT, ",\"bio\":"},
};
static const struct column POSTS[] = {
    {INTEGER, ",\"id\":"}, {INTEGER, ",\"authorId\":"}, {TEXT, ",\"title\":"}, {TEXT, ",\"body\":"}, {INTEGER, ",\"views\":"},
    {BOOLEAN, ",\"public\":"}, {MOMENT, ",\"written\":"},
};
enum { AUTHOR_COLUMNS = sizeof AUTHORS / sizeof *AUTHORS, POST_COLUMNS = sizeof POSTS / sizeof *POSTS };

/* ---- libpq's sides ---- */

static char answer[1 << 22];

static void check(PGresult *result) {
    if (PQresultStatus(result) != PGRES_TUPLES_OK) fail(PQerrorMessage(connection));
}

static void copy_values(PGresult *result) {
    char *end = answer;
    check(result);
    for (int row = 0; row < PQntuples(result); row++)
        for (int column = 0; column < PQnfields(result); column++) {
            int size = PQgetlength(result, row, column);
            memcpy(end, PQgetvalue(result, row, column), (size_t)size);
            end += size;
        }
    sink += (uint64_t)(end - answer);
    PQclear(result);
}

static void write_rows(PGresult *result, const struct column *columns, int count) {
    char *end = answer;
    check(result);
    *end++ = '[';
    for (int row = 0; row < PQntuples(result); row++) {
        if (row > 0) *end++ = ',';
        end = put_record(end, result, row, columns, count);
        *end++ = '}';
    }
    *end++ = ']';
    sink += (uint64_t)(end - answer);
    PQclear(result);
}

/* Both are in the order of the authors' ids, which are the first and the second column. */
static void write_nested(PGresult *authors, PGresult *posts) {
    char *end = answer;
    int post = 0;
    check(authors), check(posts);
    *end++ = '[';
    for (int row = 0; row < PQntuples(authors); row++) {
        const char *id = PQgetvalue(authors, row, 0);
        int first = post;
        if (row > 0) *end++ = ',';
        end = put_record(end, authors, row, AUTHORS, AUTHOR_COLUMNS);
        end += sprintf(end, ",\"posts\":[");
        for (; post < PQntuples(posts) && memcmp(PQgetvalue(posts, post, 1), id, 4) == 0; post++) {
            if (post > first) *end++ = ',';
            end = put_record(end, posts, post, POSTS, POST_COLUMNS);
            *end++ = '}';
        }
        *end++ = ']', *end++ = '}';
    }
    *end++ = ']';
    sink += (uint64_t)(end - answer);
    PQclear(authors), PQclear(posts);
}

static PGresult *run_point(void) {
    char id[16];
    const char *values[] = {id};
    snprintf(id, sizeof id, "%d", 1 + pick(20000));
    return PQexecPrepared(connection, "point", 1, values, NULL, NULL, 1);
}

static PGresult *run_list(void) {
    char before[40];
    const char *values[] = {pick(2) ? "t" : "f", before};
    snprintf(before, sizeof before, "2024-01-%02d 12:00:00+00", 2 + pick(20));
    return PQexecPrepared(connection, "list", 2, values, NULL, NULL, 1);
}

static void run_nested(PGresult **authors, PGresult **posts) {
    char id[16];
    const char *values[] = {id};
    snprintf(id, sizeof id, "%d", 1 + pick(900));
    PQenterPipelineMode(connection);
    PQsendQueryPrepared(connection, "authors", 1, values, NULL, NULL, 1);
    PQsendQueryPrepared(connection, "posts", 1, values, NULL, NULL, 1);
    PQpipelineSync(connection);
    *authors = PQgetResult(connection), PQclear(PQgetResult(connection));
    *posts = PQgetResult(connection), PQclear(PQgetResult(connection));
    PQclear(PQgetResult(connection));
    PQexitPipelineMode(connection);
}

/* A new post, all columns returned. */
static PGresult *run_insert(void) {
    char id[16], author[16];
    const char *values[] = {id, author, "A new post", "What a post says when it is new", "0", "t", "2026-01-02T03:04:05.678Z"};
    snprintf(id, sizeof id, "%d", ++last_post);
    snprintf(author, sizeof author, "%d", 1001 + pick(1000));
    return PQexecPrepared(connection, "insert", 7, values, NULL, NULL, 1);
}

static void raw_point(void) { copy_values(run_point()); }
static void raw_list(void) { copy_values(run_list()); }

static void raw_nested(void) {
    PGresult *authors, *posts;
    run_nested(&authors, &posts);
    copy_values(authors), copy_values(posts);
}

static void raw_insert(void) { copy_values(run_insert()); }
static void json_insert(void) { write_rows(run_insert(), POSTS, POST_COLUMNS); }

static void json_point(void) { write_rows(run_point(), AUTHORS, AUTHOR_COLUMNS); }
static void json_list(void) { write_rows(run_list(), POSTS, POST_COLUMNS); }

static void json_nested(void) {
    PGresult *authors, *posts;
    run_nested(&authors, &posts);
    write_nested(authors, posts);
}

/* ---- the library's side ---- */

static void ask(const char *request, int size) {
    accelerant_reply *reply;
    size_t length;
    if (accelerant_query(client, request, (size_t)size, &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    accelerant_reply_data(reply, &length);
    sink += length;
    accelerant_reply_free(reply);
}

static void our_point(void) {
    char text[256];
    ask(text, sprintf(text, "{\"model\":\"Author\",\"operation\":\"findUnique\",\"args\":{\"where\":{\"id\":%d}}}", 1 + pick(20000)));
}

static void our_list(void) {
    char text[256];
    int isPublic = pick(2);
    ask(text, sprintf(text,
        "{\"model\":\"Post\",\"operation\":\"findMany\",\"args\":{\"where\":{\"public\":%s,\"written\":{\"lt\":\"2024-01-%02dT12:00:00.000Z\"}},"
        "\"orderBy\":{\"written\":\"desc\"},\"take\":20}}", isPublic ? "true" : "false", 2 + pick(20)));
}

static void our_nested(void) {
    char text[256];
    ask(text, sprintf(text,
        "{\"model\":\"Author\",\"operation\":\"findMany\",\"args\":{\"where\":{\"id\":{\"gte\":%d}},\"orderBy\":{\"id\":\"asc\"},\"take\":100,"
        "\"include\":{\"posts\":{\"orderBy\":{\"id\":\"asc\"},\"take\":10}}}}", 1 + pick(900)));
}

static void our_insert(void) {
    char text[384];
    ask(text, sprintf(text,
        "{\"model\":\"Post\",\"operation\":\"create\",\"args\":{\"data\":{\"id\":%d,\"authorId\":%d,\"title\":\"A new post\","
        "\"body\":\"What a post says when it is new\",\"views\":0,\"public\":true,\"written\":\"2026-01-02T03:04:05.678Z\"}}}",
        ++last_post, 1001 + pick(1000)));
}

static const struct {
    const char *name, *what;
    void (*raw)(void), (*json)(void), (*ours)(void);
    int runs;
} KINDS[] = {
    {"point", "one row of eight columns by its key", raw_point, json_point, our_point, MOST_RUNS},
    {"list", "20 rows of seven columns, filtered and ordered", raw_list, json_list, our_list, 2000},
    {"nested", "100 rows with 10 related rows each, two statements in one pipeline (ours also BEGIN and COMMIT)", raw_nested, json_nested, our_nested, 100},
    {"insert", "one row of seven columns, returned", raw_insert, json_insert, our_insert, 2000},
};

/* Runs one side; gives the median wall time and the mean CPU time of a run. */
static double measure(void (*run)(void), int runs, double *cpu) {
    static double times[MOST_RUNS];
    double start = cpu_us();
    for (int i = 0; i < runs; i++) {
        double begin = wall_us();
        run();
        times[i] = wall_us() - begin;
    }
    *cpu = (cpu_us() - start) / runs;
    return median(times, runs);
}

static void prepare(const char *name, const char *text) {
    PGresult *result = PQprepare(connection, name, text, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) fail(PQerrorMessage(connection));
    PQclear(result);
}

int main(int count, char **arguments) {
    int rounds = count > 2 ? atoi(arguments[2]) : 9;
    char configuration[4096];
    const char *url = getenv("DATABASE_URL");
    accelerant_reply *reply = NULL;
    if (count < 2) fail("usage: misses SCHEMA [rounds]");
    if (rounds > MOST_ROUNDS) rounds = MOST_ROUNDS;

    connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) fail(PQerrorMessage(connection));
    PQclear(PQexec(connection, TABLES));
    prepare("point", "SELECT " AUTHOR " FROM author WHERE id = $1::int");
    prepare("list", "SELECT " POST " FROM post WHERE public = $1::bool AND written < $2::timestamptz ORDER BY written DESC LIMIT 20");
    prepare("authors", "SELECT " AUTHOR " FROM author WHERE id >= $1::int ORDER BY id LIMIT 100");
    prepare("posts",
        "SELECT p.* FROM (SELECT id FROM author WHERE id >= $1::int ORDER BY id LIMIT 100) a"
        " CROSS JOIN LATERAL (SELECT " POST " FROM post WHERE author_id = a.id ORDER BY id LIMIT 10) p");
    prepare("insert",
        "INSERT INTO post (id, author_id, title, body, views, public, written) VALUES ($1::int, $2::int, $3::text, $4::text, $5::int, $6::bool,"
        " $7::timestamptz) RETURNING " POST);
    snprintf(configuration, sizeof configuration, "{\"schemaPath\": \"%s\", \"datasourceUrl\": \"%s\"}", arguments[1], url);
    if (accelerant_open(configuration, strlen(configuration), &client, &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));

    for (size_t kind = 0; kind < sizeof KINDS / sizeof *KINDS; kind++) {
        double raw[MOST_ROUNDS], json[MOST_ROUNDS], ours[MOST_ROUNDS], toRaw[MOST_ROUNDS], toJSON[MOST_ROUNDS];
        double rawCPU[MOST_ROUNDS], jsonCPU[MOST_ROUNDS], ourCPU[MOST_ROUNDS];
        for (int i = 0; i < 20; i++) KINDS[kind].raw(), KINDS[kind].json(), KINDS[kind].ours();
        for (int round = 0; round < rounds; round++) {
            raw[round] = measure(KINDS[kind].raw, KINDS[kind].runs, &rawCPU[round]);
            ours[round] = measure(KINDS[kind].ours, KINDS[kind].runs, &ourCPU[round]);
            json[round] = measure(KINDS[kind].json, KINDS[kind].runs, &jsonCPU[round]);
            toRaw[round] = ours[round] / raw[round];
            toJSON[round] = ours[round] / json[round];
        }
        printf("{\"bench\": \"miss\", \"name\": \"%s\", \"what\": \"%s\", \"libpqUs\": %.1f, \"jsonUs\": %.1f, \"libraryUs\": %.1f, \"toLibpq\": %.2f,"
            " \"toJson\": %.2f, \"libpqCpuUs\": %.1f, \"jsonCpuUs\": %.1f, \"libraryCpuUs\": %.1f}\n",
            KINDS[kind].name, KINDS[kind].what, median(raw, rounds), median(json, rounds), median(ours, rounds), median(toRaw, rounds),
            median(toJSON, rounds), median(rawCPU, rounds), median(jsonCPU, rounds), median(ourCPU, rounds));
        fflush(stdout);
    }
    accelerant_close(client);
    PQfinish(connection);
    return sink == 1;
}

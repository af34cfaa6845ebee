/* The operations that are called without number, one function each: asks, and requires the status that has to come. */
#define _GNU_SOURCE
#include "operations.h"

#include <accelerant.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *configuration;
static accelerant_client *client;
/* Which caller this thread is, and how many calls it has made. */
static _Thread_local int caller;
static _Thread_local long number;

static void fail(const char *what, accelerant_reply *reply) {
    fprintf(stderr, "%s, call %ld: %s\n", what, number, accelerant_reply_error(reply, NULL) ? accelerant_reply_error(reply, NULL) : "");
    exit(1);
}

/* Reads all of a reply, and frees it. */
static void finish(accelerant_reply *reply) {
    accelerant_reply_data(reply, NULL);
    accelerant_reply_info(reply, NULL);
    accelerant_reply_error(reply, NULL);
    accelerant_reply_free(reply);
}

/* Asks; the status has to be `wanted`. `id` takes the id of the answer, or is NULL. */
static void ask(const char *request, int32_t wanted, char *id) {
    accelerant_reply *reply;
    int32_t status = accelerant_query(client, request, strlen(request), &reply);
    if (status != wanted) fail(request, reply);
    if (id && sscanf(accelerant_reply_data(reply, NULL), "{\"id\":\"%63[^\"]", id) != 1) fail("no id", reply);
    finish(reply);
}

__attribute__((format(printf, 1, 2))) static void succeed(const char *format, ...) {
    char request[640];
    va_list list;
    va_start(list, format);
    if (vsnprintf(request, sizeof request, format, list) >= (int)sizeof request) fail("the request is too long", NULL);
    va_end(list);
    ask(request, ACCELERANT_OK, NULL);
}

#define THING(operation) "{\"model\": \"Thing\", \"operation\": \"" operation "\""
#define MARK(operation, arguments) "{\"model\": \"Mark\", \"operation\": \"" operation "\", \"args\": {" arguments "}}"
#define COUNT THING("count")
/* Each caller has records of its own. */
#define MINE "\"where\": {\"name\": \"%d\"}"
#define ADD "\"data\": {\"count\": {\"increment\": 1}}"

static void hit(void) { ask(COUNT ", \"args\": {\"cacheStrategy\": {\"ttl\": 60}}}", ACCELERANT_OK, NULL); }

static void miss(void) {
    succeed(COUNT ", \"args\": {\"where\": {\"id\": %ld}, \"cacheStrategy\": {\"ttl\": 60, \"auto\": true}}}", number % 100000);
}

/* An old answer, and its refresh in the background. */
static void refresh(void) {
    ask(COUNT ", \"args\": {\"where\": {\"id\": 2}, \"cacheStrategy\": {\"ttl\": 1, \"swr\": 100}}}", ACCELERANT_OK, NULL);
    ask("{\"operation\": \"$clock.advance\", \"args\": {\"milliseconds\": 2000}}", ACCELERANT_OK, NULL);
}

static void read_rows(void) {
    ask(THING("findUnique") ", \"args\": {\"where\": {\"id\": 1}}}", ACCELERANT_OK, NULL);
    ask(THING("findUniqueOrThrow") ", \"args\": {\"where\": {\"id\": 2}}}", ACCELERANT_OK, NULL);
    ask(THING("findFirst") ", \"args\": {\"where\": {\"text\": {\"contains\": \"o\"}}, \"orderBy\": {\"id\": \"asc\"}}}", ACCELERANT_OK, NULL);
    ask(THING("findFirstOrThrow") "}", ACCELERANT_OK, NULL);
    ask(THING("findMany") "}", ACCELERANT_OK, NULL);
    ask(COUNT "}", ACCELERANT_OK, NULL);
    ask(THING("aggregate") ", \"args\": {\"_sum\": {\"id\": true}}}", ACCELERANT_OK, NULL);
    ask(THING("groupBy") ", \"args\": {\"by\": [\"text\"], \"_count\": true}}", ACCELERANT_OK, NULL);
}

static void invalidate(void) {
    ask(COUNT ", \"args\": {\"cacheStrategy\": {\"ttl\": 60, \"tags\": [\"a\"]}}}", ACCELERANT_OK, NULL);
    ask(number % 2 ? "{\"operation\": \"$accelerate.invalidateAll\"}" : "{\"operation\": \"$accelerate.invalidate\", \"args\": {\"tags\": [\"a\"]}}",
        ACCELERANT_OK, NULL);
}

static void write_rows(void) {
    succeed(MARK("create", "\"data\": {\"name\": \"%d\"}"), caller);
    succeed(MARK("createMany", "\"data\": [{\"name\": \"%d\"}, {\"name\": \"m%d\"}], \"skipDuplicates\": true"), caller, caller);
    succeed(MARK("createManyAndReturn", "\"data\": [{\"name\": \"r%d\"}]"), caller);
    succeed(MARK("update", MINE ", " ADD), caller);
    succeed(MARK("updateMany", MINE ", " ADD), caller);
    succeed(MARK("updateManyAndReturn", MINE ", " ADD), caller);
    succeed(MARK("upsert", MINE ", \"create\": {\"name\": \"%d\"}, \"update\": {\"count\": 1}"), caller, caller);
    succeed(MARK("delete", MINE), caller);
    succeed(MARK("deleteMany", "\"where\": {\"name\": {\"in\": [\"m%d\", \"r%d\"]}}"), caller, caller);
}

static void nested(void) {
    succeed(MARK("create", "\"data\": {\"name\": \"%d\", \"children\": {\"create\": [{\"word\": \"a\"}, {\"word\": \"b\"}]}}"), caller);
    succeed(MARK("update", MINE ", \"data\": {\"children\": {\"deleteMany\": {}}}, \"include\": {\"children\": true}"), caller);
    succeed(MARK("delete", MINE), caller);
}

static void raw(void) {
    ask("{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT $1::int AS n\", \"parameters\": [1]}}", ACCELERANT_OK, NULL);
    ask("{\"operation\": \"$executeRaw\", \"args\": {\"query\": \"UPDATE \\\"Thing\\\" SET id = id WHERE id = $1\", \"parameters\": [0]}}", ACCELERANT_OK, NULL);
}

static void transaction(void) {
    succeed("{\"operation\": \"$transaction\", \"args\": {\"requests\": [" MARK("create", "\"data\": {\"name\": \"%d\"}") ", " COUNT "}, "
            MARK("deleteMany", MINE) "]}}", caller, caller);
}

/* Half of them are committed, after a savepoint that was gone back to. */
static void interactive(void) {
    char id[64];
    ask("{\"operation\": \"$transaction.begin\", \"args\": {\"maxWait\": 20000, \"timeout\": 60000}}", ACCELERANT_OK, id);
    if (number % 2) {
        succeed("{\"operation\": \"$transaction.savepoint\", \"args\": {\"name\": \"s\"}, \"transaction\": \"%s\"}", id);
        succeed("{\"operation\": \"$transaction.rollbackTo\", \"args\": {\"name\": \"s\"}, \"transaction\": \"%s\"}", id);
    }
    succeed(COUNT ", \"transaction\": \"%s\"}", id);
    succeed("{\"operation\": \"$transaction.%s\", \"transaction\": \"%s\"}", number % 2 ? "commit" : "rollback", id);
}

/* Submits one of the caller's, and takes any that is done. Every second one is cancelled. */
static void submit(void) {
    static const char request[] = COUNT "}";
    accelerant_reply *reply = NULL;
    int32_t status;
    if (accelerant_submit(client, request, sizeof request - 1, (uint64_t)caller) != ACCELERANT_OK) fail("submit", NULL);
    if (number % 2) accelerant_cancel(client, (uint64_t)caller);
    while (reply == NULL)
        if (accelerant_take(client, NULL, &reply) != ACCELERANT_OK) fail("take", NULL);
        else if (reply == NULL) usleep(10);
    status = accelerant_reply_status(reply);
    if (status != ACCELERANT_OK && status != ACCELERANT_CANCELLED) fail("submitted", reply);
    finish(reply);
}

static void mistakes(void) {
    ask("{\"model\": ", ACCELERANT_INVALID_REQUEST, NULL);
    ask("{\"model\": \"Nobody\", \"operation\": \"count\"}", ACCELERANT_INVALID_REQUEST, NULL);
    ask(THING("findMany") ", \"args\": {\"where\": {\"nothing\": 1}}}", ACCELERANT_INVALID_REQUEST, NULL);
    ask("{\"operation\": \"$transaction.commit\", \"transaction\": \"nothing\"}", ACCELERANT_INVALID_REQUEST, NULL);
}

static void refusals(void) {
    ask(THING("findUniqueOrThrow") ", \"args\": {\"where\": {\"id\": 0}}}", ACCELERANT_NOT_FOUND, NULL);
    ask(THING("create") ", \"args\": {\"data\": {\"id\": 1}}}", ACCELERANT_CONSTRAINT, NULL);
    ask("{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT nothing\"}}", ACCELERANT_DATABASE, NULL);
}

static void watch(void) {
    ask("{\"operation\": \"$metrics\"}", ACCELERANT_OK, NULL);
    ask("{\"operation\": \"$metrics\", \"args\": {\"format\": \"prometheus\"}}", ACCELERANT_OK, NULL);
    ask(COUNT "}", ACCELERANT_OK, NULL);
    ask("{\"operation\": \"$log.take\"}", ACCELERANT_OK, NULL);
}

static void describe(void) {
    ask("{\"operation\": \"$schema\"}", ACCELERANT_OK, NULL);
    ask("{\"operation\": \"$connect\"}", ACCELERANT_OK, NULL);
    ask("{\"operation\": \"$accelerate.installTriggers\", \"args\": {\"execute\": false}}", ACCELERANT_OK, NULL);
}

/* Those that open a client, or lose a connection. */

static void open_and_close(void) {
    accelerant_client *other;
    accelerant_reply *reply;
    if (accelerant_open(configuration, strlen(configuration), &other, NULL) != ACCELERANT_OK) fail("open", NULL);
    if (accelerant_query(other, COUNT "}", sizeof COUNT "}" - 1, &reply) != ACCELERANT_OK) fail("ask", reply);
    finish(reply);
    accelerant_close(other);
}

static void open_wrongly(void) {
    accelerant_client *other;
    accelerant_reply *reply;
    if (accelerant_open("{\"schema\": \"model\"}", 19, &other, &reply) != ACCELERANT_INVALID_CONFIGURATION) fail("open", reply);
    accelerant_reply_free(reply);
}

static void time_out(void) {
    ask("{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 FROM pg_sleep(5)\"}, \"timeoutMs\": 1}", ACCELERANT_TIMEOUT, NULL);
}

static void lose(void) {
    ask("{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT pg_terminate_backend(pg_backend_pid())\"}}", ACCELERANT_OUTCOME_UNKNOWN, NULL);
}

/* Cancels what runs on the server. */
static void cancel(void) {
    static const char request[] = "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 AS n FROM pg_sleep(20)\"}}";
    accelerant_reply *reply = NULL;
    if (accelerant_submit(client, request, sizeof request - 1, (uint64_t)caller) != ACCELERANT_OK) fail("submit", NULL);
    usleep(2000);
    accelerant_cancel(client, (uint64_t)caller);
    while (reply == NULL)
        if (accelerant_take(client, NULL, &reply) != ACCELERANT_OK) fail("take", NULL);
        else if (reply == NULL) usleep(100);
    if (accelerant_reply_status(reply) != ACCELERANT_CANCELLED) fail("cancelled", reply);
    finish(reply);
}

static const struct { const char *name; void (*run)(void); } operations[] = {
    {"hit", hit}, {"miss", miss}, {"refresh", refresh}, {"read", read_rows}, {"invalidate", invalidate}, {"write", write_rows}, {"nested", nested},
    {"raw", raw}, {"transaction", transaction}, {"interactive", interactive}, {"submit", submit}, {"mistakes", mistakes},
    {"refusals", refusals}, {"watch", watch}, {"describe", describe}, {"open-wrongly", open_wrongly},
    {"open", open_and_close}, {"timeout", time_out}, {"lost", lose}, {"cancel", cancel}};

int begin_operations(const char *text) {
    configuration = text;
    return accelerant_open(text, strlen(text), &client, NULL) == ACCELERANT_OK;
}

void end_operations(void) { accelerant_close(client); }

int find_operation(const char *name) {
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0) return (int)i;
    return -1;
}

void run_operation(int operation, int of, long first, long end) {
    caller = of;
    for (number = first; number < end; number++) operations[operation].run();
}

void drop_log(void) { ask("{\"operation\": \"$log.take\"}", ACCELERANT_OK, NULL); }

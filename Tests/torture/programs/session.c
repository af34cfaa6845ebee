/* See session.h. Each write bears a mark, a name of its own, so that afterwards the database can be asked whether it happened. */
#define _GNU_SOURCE
#include "session.h"

#include <accelerant.h>

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum fate { did_not_happen, happened, may_have_happened };
enum { marksOfASession = 32 };

long session_successes, session_failures, session_slowest, session_patience = 60000;
static accelerant_client *client;
static enum expectation expected;
static int faults, mark_count;
/* Of the time when it began, in nanoseconds, so that no two have the same. */
static unsigned long long session_number;
static struct { char name[48]; enum fate fate; } marks[marksOfASession];
static char text[4096];

static const char things[] = "[{\"id\":1,\"text\":\"one\"},{\"id\":2,\"text\":\"two\"},{\"id\":3,\"text\":null}]";

static void blame(const char *step, const char *what, const char *detail) {
    faults++;
    fprintf(stderr, "%s: %s: %.400s\n", step, what, detail ? detail : "");
}

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static const char *write_text(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return text;
}

/* A failing call is the database out of reach or out of time, or of resources; of what may have been written the outcome may be unknown. */
static int is_honest(int32_t status) {
    return status == ACCELERANT_UNAVAILABLE || status == ACCELERANT_TIMEOUT || status == ACCELERANT_OUTCOME_UNKNOWN ||
           status == ACCELERANT_OVERLOADED || status == ACCELERANT_CONFLICT;
}

static void judge(const char *step, int32_t status, accelerant_reply *reply, const char *wanted) {
    const char *data = accelerant_reply_data(reply, NULL), *error = accelerant_reply_error(reply, NULL);
    if (status != accelerant_reply_status(reply)) return blame(step, "a status that its reply does not have", error);
    if (status != ACCELERANT_OK) {
        session_failures++;
        if (data != NULL || error == NULL || strncmp(error, "{\"code\":\"P", 10) != 0) return blame(step, "an error without a document", error);
        if (expected == all_is_well) return blame(step, "failed", error);
        if (!is_honest(status)) return blame(step, accelerant_status_name(status), error);
        return;
    }
    session_successes++;
    if (data == NULL || error != NULL) return blame(step, "an answer without data", error);
    if (wanted != NULL && strcmp(data, wanted) != 0) return blame(step, "a wrong answer", data);
}

/* Asks, judges the answer, and gives the status. `keep` may be NULL, or takes the answer's text. */
static int32_t ask_and_keep(const char *step, const char *request, const char *wanted, char *keep, size_t size) {
    accelerant_reply *reply = NULL;
    long start = now(), took;
    int32_t status = accelerant_query(client, request, strlen(request), &reply);
    took = now() - start;
    if (took > session_slowest) session_slowest = took;
    if (took > session_patience) blame(step, "took too long", "");
    judge(step, status, reply, wanted);
    if (keep) snprintf(keep, size, "%s", status == ACCELERANT_OK ? accelerant_reply_data(reply, NULL) : "");
    accelerant_reply_info(reply, NULL);
    accelerant_reply_free(reply);
    return status;
}

static int32_t ask(const char *step, const char *request, const char *wanted) { return ask_and_keep(step, request, wanted, NULL, 0); }

static int new_mark(void) {
    snprintf(marks[mark_count].name, sizeof marks[0].name, "m%llx-%d", session_number, mark_count);
    marks[mark_count].fate = did_not_happen;
    return mark_count++;
}

static enum fate fate_of(int32_t status) {
    if (status == ACCELERANT_OK) return happened;
    return status == ACCELERANT_OUTCOME_UNKNOWN || status == ACCELERANT_TIMEOUT || status == ACCELERANT_CANCELLED ? may_have_happened : did_not_happen;
}

static const char *create(int mark, const char *more) {
    return write_text("{\"model\": \"Mark\", \"operation\": \"create\", \"args\": {\"data\": {\"name\": \"%s\"}, \"select\": {\"count\": true}}%s}",
                      marks[mark].name, more);
}

static void read_things(void) {
    static const char order[] = "\"orderBy\": {\"id\": \"asc\"}";
    int i;
    ask("connect", "{\"operation\": \"$connect\"}", "null");
    for (i = 0; i < 2; i++) {
        ask("read", write_text("{\"model\": \"Thing\", \"operation\": \"findMany\", \"args\": {%s}}", order), things);
        ask("cached read", write_text("{\"model\": \"Thing\", \"operation\": \"findMany\", \"args\": {%s, \"cacheStrategy\": {\"ttl\": 60, \"tags\": [\"t\"]}}}", order), things);
        ask("count", "{\"model\": \"Thing\", \"operation\": \"count\"}", "3");
        ask("raw", "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT $1::int + 1 AS n\", \"parameters\": [41]}}", "[{\"n\":42}]");
        ask("invalidate", "{\"operation\": \"$accelerate.invalidate\", \"args\": {\"tags\": [\"t\"]}}", NULL);
    }
    /* An old answer in the place of an error, and a refresh in the background. */
    for (i = 0; i < 3; i++) {
        ask("stale if error", "{\"model\": \"Thing\", \"operation\": \"count\", \"args\": {\"cacheStrategy\": {\"ttl\": 1, \"staleIfError\": 1000}}}", "3");
        ask("stale while refreshed", "{\"model\": \"Thing\", \"operation\": \"count\", \"args\": {\"where\": {\"id\": 2}, \"cacheStrategy\": {\"ttl\": 1, \"swr\": 1000}}}", "1");
        ask("clock", "{\"operation\": \"$clock.advance\", \"args\": {\"milliseconds\": 3000}}", "null");
    }
}

static void write_marks(void) {
    int one = new_mark(), nested = new_mark(), first = new_mark(), second = new_mark(), raw = new_mark();
    int32_t status;
    char answer[64];
    marks[one].fate = fate_of(ask("create", create(one, ""), "{\"count\":0}"));
    marks[nested].fate = fate_of(ask("nested create", write_text(
        "{\"model\": \"Mark\", \"operation\": \"create\", \"args\": {\"data\": {\"name\": \"%s\", \"children\": {\"create\": [{\"word\": \"a\"}, {\"word\": \"b\"}]}},"
        " \"select\": {\"children\": {\"select\": {\"word\": true}, \"orderBy\": {\"id\": \"asc\"}}}}}", marks[nested].name),
        "{\"children\":[{\"word\":\"a\"},{\"word\":\"b\"}]}"));
    marks[first].fate = marks[second].fate = fate_of(ask("transaction", write_text(
        "{\"operation\": \"$transaction\", \"args\": {\"requests\": [{\"model\": \"Mark\", \"operation\": \"create\", \"args\": {\"data\": {\"name\": \"%s\"}}},"
        " {\"model\": \"Thing\", \"operation\": \"count\"}, {\"model\": \"Mark\", \"operation\": \"create\", \"args\": {\"data\": {\"name\": \"%s\"}}}]}}",
        marks[first].name, marks[second].name), NULL));
    marks[raw].fate = fate_of(ask("raw write", write_text(
        "{\"operation\": \"$executeRaw\", \"args\": {\"query\": \"INSERT INTO \\\"Mark\\\" (name) VALUES ($1)\", \"parameters\": [\"%s\"], \"touches\": [\"Mark\"]}}",
        marks[raw].name), "1"));

    /* An automatic answer is never older than the last write whose reply was there. */
    snprintf(text, sizeof text, "{\"model\": \"Mark\", \"operation\": \"findUnique\", \"args\": {\"where\": {\"name\": \"%s\"}, \"select\": {\"count\": true},"
             " \"cacheStrategy\": {\"ttl\": 60, \"auto\": true}}}", marks[one].name);
    char read[512];
    memcpy(read, text, sizeof read);
    status = ask_and_keep("automatic read", read, NULL, answer, sizeof answer);
    if (status == ACCELERANT_OK && marks[one].fate != may_have_happened && strcmp(answer, marks[one].fate == happened ? "{\"count\":0}" : "null") != 0)
        blame("automatic read", "not what was written", answer);
    status = ask("update", write_text("{\"model\": \"Mark\", \"operation\": \"updateMany\", \"args\": {\"where\": {\"name\": \"%s\"}, \"data\": {\"count\": {\"increment\": 1}}}}",
        marks[one].name), NULL);
    if (ask_and_keep("automatic read after a write", read, NULL, answer, sizeof answer) == ACCELERANT_OK && marks[one].fate == happened &&
        fate_of(status) != may_have_happened && strcmp(answer, status == ACCELERANT_OK ? "{\"count\":1}" : "{\"count\":0}") != 0)
        blame("automatic read after a write", "an old answer", answer);
}

static void use_a_transaction(void) {
    int kept = new_mark(), dropped = new_mark();
    char answer[128], more[160], id[64] = "";
    int32_t inside[2], back, status;
    if (ask_and_keep("begin", "{\"operation\": \"$transaction.begin\", \"args\": {\"timeout\": 60000}}", NULL, answer, sizeof answer) != ACCELERANT_OK) return;
    if (sscanf(answer, "{\"id\":\"%63[^\"]", id) != 1) return blame("begin", "no id", answer);
    snprintf(more, sizeof more, ", \"transaction\": \"%s\"", id);
    inside[0] = ask("create inside", create(kept, more), "{\"count\":0}");
    ask("savepoint", write_text("{\"operation\": \"$transaction.savepoint\", \"args\": {\"name\": \"s\"}%s}", more), "null");
    inside[1] = ask("second create inside", create(dropped, more), "{\"count\":0}");
    back = ask("back to the savepoint", write_text("{\"operation\": \"$transaction.rollbackTo\", \"args\": {\"name\": \"s\"}%s}", more), "null");
    status = ask("commit", write_text("{\"operation\": \"$transaction.commit\"%s}", more), "null");
    marks[kept].fate = inside[0] == ACCELERANT_OK ? fate_of(status) : did_not_happen;
    if (back != ACCELERANT_OK && inside[1] == ACCELERANT_OK) marks[dropped].fate = fate_of(status);
}

/* One reply, or NULL when there is none in time. */
static accelerant_reply *take(long start, uint64_t *token) {
    accelerant_reply *reply = NULL;
    while (reply == NULL) {
        struct pollfd ready = {accelerant_descriptor(client), POLLIN, 0};
        if (now() - start > session_patience) return blame("take", "nothing comes", ""), NULL;
        /* Why no longer: a descriptor that could not be made, or be written to, tells nothing. */
        poll(&ready, ready.fd >= 0, 20);
        if (accelerant_take(client, token, &reply) != ACCELERANT_OK) return blame("take", "failed", ""), NULL;
    }
    return reply;
}

/* Submits one; whether it is outstanding. */
static int begin(const char *request, uint64_t token) {
    int32_t status = accelerant_submit(client, request, strlen(request), token);
    if (status != ACCELERANT_OK && (expected == all_is_well || !is_honest(status))) blame("submit", accelerant_status_name(status), "");
    return status == ACCELERANT_OK;
}

/* Submits four requests, one of which is cancelled and one of which has no time, and takes all of them. */
static void submit(void) {
    static const char slow[] = "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 AS n FROM pg_sleep(10)\"}}";
    static const char hasty[] = "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 AS n FROM pg_sleep(10)\"}, \"timeoutMs\": 30}";
    static const char quick[] = "{\"model\": \"Thing\", \"operation\": \"count\"}";
    const char *requests[4] = {quick, slow, hasty, quick};
    int outstanding = 0, seen[4] = {0}, i;
    long start = now();
    for (i = 0; i < 4; i++) {
        seen[i] = !begin(requests[i], (uint64_t)i);
        outstanding += !seen[i];
    }
    usleep(5000);
    if (!seen[1] && accelerant_cancel(client, 1) != ACCELERANT_OK && expected == all_is_well) blame("cancel", "failed", "");
    for (; outstanding > 0; outstanding--) {
        uint64_t token = 9;
        accelerant_reply *reply = take(start, &token);
        int32_t status;
        if (reply == NULL) return;
        status = accelerant_reply_status(reply);
        if (token > 3 || seen[token]++) blame("take", "a token that is not outstanding", "");
        else if (requests[token] == quick) judge("submitted", status, reply, "3");
        else if (status != (token == 1 ? ACCELERANT_CANCELLED : ACCELERANT_TIMEOUT) && (expected == all_is_well || !is_honest(status)))
            blame(token == 1 ? "cancelled" : "hasty", accelerant_status_name(status), accelerant_reply_error(reply, NULL));
        accelerant_reply_free(reply);
    }
}

/* How many reads have been sent together with others. */
static long shared_reads(void) {
    static const char request[] = "{\"operation\": \"$metrics\", \"args\": {\"format\": \"prometheus\"}}", name[] = "\\naccelerant_pool_multiplexed_reads_total ";
    accelerant_reply *reply = NULL;
    const char *found = NULL;
    long count = 0;
    if (accelerant_query(client, request, sizeof request - 1, &reply) == ACCELERANT_OK) found = strstr(accelerant_reply_data(reply, NULL), name);
    if (found) count = atol(found + sizeof name - 1);
    accelerant_reply_free(reply);
    return count;
}

/* Submits short reads behind a pause on each connection, so that they are sent together. One is cancelled. */
static void share_connections(void) {
    enum { connections = 3, reads = 12, all = connections + reads };
    static const char pause[] = "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 AS n FROM pg_sleep(0.01)\"}}";
    static const char *const answers[] = {"{\"id\":1,\"text\":\"one\"}", "{\"id\":2,\"text\":\"two\"}", "{\"id\":3,\"text\":null}"};
    int seen[all] = {0}, outstanding = 0, i;
    long start = now();
    for (i = 0; i < all; i++) {
        const char *read = write_text("{\"model\": \"Thing\", \"operation\": \"findUnique\", \"args\": {\"where\": {\"id\": %d}}}", i % 3 + 1);
        seen[i] = !begin(i < connections ? pause : read, (uint64_t)i);
        outstanding += !seen[i];
    }
    if (!seen[all - 2] && accelerant_cancel(client, all - 2) != ACCELERANT_OK && expected == all_is_well) blame("cancel", "failed", "");
    for (; outstanding > 0; outstanding--) {
        uint64_t token = all;
        accelerant_reply *reply = take(start, &token);
        if (reply == NULL) return;
        if (token >= all || seen[token]++) blame("take", "a token that is not outstanding", "");
        else if (token != all - 2 || accelerant_reply_status(reply) != ACCELERANT_CANCELLED)
            judge("shared read", accelerant_reply_status(reply), reply, token < connections ? "[{\"n\":1}]" : answers[token % 3]);
        accelerant_reply_free(reply);
    }
}

static void share(void) {
    int i;
    for (i = 0; i < 12; i++)
        ask("short read", "{\"model\": \"Thing\", \"operation\": \"findUnique\", \"args\": {\"where\": {\"id\": 2}}}", "{\"id\":2,\"text\":\"two\"}");
    share_connections();
    if (expected != all_is_well) return;
    /* On a busy machine a read seems long, and is sent alone, until it has been quick a few times. */
    for (i = 0; i < 300 && shared_reads() == 0; i++) share_connections();
    if (shared_reads() == 0) blame("shared read", "none was sent together with another one", "");
}

int run_session(const char *configuration, enum expectation expectation) {
    accelerant_reply *reply = NULL;
    struct timespec time;
    int32_t status;
    expected = expectation;
    faults = mark_count = 0;
    clock_gettime(CLOCK_REALTIME, &time);
    session_number = (unsigned long long)time.tv_sec * 1000000000 + (unsigned long long)time.tv_nsec;
    status = accelerant_open(configuration, strlen(configuration), &client, &reply);
    if (status != ACCELERANT_OK) {
        session_failures++;
        if (client != NULL || reply == NULL || accelerant_reply_error(reply, NULL) == NULL) blame("open", "an error without a document", "");
        else if (expected == all_is_well || (status != ACCELERANT_INVALID_CONFIGURATION && status != ACCELERANT_INTERNAL))
            blame("open", accelerant_status_name(status), accelerant_reply_error(reply, NULL));
        accelerant_reply_free(reply);
        return faults;
    }
    read_things();
    write_marks();
    use_a_transaction();
    submit();
    share();
    ask("log", "{\"operation\": \"$log.take\"}", NULL);
    ask("metrics", "{\"operation\": \"$metrics\"}", NULL);
    accelerant_close(client);
    return faults;
}

void open_and_close(const char *configuration) {
    if (accelerant_open(configuration, strlen(configuration), &client, NULL) == ACCELERANT_OK) accelerant_close(client);
    else abort();
}

int check_marks(const char *configuration) {
    int i;
    faults = 0;
    expected = all_is_well;
    if (accelerant_open(configuration, strlen(configuration), &client, NULL) != ACCELERANT_OK) {
        blame("open", "failed", "");
        return faults;
    }
    for (i = 0; i < mark_count; i++) {
        char answer[64];
        ask_and_keep("mark", write_text("{\"model\": \"Mark\", \"operation\": \"count\", \"args\": {\"where\": {\"name\": \"%s\"}}}", marks[i].name), NULL, answer, sizeof answer);
        if (marks[i].fate != may_have_happened && strcmp(answer, marks[i].fate == happened ? "1" : "0") != 0)
            blame(marks[i].name, marks[i].fate == happened ? "a write that was answered is not there" : "a write that failed is there", answer);
    }
    accelerant_close(client);
    return faults;
}

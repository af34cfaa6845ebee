/* One operation again and again: descriptors, threads and memory have to stay level.
 *
 *     level CONFIGURATION OPERATION COUNT
 *
 * A tenth of the calls goes before the first look, the rest is looked at twice: at its half and at its end. Prints what was seen. */
#define _GNU_SOURCE
#include <accelerant.h>

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *configuration;
static accelerant_client *client;
static long number;

static void fail(const char *what, accelerant_reply *reply) {
    fprintf(stderr, "%s, call %ld: %s\n", what, number, accelerant_reply_error(reply, NULL) ? accelerant_reply_error(reply, NULL) : "");
    exit(1);
}

/* Asks, reads all of the reply, and frees it; the status has to be `wanted`. */
static void ask(const char *request, int32_t wanted, char *id) {
    accelerant_reply *reply;
    int32_t status = accelerant_query(client, request, strlen(request), &reply);
    if (status != wanted) fail(request, reply);
    if (id && sscanf(accelerant_reply_data(reply, NULL), "{\"id\":\"%63[^\"]", id) != 1) fail("no id", reply);
    accelerant_reply_data(reply, NULL);
    accelerant_reply_info(reply, NULL);
    accelerant_reply_error(reply, NULL);
    accelerant_reply_free(reply);
}

#define COUNT "{\"model\": \"Thing\", \"operation\": \"count\""
#define CREATE "{\"model\": \"Mark\", \"operation\": \"create\", \"args\": {\"data\": {\"name\": \"level\"}}}"
#define DELETE "{\"model\": \"Mark\", \"operation\": \"deleteMany\", \"args\": {}}"

static void hit(void) { ask(COUNT ", \"args\": {\"cacheStrategy\": {\"ttl\": 60}}}", ACCELERANT_OK, NULL); }
static void read_rows(void) { ask("{\"model\": \"Thing\", \"operation\": \"findMany\"}", ACCELERANT_OK, NULL); }

static void miss(void) {
    char request[160];
    snprintf(request, sizeof request, COUNT ", \"args\": {\"where\": {\"id\": %ld}, \"cacheStrategy\": {\"ttl\": 60, \"auto\": true}}}", number % 100000);
    ask(request, ACCELERANT_OK, NULL);
}

static void invalidate(void) {
    hit();
    ask("{\"operation\": \"$accelerate.invalidateAll\"}", ACCELERANT_OK, NULL);
}

static void write_rows(void) {
    ask(CREATE, ACCELERANT_OK, NULL);
    ask(DELETE, ACCELERANT_OK, NULL);
}

static void nested(void) {
    ask("{\"model\": \"Mark\", \"operation\": \"create\", \"args\": {\"data\": {\"name\": \"n\", \"children\": {\"create\": [{\"word\": \"a\"}]}}}}", ACCELERANT_OK, NULL);
    ask("{\"model\": \"Child\", \"operation\": \"deleteMany\", \"args\": {}}", ACCELERANT_OK, NULL);
    ask(DELETE, ACCELERANT_OK, NULL);
}

static void raw(void) {
    ask("{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT $1::int AS n\", \"parameters\": [1]}}", ACCELERANT_OK, NULL);
}

static void transaction(void) {
    ask("{\"operation\": \"$transaction\", \"args\": {\"requests\": [" CREATE ", " COUNT "}, " DELETE "]}}", ACCELERANT_OK, NULL);
}

static void interactive(void) {
    char id[64], request[256];
    ask("{\"operation\": \"$transaction.begin\", \"args\": {}}", ACCELERANT_OK, id);
    snprintf(request, sizeof request, COUNT ", \"transaction\": \"%s\"}", id);
    ask(request, ACCELERANT_OK, NULL);
    snprintf(request, sizeof request, "{\"operation\": \"$transaction.%s\", \"transaction\": \"%s\"}", number % 2 ? "commit" : "rollback", id);
    ask(request, ACCELERANT_OK, NULL);
}

/* Submits one, cancels every second one, and takes it. */
static void submit(void) {
    accelerant_reply *reply = NULL;
    int32_t status;
    if (accelerant_submit(client, COUNT "}", sizeof COUNT "}" - 1, 7) != ACCELERANT_OK) fail("submit", NULL);
    if (number % 2) accelerant_cancel(client, 7);
    while (reply == NULL)
        if (accelerant_take(client, NULL, &reply) != ACCELERANT_OK) fail("take", NULL);
        else if (reply == NULL) usleep(10);
    status = accelerant_reply_status(reply);
    if (status != ACCELERANT_OK && status != ACCELERANT_CANCELLED) fail("submitted", reply);
    accelerant_reply_free(reply);
}

static void timeout(void) {
    ask("{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 FROM pg_sleep(5)\"}, \"timeoutMs\": 1}", ACCELERANT_TIMEOUT, NULL);
}

static void mistakes(void) {
    ask("{\"model\": ", ACCELERANT_INVALID_REQUEST, NULL);
    ask("{\"model\": \"Nobody\", \"operation\": \"count\"}", ACCELERANT_INVALID_REQUEST, NULL);
    ask("{\"model\": \"Thing\", \"operation\": \"findMany\", \"args\": {\"where\": {\"nothing\": 1}}}", ACCELERANT_INVALID_REQUEST, NULL);
}

static void refusals(void) {
    ask("{\"model\": \"Thing\", \"operation\": \"findUniqueOrThrow\", \"args\": {\"where\": {\"id\": 0}}}", ACCELERANT_NOT_FOUND, NULL);
    ask("{\"model\": \"Thing\", \"operation\": \"create\", \"args\": {\"data\": {\"id\": 1}}}", ACCELERANT_CONSTRAINT, NULL);
    ask("{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT nothing\"}}", ACCELERANT_DATABASE, NULL);
}

static void watch(void) {
    ask("{\"operation\": \"$metrics\"}", ACCELERANT_OK, NULL);
    ask("{\"operation\": \"$log.take\"}", ACCELERANT_OK, NULL);
}

static void open_and_close(void) {
    accelerant_client *other;
    if (accelerant_open(configuration, strlen(configuration), &other, NULL) != ACCELERANT_OK) fail("open", NULL);
    accelerant_close(other);
}

static void open_wrongly(void) {
    accelerant_client *other;
    accelerant_reply *reply;
    if (accelerant_open("{\"schema\": \"model\"}", 19, &other, &reply) != ACCELERANT_INVALID_CONFIGURATION) fail("open", reply);
    accelerant_reply_free(reply);
}

static const struct { const char *name; void (*run)(void); } operations[] = {
    {"hit", hit}, {"miss", miss}, {"read", read_rows}, {"invalidate", invalidate}, {"write", write_rows}, {"nested", nested}, {"raw", raw},
    {"transaction", transaction}, {"interactive", interactive}, {"submit", submit}, {"timeout", timeout}, {"mistakes", mistakes},
    {"refusals", refusals}, {"watch", watch}, {"open", open_and_close}, {"open-wrongly", open_wrongly}};

struct look { int descriptors, threads; long heap, resident; };

static int count_entries(const char *folder) {
    int entries_seen = 0;
    DIR *entries = opendir(folder);
    while (readdir(entries) != NULL) entries_seen++;
    closedir(entries);
    return entries_seen;
}

static struct look look(void) {
    struct look seen = {count_entries("/proc/self/fd"), count_entries("/proc/self/task"), (long)(mallinfo2().uordblks + mallinfo2().hblkhd) / 1024, 0};
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*d %ld", &seen.resident) != 1) exit(3);
    fclose(file);
    seen.resident *= sysconf(_SC_PAGESIZE) / 1024;
    return seen;
}

int main(int argc, char **argv) {
    size_t which = 0, operation_count = sizeof operations / sizeof *operations;
    struct look looks[3];
    long count, next = 0;
    struct timespec start, end;
    if (argc != 4) return 2;
    configuration = argv[1];
    while (which < operation_count && strcmp(operations[which].name, argv[2]) != 0) which++;
    count = atol(argv[3]);
    if (which == operation_count || count < 20) return 2;
    if (accelerant_open(configuration, strlen(configuration), &client, NULL) != ACCELERANT_OK) return 3;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (number = 0; number < count; number++) {
        operations[which].run();
        if (number + 1 == count / 10 || number + 1 == count / 2 || number + 1 == count) {
            ask("{\"operation\": \"$log.take\"}", ACCELERANT_OK, NULL);
            if (next < 3) looks[next++] = look();
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    accelerant_close(client);
    printf("%d %d %d %d %ld %ld %ld %ld %.1f\n", looks[0].descriptors, looks[2].descriptors, looks[0].threads, looks[2].threads, looks[1].heap,
           looks[2].heap, looks[1].resident, looks[2].resident,
           (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    return 0;
}

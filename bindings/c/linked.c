/* A program that is linked with libaccelerant: the life of a cached query, told by its info.
 *
 *     cc -std=c99 linked.c -laccelerant -o linked            (or: $(pkg-config --cflags --libs accelerant))
 *     DATABASE_URL=postgresql://… ./linked schema.prisma
 *
 * `make demo` at the top of the repository builds it and runs it on a database of real data. `loaded.c` does the same
 * with dlopen. */
#define _POSIX_C_SOURCE 199309L /* clock_gettime and nanosleep, which C99 alone does not have */

#include <accelerant.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The query of this tour: fresh for a minute, stale for another one, and called "packages" when we want it gone. */
static const char *const LARGEST =
    "{\"model\": \"Package\", \"operation\": \"findMany\", \"args\": {"
    "  \"where\": {\"section\": \"libs\"}, \"orderBy\": {\"installedKib\": \"desc\"}, \"take\": 1,"
    "  \"select\": {\"name\": true, \"installedKib\": true},"
    "  \"cacheStrategy\": {\"ttl\": 60, \"swr\": 60, \"tags\": [\"packages\"]}}}";

static double microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Runs one request and prints what came. A reply is always freed, whether it holds data or an error. */
static void ask(accelerant_client *client, const char *label, const char *request) {
    accelerant_reply *reply;
    double start = microseconds();
    int32_t status = accelerant_query(client, request, strlen(request), &reply);
    double spent = microseconds() - start;

    printf("%-34s %9.1f µs  ", label, spent);
    if (status == ACCELERANT_OK) {
        const char *info = accelerant_reply_info(reply, NULL); /* NULL for what does not read through the cache */
        printf("%s\n", accelerant_reply_data(reply, NULL));
        if (info != NULL) printf("%34s %13s %s\n", "", "", info);
    } else {
        printf("%s %s\n", accelerant_status_name(status), accelerant_reply_error(reply, NULL));
    }
    accelerant_reply_free(reply);
}

/* Whether the query is answered from the fresh cache now. */
static int is_fresh(accelerant_client *client) {
    accelerant_reply *reply;
    int fresh = accelerant_query(client, LARGEST, strlen(LARGEST), &reply) == ACCELERANT_OK &&
                strstr(accelerant_reply_info(reply, NULL), "\"cacheStatus\":\"ttl\"") != NULL;
    accelerant_reply_free(reply);
    return fresh;
}

/* Waits until the refresh that a stale hit started has come back; five seconds at most. */
static void await_refresh(accelerant_client *client) {
    struct timespec pause = {0, 1000000};
    int left;
    for (left = 5000; left > 0 && !is_fresh(client); left--) nanosleep(&pause, NULL);
}

int main(int argc, char **argv) {
    accelerant_client *client;
    accelerant_reply *reply;
    char config[4200];
    if (argc != 2 || strlen(argv[1]) > 4000) {
        fprintf(stderr, "usage: DATABASE_URL=postgresql://… %s schema.prisma\n", argv[0]);
        return 2;
    }
    /* The schema names env("DATABASE_URL"). The manual clock lets us see time pass without waiting for it; leave it out
     * in a program. (A path that holds quotes or backslashes would have to be escaped as JSON.) */
    snprintf(config, sizeof config, "{\"schemaPath\": \"%s\", \"clock\": \"manual\"}", argv[1]);
    if (accelerant_open(config, strlen(config), &client, &reply) != ACCELERANT_OK) {
        fprintf(stderr, "cannot open: %s\n", accelerant_reply_error(reply, NULL));
        accelerant_reply_free(reply);
        return 1;
    }
    accelerant_reply_free(reply);

    ask(client, "a miss: the database answers", LARGEST);
    ask(client, "a hit: the cache answers", LARGEST);
    ask(client, "somebody writes",
        "{\"operation\": \"$executeRaw\", \"args\": {\"query\": \"UPDATE package SET installed_kib = installed_kib + $1"
        " WHERE section = $2\", \"parameters\": [1000, \"libs\"]}}");
    ask(client, "still a hit, so the old answer", LARGEST);

    ask(client, "a minute passes", "{\"operation\": \"$clock.advance\", \"args\": {\"milliseconds\": 60000}}");
    ask(client, "a stale hit: old, but at once", LARGEST);
    await_refresh(client);
    ask(client, "its refresh has come back", LARGEST);

    ask(client, "invalidate the tag", "{\"operation\": \"$accelerate.invalidate\", \"args\": {\"tags\": [\"packages\"]}}");
    ask(client, "so the next one is a miss", LARGEST);

    ask(client, "an error says what is wrong",
        "{\"model\": \"Package\", \"operation\": \"findMany\", \"args\": {\"where\": {\"sectoin\": \"libs\"}}}");

    accelerant_close(client);
    return 0;
}

/* Requests that are outstanding, from C: a loop around poll(), several threads that submit, some that cancel, and a close with
 * requests still outstanding. Each is completed exactly once, with its own answer. Silent when all is well.
 *
 *     submit CONFIGURATION ROUNDS        `limits.queueLength` is at least 400 */
#define _POSIX_C_SOURCE 200112L
#include <accelerant.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define EACH 100
#define ALL (THREADS * EACH)

static accelerant_client *client;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static int32_t submit(unsigned token) {
    char request[256];
    /* Of ten requests two are a cached read of one key, one is no request at all. */
    if (token % 10 < 2)
        snprintf(request, sizeof request, "{\"model\": \"User\", \"operation\": \"count\", \"args\": {\"cacheStrategy\": {\"ttl\": 1}}}");
    else if (token % 10 == 2)
        snprintf(request, sizeof request, "{\"model\": ");
    else
        snprintf(request, sizeof request,
                 "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT $1::int AS n\", \"parameters\": [%u]}}", token);
    return accelerant_submit(client, request, strlen(request), token);
}

static void *submit_many(void *argument) {
    unsigned first = (unsigned)(size_t)argument * EACH, token;
    for (token = first; token < first + EACH; token++) {
        if (submit(token) != ACCELERANT_OK) fail("a request was refused");
        if (token % 9 == 0) accelerant_cancel(client, token);
    }
    return NULL;
}

static void check(unsigned token, accelerant_reply *reply) {
    char expected[64];
    int32_t status = accelerant_reply_status(reply);
    if (status == ACCELERANT_CANCELLED && token % 9 == 0) return;
    if (token % 10 == 2) {
        if (status != ACCELERANT_INVALID_REQUEST || accelerant_reply_error(reply, NULL) == NULL) fail("half a request was answered");
        return;
    }
    snprintf(expected, sizeof expected, token % 10 < 2 ? "4" : "[{\"n\":%u}]", token);
    if (status != ACCELERANT_OK || strcmp(accelerant_reply_data(reply, NULL), expected) != 0) fail("a wrong answer");
}

static void take_all(void) {
    static char seen[ALL];
    unsigned left = ALL;
    memset(seen, 0, sizeof seen);
    while (left > 0) {
        struct pollfd descriptor = {accelerant_descriptor(client), POLLIN, 0};
        if (poll(&descriptor, 1, 60000) != 1) fail("nothing came");
        for (;;) {
            uint64_t token;
            accelerant_reply *reply;
            if (accelerant_take(client, &token, &reply) != ACCELERANT_OK) fail("take");
            if (reply == NULL) break;
            if (token >= ALL || seen[token]++) fail("a request was completed twice");
            check((unsigned)token, reply);
            accelerant_reply_free(reply);
            left--;
        }
    }
}

int main(int argc, char **argv) {
    long round, rounds;
    if (argc != 3) return 2;
    rounds = atol(argv[2]);
    if (accelerant_open(argv[1], strlen(argv[1]), &client, NULL) != ACCELERANT_OK) fail("open");
    for (round = 0; round < rounds; round++) {
        pthread_t threads[THREADS];
        size_t i;
        for (i = 0; i < THREADS; i++)
            if (pthread_create(&threads[i], NULL, submit_many, (void *)i) != 0) return 3;
        take_all();
        for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    }
    submit_many(NULL);
    accelerant_close(client);
    return 0;
}

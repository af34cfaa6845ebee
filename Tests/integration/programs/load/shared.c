/* Threads that each have a client of their own on one `cache.name`. What one invalidates is gone for all; clients are closed while
 * others go on. Silent when all is well.
 *
 *     shared CONFIGURATION        without a `cache` */
#define _POSIX_C_SOURCE 200112L
#include <accelerant.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 6
#define ROUNDS 40
#define REQUESTS 50

static char config[65536];
static pthread_barrier_t barrier;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static accelerant_client *open_client(void) {
    accelerant_client *client;
    accelerant_reply *reply;
    if (accelerant_open(config, strlen(config), &client, &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    return client;
}

/* The status of the cache for a read that all have in common. */
static int32_t ask(accelerant_client *client, const char *request) {
    accelerant_reply *reply;
    int32_t status = accelerant_query(client, request, strlen(request), &reply);
    int32_t cache = accelerant_reply_cache_status(reply);
    if (status != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    accelerant_reply_free(reply);
    return cache;
}

static const char *READ = "{\"model\": \"User\", \"operation\": \"findMany\", \"args\": {\"cacheStrategy\": {\"ttl\": 60, \"tags\": [\"t\"]}}}";
static const char *INVALIDATE = "{\"operation\": \"$accelerate.invalidate\", \"args\": {\"tags\": [\"t\"]}}";

/* In each round one invalidates: then the first to read has a miss, or joins one, and afterwards all have hits. */
static void *in_step(void *argument) {
    size_t number = (size_t)argument;
    accelerant_client *client = open_client();
    int round;
    for (round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&barrier);
        if (round % THREADS == (int)number) ask(client, INVALIDATE);
        pthread_barrier_wait(&barrier);
        if (ask(client, READ) == ACCELERANT_CACHE_NONE) fail("a read without the cache");
        pthread_barrier_wait(&barrier);
        if (round % THREADS == (int)number && ask(client, READ) != ACCELERANT_CACHE_TTL) fail("an answer that was not kept");
        if (round % THREADS == (int)number) {
            ask(client, INVALIDATE);
            if (ask(client, READ) != ACCELERANT_CACHE_MISS) fail("an answer that was invalidated");
        }
    }
    accelerant_close(client);
    return NULL;
}

/* Clients come and go; each takes what it asked for, and nothing else. */
static void *come_and_go(void *argument) {
    size_t number = (size_t)argument;
    int round;
    for (round = 0; round < ROUNDS; round++) {
        accelerant_client *client = open_client();
        int asked = 0, token;
        for (token = 1; token <= REQUESTS; token++) {
            char request[256];
            accelerant_reply *reply;
            if (token % 2)
                strcpy(request, READ);
            else
                snprintf(request, sizeof request, "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT $1::int AS n\", \"parameters\": [%d]}}",
                         (int)number * 1000 + token);
            if (accelerant_request(client, request, strlen(request), (uint64_t)token, &reply) != ACCELERANT_OK) fail("a request was refused");
            if (!reply) asked++;
            accelerant_reply_free(reply);
            if (token == 7) ask(client, INVALIDATE);
        }
        /* Every third one is closed with requests outstanding. */
        while (asked > 0 && round % 3) {
            struct pollfd descriptor = {accelerant_descriptor(client), POLLIN, 0};
            accelerant_reply *reply;
            uint64_t taken;
            poll(&descriptor, 1, 10000);
            if (accelerant_take(client, &taken, &reply) != ACCELERANT_OK) fail("nothing could be taken");
            if (!reply) continue;
            asked--;
            if (taken % 2 == 0) {
                char expected[64];
                snprintf(expected, sizeof expected, "[{\"n\":%d}]", (int)number * 1000 + (int)taken);
                if (accelerant_reply_status(reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
                if (strcmp(accelerant_reply_data(reply, NULL), expected)) fail("the answer of somebody else");
            }
            accelerant_reply_free(reply);
        }
        accelerant_close(client);
    }
    return NULL;
}

static void run(void *(*body)(void *)) {
    pthread_t threads[THREADS];
    size_t number;
    for (number = 0; number < THREADS; number++)
        if (pthread_create(&threads[number], NULL, body, (void *)number)) fail("no thread");
    for (number = 0; number < THREADS; number++) pthread_join(threads[number], NULL);
}

int main(int count, char **arguments) {
    size_t size;
    if (count != 2) fail("shared CONFIGURATION");
    size = strlen(arguments[1]);
    if (size + 64 > sizeof config) fail("a long configuration");
    memcpy(config, arguments[1], size - 1);
    strcpy(config + size - 1, ", \"cache\": {\"name\": \"threads\"}}");
    pthread_barrier_init(&barrier, NULL, THREADS);
    run(in_step);
    run(come_and_go);
    return 0;
}

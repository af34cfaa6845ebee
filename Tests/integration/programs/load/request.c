/* Ten thousand requests by accelerant_request() that are outstanding together, from several threads, with hits among them. What is known at once
 * comes back at once and is never taken; all else is taken once, under its token, with its own answer. Silent when all is well.
 *
 *     request CONFIGURATION        `limits.queueLength` is at least 10000 */
#define _POSIX_C_SOURCE 200112L
#include <accelerant.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define EACH 2500
#define ALL (THREADS * EACH)

static const char *HIT = "{\"model\": \"User\", \"operation\": \"count\", \"args\": {\"cacheStrategy\": {\"ttl\": 3600}}}";
static accelerant_client *client;
/* Of each token: how often it was answered at once, and taken. */
static unsigned char at_once[ALL], taken[ALL];

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* Of ten requests three are hits, one is malformed, two are misses that many have in common, four are of their own. */
static const char *write_request(unsigned token, char *room, size_t size) {
    switch (token % 10) {
    case 0: case 3: case 6:
        return HIT;
    case 1:
        return "{\"model\": ";
    case 2: case 7:
        snprintf(room, size, "{\"model\": \"User\", \"operation\": \"count\", \"args\": {\"where\": {\"id\": {\"gte\": -%u}}, \"cacheStrategy\": {\"ttl\": 3600}}}",
                 token % 97);
        return room;
    default:
        snprintf(room, size, "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT $1::int AS n\", \"parameters\": [%u]}}", token);
        return room;
    }
}

static void check(unsigned token, const accelerant_reply *reply) {
    char expected[64];
    if (token % 10 == 1) {
        if (accelerant_reply_status(reply) != ACCELERANT_INVALID_REQUEST || !accelerant_reply_error(reply, NULL)) fail("half a request was answered");
        return;
    }
    if (token % 10 == 0 || token % 10 == 3 || token % 10 == 6 || token % 10 == 2 || token % 10 == 7)
        strcpy(expected, "4");
    else
        snprintf(expected, sizeof expected, "[{\"n\":%u}]", token);
    if (accelerant_reply_status(reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    if (strcmp(accelerant_reply_data(reply, NULL), expected)) fail("a wrong answer");
}

static void *ask(void *argument) {
    unsigned first = (unsigned)(size_t)argument * EACH, token;
    for (token = first; token < first + EACH; token++) {
        char room[256];
        const char *text = write_request(token, room, sizeof room);
        accelerant_reply *reply;
        int32_t status = accelerant_request(client, text, strlen(text), token, &reply);
        if (!reply) {
            if (status != ACCELERANT_OK) fail(accelerant_status_name(status));
            if (token % 10 == 1) fail("half a request was started");
            if (text == HIT) fail("a hit had to be waited for");
            continue;
        }
        if (status != accelerant_reply_status(reply)) fail("another status than the reply's");
        at_once[token]++;
        check(token, reply);
        if (text == HIT && accelerant_reply_cache_status(reply) != ACCELERANT_CACHE_TTL) fail("a hit that is none");
        accelerant_reply_free(reply);
    }
    return NULL;
}

static void take_rest(void) {
    struct pollfd descriptor = {accelerant_descriptor(client), POLLIN, 0};
    unsigned token, left = 0;
    for (token = 0; token < ALL; token++) left += !at_once[token];
    if (left < ALL / 4) fail("hardly anything was outstanding");
    while (left > 0) {
        uint64_t found;
        accelerant_reply *reply;
        if (poll(&descriptor, 1, 30000) != 1) fail("a request was lost");
        for (;;) {
            if (accelerant_take(client, &found, &reply) != ACCELERANT_OK) fail("nothing could be taken");
            if (!reply) break;
            if (found >= ALL || at_once[found] || taken[found]++) fail("a request was completed twice");
            check((unsigned)found, reply);
            accelerant_reply_free(reply);
            left--;
        }
    }
    if (poll(&descriptor, 1, 100) != 0) fail("the descriptor is readable, and nothing is left");
}

int main(int count, char **arguments) {
    pthread_t threads[THREADS];
    accelerant_reply *reply;
    size_t number;
    if (count != 2) fail("request CONFIGURATION");
    if (accelerant_open(arguments[1], strlen(arguments[1]), &client, &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    if (accelerant_query(client, HIT, strlen(HIT), NULL) != ACCELERANT_OK) fail("no first read");
    for (number = 0; number < THREADS; number++)
        if (pthread_create(&threads[number], NULL, ask, (void *)number)) fail("no thread");
    for (number = 0; number < THREADS; number++) pthread_join(threads[number], NULL);
    take_rest();
    accelerant_close(client);
    return 0;
}

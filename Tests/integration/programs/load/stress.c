/* Many threads on few keys, without an interpreter in between: reads whose windows end all the time, invalidations, and replies that
 * are kept while the cache moves on. Every answer has to be whole. Silent when all is well.
 *
 *     stress CONFIGURATION THREADS ROUNDS        the database holds users 1 to 4, and nobody writes */
#define _POSIX_C_SOURCE 200112L
#include <accelerant.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USERS 4
#define KEPT 8

static accelerant_client *client;
static char expected[USERS][256];
static long rounds;

static int32_t ask(const char *request, accelerant_reply **reply) {
    return accelerant_query(client, request, strlen(request), reply);
}

static void fail(const char *what, accelerant_reply *reply) {
    const char *error = accelerant_reply_error(reply, NULL);
    const char *data = accelerant_reply_data(reply, NULL);
    fprintf(stderr, "%s: %s%s\n", what, error ? error : "", data ? data : "");
    exit(1);
}

static void write_read(char *out, size_t size, int user, const char *strategy) {
    snprintf(out, size,
             "{\"model\": \"User\", \"operation\": \"findUnique\", \"args\": {\"where\": {\"id\": %d}, \"cacheStrategy\": %s}}", user + 1,
             strategy);
}

static void *read_all_the_time(void *argument) {
    static const char *const strategies[] = {
        "{\"ttl\": 1, \"swr\": 1, \"tags\": [\"a\"]}", "{\"swr\": 2, \"tags\": [\"b\"]}", "{\"ttl\": 1}", "{}", "{\"ttl\": 3, \"tags\": [\"a\", \"b\"]}"};
    unsigned seed = (unsigned)(size_t)argument;
    accelerant_reply *kept[KEPT] = {NULL};
    int kept_user[KEPT] = {0};
    char request[256];
    long round;
    int i;
    for (round = 0; round < rounds; round++) {
        int user = rand_r(&seed) % USERS, place = rand_r(&seed) % KEPT;
        write_read(request, sizeof request, user, strategies[rand_r(&seed) % 5]);
        if (kept[place] != NULL && strcmp(accelerant_reply_data(kept[place], NULL), expected[kept_user[place]]) != 0)
            fail("a kept reply changed", kept[place]);
        accelerant_reply_free(kept[place]);
        if (ask(request, &kept[place]) != ACCELERANT_OK) fail("a read failed", kept[place]);
        kept_user[place] = user;
        if (strcmp(accelerant_reply_data(kept[place], NULL), expected[user]) != 0) fail("a wrong answer", kept[place]);
        if (accelerant_reply_info(kept[place], NULL) == NULL) fail("no info", kept[place]);
    }
    for (i = 0; i < KEPT; i++) accelerant_reply_free(kept[i]);
    return NULL;
}

static void *disturb(void *argument) {
    static const char *const requests[] = {
        "{\"operation\": \"$clock.advance\", \"args\": {\"milliseconds\": 700}}",
        "{\"operation\": \"$accelerate.invalidate\", \"args\": {\"tags\": [\"a\"]}}",
        "{\"operation\": \"$accelerate.invalidate\", \"args\": {\"tags\": [\"b\", \"c\"]}}",
        "{\"operation\": \"$accelerate.invalidateAll\"}",
        "{\"operation\": \"$metrics\"}"};
    unsigned seed = 99;
    long round;
    (void)argument;
    for (round = 0; round < rounds; round++) {
        accelerant_reply *reply;
        if (ask(requests[rand_r(&seed) % 5], &reply) != ACCELERANT_OK) fail("an operation failed", reply);
        accelerant_reply_free(reply);
    }
    return NULL;
}

int main(int argc, char **argv) {
    accelerant_reply *reply;
    pthread_t threads[256], disturber;
    char request[256];
    int count, i;
    if (argc != 4) return 2;
    count = atoi(argv[2]);
    rounds = atol(argv[3]);
    if (count < 1 || count > 256) return 2;
    if (accelerant_open(argv[1], strlen(argv[1]), &client, &reply) != ACCELERANT_OK) fail("open", reply);
    accelerant_reply_free(reply);
    for (i = 0; i < USERS; i++) {
        write_read(request, sizeof request, i, "null");
        if (ask(request, &reply) != ACCELERANT_OK) fail("the first read", reply);
        snprintf(expected[i], sizeof expected[i], "%s", accelerant_reply_data(reply, NULL));
        accelerant_reply_free(reply);
    }
    if (pthread_create(&disturber, NULL, disturb, NULL) != 0) return 3;
    for (i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, read_all_the_time, (void *)(size_t)(i + 1)) != 0) return 3;
    for (i = 0; i < count; i++) pthread_join(threads[i], NULL);
    pthread_join(disturber, NULL);
    accelerant_close(client);
    return 0;
}

/* A program of version 0.1: each function of the first header, and its statuses, as they were. `first.x86_64` is this program, built
 * with that header and kept: it has to run with every later library. Silent when all is well.
 *
 *     first CONFIGURATION        of a database with the tests' four users
 *
 * How it was built, on Debian 12:  cc -std=c99 -Os -s -I. first.c -o first.x86_64 -l:libaccelerant.so */
#define _POSIX_C_SOURCE 200112L
#include "accelerant.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void expect(int holds, const char *what) {
    if (!holds) fail(what);
}

static accelerant_client *open_client(const char *config) {
    accelerant_client *client = NULL;
    accelerant_reply *reply = NULL;
    expect(accelerant_open("{", 1, &client, &reply) == ACCELERANT_INVALID_CONFIGURATION && !client, "half a configuration was opened");
    expect(accelerant_reply_status(reply) == ACCELERANT_INVALID_CONFIGURATION, "another status of the reply");
    expect(strstr(accelerant_reply_error(reply, NULL), "\"code\":\"P6001\"") != NULL, "an error without its code");
    accelerant_reply_free(reply);
    expect(accelerant_open(NULL, 0, &client, NULL) == ACCELERANT_MISUSE, "nothing was opened");
    if (accelerant_open(config, strlen(config), &client, &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    return client;
}

static void ask(accelerant_client *client, const char *request, int32_t status, const char *data, const char *info, const char *error) {
    accelerant_reply *reply;
    size_t size = 7;
    const char *text;
    expect(accelerant_query(client, request, strlen(request), &reply) == status, request);
    expect(accelerant_reply_status(reply) == status, "another status of the reply");
    text = accelerant_reply_data(reply, &size);
    expect(data ? text && size == strlen(text) && strcmp(text, data) == 0 : !text && size == 0, "another answer");
    text = accelerant_reply_info(reply, &size);
    expect(info ? text && size == strlen(text) && strstr(text, info) : !text && size == 0, "another info");
    text = accelerant_reply_error(reply, &size);
    expect(error ? text && size == strlen(text) && strstr(text, error) : !text && size == 0, "another error");
    accelerant_reply_free(reply);
}

/* Ten requests, one of them cancelled, one malformed; each is taken once. */
static void submit(accelerant_client *client) {
    static const char *REQUEST = "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 AS n\"}}";
    static const char *SLOW = "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 AS n FROM pg_sleep(60)\"}}";
    int seen[10] = {0}, count = 0;
    uint64_t token;
    for (token = 0; token < 10; token++) {
        const char *text = token == 3 ? SLOW : token == 4 ? "{" : REQUEST;
        expect(accelerant_submit(client, text, strlen(text), token) == ACCELERANT_OK, "a request was refused");
    }
    expect(accelerant_cancel(client, 3) == ACCELERANT_OK && accelerant_cancel(client, 99) == ACCELERANT_NOT_FOUND, "a cancellation");
    while (count < 10) {
        struct pollfd descriptor = {accelerant_descriptor(client), POLLIN, 0};
        accelerant_reply *reply;
        int32_t status;
        expect(poll(&descriptor, 1, 10000) == 1, "nothing came");
        expect(accelerant_take(client, &token, &reply) == ACCELERANT_OK, "nothing could be taken");
        if (!reply) continue;
        expect(token < 10 && !seen[token]++, "a request was completed twice");
        status = accelerant_reply_status(reply);
        expect(status == (token == 3 ? ACCELERANT_CANCELLED : token == 4 ? ACCELERANT_INVALID_REQUEST : ACCELERANT_OK), "another status");
        if (status == ACCELERANT_OK) expect(strcmp(accelerant_reply_data(reply, NULL), "[{\"n\":1}]") == 0, "another answer");
        accelerant_reply_free(reply);
        count++;
    }
}

int main(int count, char **arguments) {
    static const char *COUNT = "{\"model\": \"User\", \"operation\": \"count\", \"args\": {\"cacheStrategy\": {\"ttl\": 60, \"tags\": [\"users\"]}}}";
    static const char *INVALIDATE = "{\"operation\": \"$accelerate.invalidate\", \"args\": {\"tags\": [\"users\"]}}";
    accelerant_client *client;
    accelerant_reply *kept;
    if (count != 2) fail("first CONFIGURATION");
    expect(accelerant_version() >= ACCELERANT_VERSION, "an older library");
    expect(strcmp(accelerant_status_name(ACCELERANT_INTERNAL), "INTERNAL") == 0 && strcmp(accelerant_status_name(1), "UNKNOWN") == 0, "a name");
    client = open_client(arguments[1]);
    ask(client, COUNT, ACCELERANT_OK, "4", "\"cacheStatus\":\"miss\"", NULL);
    ask(client, COUNT, ACCELERANT_OK, "4", "\"cacheStatus\":\"ttl\"", NULL);
    expect(accelerant_query(client, INVALIDATE, strlen(INVALIDATE), NULL) == ACCELERANT_OK, "no invalidation");
    ask(client, COUNT, ACCELERANT_OK, "4", "\"cacheStatus\":\"miss\"", NULL);
    ask(client, "{\"model\": \"User\", \"operation\": \"count\"}", ACCELERANT_OK, "4", "\"cacheStatus\":\"none\"", NULL);
    ask(client, "{\"model\": \"Usr\", \"operation\": \"count\"}", ACCELERANT_INVALID_REQUEST, NULL, NULL, "\"code\":\"P2009\"");
    ask(client, "{\"model\": \"User\", \"operation\": \"findUniqueOrThrow\", \"args\": {\"where\": {\"id\": 99}}}", ACCELERANT_NOT_FOUND, NULL, NULL,
        "\"code\":\"P2025\"");
    ask(client, "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 / 0\"}}", ACCELERANT_DATABASE, NULL, NULL, "\"code\":\"P2010\"");
    submit(client);
    expect(accelerant_query(client, COUNT, strlen(COUNT), &kept) == ACCELERANT_OK, "no hit");
    accelerant_close(client);
    expect(strcmp(accelerant_reply_data(kept, NULL), "4") == 0, "a reply that went with its client");
    accelerant_reply_free(kept);
    ask(client, COUNT, ACCELERANT_CLOSED, NULL, NULL, "\"code\":\"P6010\"");
    accelerant_reply_free(NULL);
    accelerant_close(NULL);
    return 0;
}

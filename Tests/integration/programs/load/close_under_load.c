/* accelerant_close() while threads are inside the library: each call ends with its answer or with CLOSED, close() returns, and nothing stays
 * behind. Silent when all is well.
 *
 *     close_under_load CONFIGURATION ROUNDS        the database holds users 1 to 4 */
#define _DEFAULT_SOURCE
#include "../../../support/programs/entries.h"
#include <accelerant.h>

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { threadCount = 6, settlingRounds = 10 };

static accelerant_client *client;
static const char *const requests[] = {
    "{\"model\": \"User\", \"operation\": \"count\", \"args\": {\"cacheStrategy\": {\"ttl\": 0, \"swr\": 1, \"auto\": true}}}",
    "{\"model\": \"User\", \"operation\": \"findMany\"}",
    "{\"operation\": \"$accelerate.invalidateAll\"}",
    "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1 FROM pg_sleep(0.01)\"}}",
    "{\"model\": \"User\", \"operation\": \"updateMany\", \"args\": {\"where\": {\"id\": 1}, \"data\": {\"name\": \"Alice\"}}}",
    "{\"operation\": \"$transaction\", \"args\": {\"requests\": [{\"model\": \"User\", \"operation\": \"count\"}]}}",
    "{\"operation\": \"$transaction.begin\", \"args\": {\"maxWait\": 60000, \"timeout\": 10}}",
};

/* Whether a status is one that may come; says so if not. */
static int is_right(int32_t status, accelerant_reply *reply) {
    const char *error = accelerant_reply_error(reply, NULL);
    if (status == ACCELERANT_OK || status == ACCELERANT_CLOSED) return 1;
    fprintf(stderr, "%s: %s\n", accelerant_status_name(status), error ? error : "");
    return 0;
}

/* Asks until the client is closed. NULL when all was well. */
static void *work(void *argument) {
    size_t number = (size_t)argument;
    int32_t status = ACCELERANT_OK;
    for (; status != ACCELERANT_CLOSED; number++) {
        const char *request = requests[number % (sizeof requests / sizeof *requests)];
        accelerant_reply *reply;
        uint64_t token;
        status = accelerant_query(client, request, strlen(request), &reply);
        if (!is_right(status, reply)) return argument;
        accelerant_reply_free(reply);
        status = accelerant_submit(client, request, strlen(request), number);
        if (status == ACCELERANT_OVERLOADED) status = ACCELERANT_OK; /* The queue of a client that closes takes no more. */
        if (!is_right(status, NULL)) return argument;
        if (number % 5 == 0) accelerant_cancel(client, number);
        status = accelerant_take(client, &token, &reply);
        if (!is_right(status, reply)) return argument;
        if (accelerant_reply_status(reply) != ACCELERANT_CANCELLED && reply && !is_right(accelerant_reply_status(reply), reply)) return argument;
        accelerant_reply_free(reply);
    }
    return NULL;
}

int main(int argc, char **argv) {
    long round, rounds;
    int threads_before = 0, descriptors_before = 0, faults = 0;
    if (argc != 3) return 2;
    rounds = atol(argv[2]);
    for (round = 0; round < rounds && !faults; round++) {
        pthread_t threads[threadCount];
        size_t i;
        void *fault;
        alarm(60);
        if (accelerant_open(argv[1], strlen(argv[1]), &client, NULL) != ACCELERANT_OK) return 3;
        for (i = 0; i < threadCount; i++)
            if (pthread_create(&threads[i], NULL, work, (void *)(i + 1)) != 0) return 4;
        usleep((useconds_t)(round % 60 * 700));
        accelerant_close(client);
        for (i = 0; i < threadCount; i++) {
            pthread_join(threads[i], &fault);
            faults += fault != NULL;
        }
        if (round == settlingRounds) threads_before = count_entries("/proc/self/task"), descriptors_before = count_entries("/proc/self/fd");
    }
    if (threads_before != count_entries("/proc/self/task") || descriptors_before != count_entries("/proc/self/fd")) {
        fprintf(stderr, "%d threads, %d descriptors\n", count_entries("/proc/self/task"), count_entries("/proc/self/fd"));
        return 8;
    }
    return faults != 0;
}

/* exit() while threads are inside the library, waiting and submitting: the process ends, with the status it was given.
 *
 *     exit_under_load CONFIGURATION MICROSECONDS */
#define _DEFAULT_SOURCE
#include <accelerant.h>

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static accelerant_client *client;
static const char *const requests[] = {
    "{\"model\": \"User\", \"operation\": \"count\", \"args\": {\"cacheStrategy\": {\"ttl\": 0, \"swr\": 1}}}",
    "{\"model\": \"User\", \"operation\": \"findMany\"}",
    "{\"operation\": \"$accelerate.invalidateAll\"}",
};

static void *work(void *argument) {
    size_t number = (size_t)argument;
    for (;; number++) {
        const char *request = requests[number % 3];
        accelerant_reply *reply;
        accelerant_query(client, request, strlen(request), &reply);
        accelerant_reply_free(reply);
        accelerant_submit(client, request, strlen(request), number);
        accelerant_take(client, NULL, &reply);
        accelerant_reply_free(reply);
    }
    return NULL;
}

int main(int argc, char **argv) {
    size_t i;
    pthread_t thread;
    if (argc != 3) return 2;
    if (accelerant_open(argv[1], strlen(argv[1]), &client, NULL) != ACCELERANT_OK) return 3;
    for (i = 0; i < 4; i++)
        if (pthread_create(&thread, NULL, work, (void *)i) != 0) return 4;
    usleep((useconds_t)atol(argv[2]));
    exit(7);
}

/* fork() while other threads are inside the library: the child opens a client of its own and uses it from several threads, whatever
 * locks the parent's threads held at that moment. Silent when all is well.
 *
 *     fork_threads CONFIGURATION ROUNDS        the database holds users 1 to 4 */
#define _POSIX_C_SOURCE 200112L
#include <accelerant.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 6

static const char *config;
static accelerant_client *client;
static int is_over;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    _exit(1);
}

static void ask(accelerant_client *of, unsigned number) {
    accelerant_reply *reply;
    char request[256];
    /* Hits, misses of many keys, raw SQL, invalidations and errors: every lock is taken at some time. */
    switch (number % 8) {
    case 0: strcpy(request, "{\"operation\": \"$accelerate.invalidateAll\"}"); break;
    case 1: strcpy(request, "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1\", \"parameters\": []}}"); break;
    case 2: strcpy(request, "{"); break;
    default:
        snprintf(request, sizeof request,
                 "{\"model\": \"User\", \"operation\": \"count\", \"args\": {\"where\": {\"id\": {\"gt\": -%u}}, \"cacheStrategy\": {\"ttl\": 60}}}",
                 number % 5);
    }
    if ((accelerant_query(of, request, strlen(request), &reply) == ACCELERANT_OK) != (number % 8 != 2)) {
        const char *error = accelerant_reply_error(reply, NULL);
        fail(error ? error : "half a request was answered");
    }
    accelerant_reply_free(reply);
}

static void *ask_all_the_time(void *argument) {
    unsigned number = (unsigned)(size_t)argument;
    while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) ask(client, number++);
    return NULL;
}

static void *open_and_close(void *argument) {
    (void)argument;
    while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
        accelerant_client *other;
        if (accelerant_open(config, strlen(config), &other, NULL) != ACCELERANT_OK) fail("open");
        ask(other, 2);
        accelerant_close(other);
    }
    return NULL;
}

static void *ask_some(void *argument) {
    unsigned number, first = (unsigned)(size_t)argument;
    for (number = first; number < first + 60; number++) ask(client, number);
    return NULL;
}

static void run_child(void) {
    pthread_t threads[3];
    accelerant_reply *reply;
    size_t i;
    if (accelerant_query(client, "{}", 2, &reply) != ACCELERANT_FORKED) fail("the parent's client was used");
    accelerant_reply_free(reply);
    accelerant_close(client);
    if (accelerant_open(config, strlen(config), &client, NULL) != ACCELERANT_OK) fail("open in the child");
    for (i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, ask_some, (void *)(i * 7)) != 0) fail("pthread_create");
    /* The thread that called fork() takes part: it keeps its memory, but not its number. */
    ask_some((void *)5);
    for (i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    accelerant_close(client);
    _exit(0);
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS], opener;
    size_t i;
    long round, rounds;
    int status = 0;
    if (argc != 3) return 2;
    config = argv[1];
    rounds = atol(argv[2]);
    if (accelerant_open(config, strlen(config), &client, NULL) != ACCELERANT_OK) fail("open");
    ask(client, 3);
    for (i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, ask_all_the_time, (void *)i) != 0) return 3;
    if (pthread_create(&opener, NULL, open_and_close, NULL) != 0) return 3;
    for (round = 0; round < rounds && status == 0; round++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            run_child();
        }
        if (child < 0 || waitpid(child, &status, 0) != child) return 4;
    }
    __atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
    for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    pthread_join(opener, NULL);
    ask(client, 3);
    accelerant_close(client);
    if (status != 0) fprintf(stderr, "child %ld ended with status %#x (14: it hung)\n", round, (unsigned)status);
    return status != 0;
}

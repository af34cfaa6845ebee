/* fork() while another thread is in the library for the first time in its process: the child opens a client of its own and uses it.
 * Silent when all is well.
 *
 *     fork_first CONFIGURATION MICROSECONDS    fork() so long after the thread has begun; the database holds users */
#define _POSIX_C_SOURCE 200809L
#include <accelerant.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *config;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    _exit(1);
}

static void ask(accelerant_client *client, const char *request) {
    accelerant_reply *reply;
    if (accelerant_query(client, request, strlen(request), &reply) != ACCELERANT_OK) {
        const char *error = accelerant_reply_error(reply, NULL);
        fail(error ? error : "no answer");
    }
    accelerant_reply_free(reply);
}

static void *use(void *argument) {
    accelerant_client *client;
    (void)argument;
    if (accelerant_open(config, strlen(config), &client, NULL) != ACCELERANT_OK) fail("open");
    ask(client, "{\"model\": \"User\", \"operation\": \"findMany\", \"args\": {\"where\": {\"id\": {\"in\": [1, 2]}}, \"orderBy\": {\"id\": \"asc\"}, "
                "\"cacheStrategy\": {\"ttl\": 60, \"tags\": [\"a\"]}}}");
    ask(client, "{\"model\": \"User\", \"operation\": \"aggregate\", \"args\": {\"_count\": true}}");
    ask(client, "{\"operation\": \"$queryRaw\", \"args\": {\"query\": \"SELECT 1\", \"parameters\": []}}");
    ask(client, "{\"operation\": \"$accelerate.invalidate\", \"args\": {\"tags\": [\"a\"]}}");
    accelerant_close(client);
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t thread;
    struct timespec pause = {0, 0};
    pid_t child;
    int status;
    if (argc != 3) return 2;
    config = argv[1];
    pause.tv_nsec = atol(argv[2]) * 1000;
    if (pthread_create(&thread, NULL, use, NULL) != 0) return 3;
    nanosleep(&pause, NULL);
    child = fork();
    if (child == 0) {
        alarm(20);
        use(NULL);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return 4;
    pthread_join(thread, NULL);
    if (status != 0) fprintf(stderr, "the child ended with status %#x (14: it hung)\n", (unsigned)status);
    return status != 0;
}

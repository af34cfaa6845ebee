/* One load of many callers, in one process or in several: see run.py.
 *
 *     zipf <configuration> <processes> <callers of each> <reads of a caller>
 *
 * Prints how many seconds it took. The keys follow Zipf's law and depend on the caller's number alone. Each caller invalidates one of 64 groups
 * of keys after every 500 reads. So the number of queries does not depend on how fast the machine is. */
#include <accelerant.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = 20000, GROUPS = 64, READS_OF_A_GROUP = 500 };

static double share[KEYS];
static long reads;

struct caller {
    pthread_t thread;
    accelerant_client *client;
    uint64_t random;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The sums of 1, 1/2, 1/3 …, as parts of their whole. */
static void prepare(void) {
    double sum = 0;
    for (int key = 0; key < KEYS; key++) share[key] = sum += 1.0 / (key + 1);
    for (int key = 0; key < KEYS; key++) share[key] /= sum;
}

static int next_key(struct caller *caller) {
    caller->random ^= caller->random << 13;
    caller->random ^= caller->random >> 7;
    caller->random ^= caller->random << 17;
    double wanted = (double)(caller->random >> 11) / 9007199254740992.0;
    int low = 0, high = KEYS - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (share[middle] < wanted) low = middle + 1; else high = middle;
    }
    return low + 1;
}

static void ask(accelerant_client *client, const char *request, int size) {
    accelerant_reply *reply = NULL;
    if (accelerant_query(client, request, (size_t)size, &reply) != ACCELERANT_OK) {
        fprintf(stderr, "%s\n", accelerant_reply_error(reply, NULL));
        exit(1);
    }
    accelerant_reply_free(reply);
}

static void *call(void *argument) {
    struct caller *caller = argument;
    char request[256];
    for (long turn = 1; turn <= reads; turn++) {
        int key = next_key(caller);
        int size = snprintf(
            request, sizeof request,
            "{\"model\":\"User\",\"operation\":\"findUnique\",\"args\":{\"where\":{\"id\":%d},\"cacheStrategy\":{\"ttl\":600,\"tags\":[\"g%d\"]}}}", key, key % GROUPS);
        ask(caller->client, request, size);
        if (turn % READS_OF_A_GROUP) continue;
        size = snprintf(request, sizeof request, "{\"operation\":\"$accelerate.invalidate\",\"args\":{\"tags\":[\"g%d\"]}}", key % GROUPS);
        ask(caller->client, request, size);
    }
    return NULL;
}

/* What one process does. */
static void run(const char *configuration, int process, int count) {
    accelerant_client *client = NULL;
    accelerant_reply *reply = NULL;
    static const char connect[] = "{\"operation\":\"$connect\"}";
    if (accelerant_open(configuration, strlen(configuration), &client, &reply) != ACCELERANT_OK) {
        fprintf(stderr, "%s\n", accelerant_reply_error(reply, NULL));
        exit(1);
    }
    ask(client, connect, (int)strlen(connect));
    struct caller *callers = calloc((size_t)count, sizeof *callers);
    for (int index = 0; index < count; index++) {
        callers[index].client = client;
        callers[index].random = 0x9E3779B97F4A7C15u * (uint64_t)(process * count + index + 1);
        pthread_create(&callers[index].thread, NULL, call, &callers[index]);
    }
    for (int index = 0; index < count; index++) {
        pthread_join(callers[index].thread, NULL);
    }
    free(callers);
    accelerant_close(client);
}

int main(int count, char **arguments) {
    if (count != 5) return 2;
    int processes = atoi(arguments[2]), callers = atoi(arguments[3]);
    reads = atol(arguments[4]);
    prepare();
    double begin = now();
    for (int process = 0; process < processes; process++) {
        if (fork() == 0) {
            run(arguments[1], process, callers);
            return 0;
        }
    }
    for (int process = 0; process < processes; process++) {
        int status;
        wait(&status);
        if (status != 0) return 1;
    }
    printf("%.1f\n", now() - begin);
    return 0;
}

/* What a tier costs, beside raw hiredis in the same run: see run.py.
 *
 *     tier <configuration with a tier> <the same without> <port of Redis> <pid of Redis> */
#include <accelerant.h>
#include <hiredis.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = 2000, CALLERS = 64 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static accelerant_client *open_client(const char *configuration) {
    accelerant_client *client = NULL;
    accelerant_reply *reply = NULL;
    if (accelerant_open(configuration, strlen(configuration), &client, &reply) != ACCELERANT_OK) {
        fprintf(stderr, "%s\n", accelerant_reply_error(reply, NULL));
        exit(1);
    }
    return client;
}

/* Microseconds that one read takes; its cache status goes to `status`. */
static double read_user(accelerant_client *client, int number, int *status) {
    char request[256];
    int size = snprintf(
        request, sizeof request,
        "{\"model\":\"User\",\"operation\":\"findMany\",\"args\":{\"where\":{\"id\":{\"gte\":%d}},\"cacheStrategy\":{\"ttl\":600,\"tags\":[\"u%d\"]}}}",
        -number, number);
    accelerant_reply *reply = NULL;
    double begin = now();
    int outcome = accelerant_query(client, request, (size_t)size, &reply);
    double end = now();
    if (outcome != ACCELERANT_OK) {
        fprintf(stderr, "%s\n", accelerant_reply_error(reply, NULL));
        exit(1);
    }
    if (status) *status = accelerant_reply_cache_status(reply);
    accelerant_reply_free(reply);
    return end - begin;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

struct caller {
    pthread_t thread;
    accelerant_client *client;
    int number;
    double longest;
};

static void *call(void *argument) {
    struct caller *caller = argument;
    for (int turn = 0; turn < 5; turn++) {
        double taken = read_user(caller->client, 100000 + caller->number * 10 + turn, NULL);
        if (taken > caller->longest) caller->longest = taken;
    }
    return NULL;
}

/* The longest of 64 callers' misses, in milliseconds. */
static double longest(accelerant_client *client, int first) {
    static struct caller callers[CALLERS];
    double most = 0;
    for (int index = 0; index < CALLERS; index++) {
        callers[index] = (struct caller){.client = client, .number = first + index};
        pthread_create(&callers[index].thread, NULL, call, &callers[index]);
    }
    for (int index = 0; index < CALLERS; index++) {
        pthread_join(callers[index].thread, NULL);
        if (callers[index].longest > most) most = callers[index].longest;
    }
    return most / 1000;
}

int main(int count, char **arguments) {
    if (count != 5) return 2;
    accelerant_client *first = open_client(arguments[1]), *second = open_client(arguments[1]), *alone = open_client(arguments[2]);
    static double misses[KEYS], hits[KEYS], plain[KEYS], raw[KEYS];
    int status;
    for (int key = 0; key < 50; key++) {
        read_user(first, 50000 + key, NULL);
        read_user(second, 60000 + key, NULL);
        read_user(alone, 50000 + key, NULL);
    }
    for (int key = 0; key < KEYS; key++) {
        misses[key] = read_user(first, key, &status);
        plain[key] = read_user(alone, key, &status);
    }
    usleep(1000000);
    redisContext *redis = redisConnect("127.0.0.1", atoi(arguments[3]));
    redisReply *names = redisCommand(redis, "KEYS *:e:*");
    int found = 0;
    size_t bytes = 0;
    for (int key = 0; key < KEYS; key++) {
        hits[found] = read_user(second, key, &status);
        if (status == ACCELERANT_CACHE_TTL) found++;
        double begin = now();
        redisReply *reply = redisCommand(redis, "GET %b", names->element[(size_t)key % names->elements]->str, names->element[(size_t)key % names->elements]->len);
        raw[key] = now() - begin;
        bytes = reply->len;
        freeReplyObject(reply);
    }
    double hit = median(hits, found), get = median(raw, KEYS), miss = median(misses, KEYS), bare = median(plain, KEYS);
    printf("tier hits                    %d of %d\n", found, KEYS);
    printf("raw GET of %zu bytes         %.1f us\n", bytes, get);
    printf("tier hit                     %.1f us, %.2f times the raw round trip\n", hit, hit / get);
    printf("miss without a tier          %.1f us\n", bare);
    printf("miss with a tier             %.1f us, %.2f round trips more\n", miss, (miss - bare) / get);
    double calm = longest(first, 0);
    kill((pid_t)atoi(arguments[4]), SIGSTOP);
    double frozen = longest(first, 1000);
    kill((pid_t)atoi(arguments[4]), SIGCONT);
    printf("longest of 64 callers        %.1f ms, and %.1f ms while Redis is stopped\n", calm, frozen);
    freeReplyObject(names);
    redisFree(redis);
    accelerant_close(alone);
    accelerant_close(second);
    accelerant_close(first);
    return 0;
}

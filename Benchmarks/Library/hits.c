/* What a cached answer costs from C: the library's hit beside other ways to get 1 KB by a key of 200 bytes, in one process, in turns.
 *
 *     hits SCHEMA [entries=10000] [threads=1] [rounds=7] [operations=1000000] [alone]
 *
 * DATABASE_URL names an empty database; REDIS_SOCKET and MEMCACHED_SOCKET servers, if there are any. With `alone`, and with more
 * than one thread, what has a server or a lock of its own is left out. Keys follow a zipf law (0.99). Prints one line of JSON for
 * each contestant: medians over the rounds of CPU and wall time of an operation in nanoseconds (wall time: of a thread), the
 * medians of its CPU time divided by those of limit_spin and limit_best in the same round, and, with one thread, the median and
 * the 99th percentile of single operations, less what reading the clock costs. */
#define _GNU_SOURCE
#include "measure.h"
#include "peers.h"

#include <accelerant.h>
#include <limit.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { SEQUENCE = 1 << 18, MOST_ROUNDS = 64, MOST_THREADS = 64, TEXT = 256, SINGLE = 20000 };

static int entries = 10000, threads = 1, rounds = 7, operations = 1000000, is_alone;
static char (*texts)[TEXT];
static size_t *sizes;
static int *sequence;

/* ---- who lives in this process ---- */

static void *spin, *best;
static accelerant_client *client;

static void spin_put(int i, const char *text, size_t text_size, const char *answer, size_t size) {
    (void)i;
    limit_spin_put(spin, text, text_size, answer, size);
}
static size_t spin_get(int i, const char *text, size_t text_size) {
    limit_reply *reply = limit_spin_get(spin, text, text_size);
    size_t size = reply->size;
    (void)i;
    limit_spin_free(reply);
    return size;
}
static void best_put(int i, const char *text, size_t text_size, const char *answer, size_t size) {
    (void)i;
    limit_best_put(best, text, text_size, answer, size);
}
static size_t best_get(int i, const char *text, size_t text_size) {
    limit_reply *reply = limit_best_get(best, text, text_size);
    size_t size = reply->size;
    (void)i;
    limit_best_free(reply);
    return size;
}
static size_t library_get(int i, const char *text, size_t text_size) {
    accelerant_reply *reply;
    size_t size;
    (void)i;
    if (accelerant_query(client, text, text_size, &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    accelerant_reply_data(reply, &size);
    accelerant_reply_free(reply);
    return size;
}
static void library_put(int i, const char *text, size_t text_size, const char *answer, size_t size) {
    (void)answer, (void)size;
    library_get(i, text, text_size);
}
/* The same request to a library that may not keep its answer. */
static size_t uncached_get(int i, const char *text, size_t text_size) {
    char request[TEXT];
    (void)text, (void)text_size;
    return library_get(i, request, (size_t)snprintf(request, TEXT,
        "{\"model\":\"Document\",\"operation\":\"findFirst\",\"args\":{\"where\":{\"id\":{\"in\":[%d]},\"body\":{\"not\":\"missing\"}},"
        "\"orderBy\":{\"id\":\"desc\"}}}", i));
}
static void nothing_to_put(int i, const char *text, size_t text_size, const char *answer, size_t size) {
    (void)i, (void)text, (void)text_size, (void)answer, (void)size;
}

/* ---- the contest ---- */

typedef struct contestant {
    const peer *peer;
    int share; /* of the operations: 1 for what takes nanoseconds, more for what takes microseconds */
    double cpu[MOST_ROUNDS], wall[MOST_ROUNDS], to_spin[MOST_ROUNDS], to_best[MOST_ROUNDS];
} contestant;

static contestant field[10];
static int contestants;

static void enter(const peer *peer, int share) {
    if (peer) field[contestants++] = (contestant){.peer = peer, .share = share};
}

static void open_all(const char *schema) {
    static const peer spins = {"limit_spin", "C: XXH3, a spin lock per shard, malloc; nothing else", spin_put, spin_get};
    static const peer bests = {"limit_best", "C: the fastest that we could write", best_put, best_get};
    static const peer ours = {"accelerant", "accelerant_query and accelerant_reply_free, all rules on", library_put, library_get};
    static const peer uncached = {"uncached", "accelerant without a cacheStrategy: PostgreSQL is asked", nothing_to_put, uncached_get};
    const peer *postgres = open_postgres(entries);
    char configuration[4096];
    accelerant_reply *reply = NULL;
    snprintf(configuration, sizeof configuration, "{\"schemaPath\": \"%s\", \"datasourceUrl\": \"%s\", \"cache\": {\"maxBytes\": 1073741824}}",
        schema, getenv("DATABASE_URL"));
    if (accelerant_open(configuration, strlen(configuration), &client, &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    spin = limit_spin_open((uint32_t)entries);
    best = limit_best_open((uint32_t)entries);
    enter(&spins, 1);
    enter(&bests, 1);
    enter(&ours, 1);
    if (is_alone || threads > 1) return;
    enter(open_sqlite(), 10);
    enter(open_redis(), 200);
    enter(open_memcached(), 200);
    enter(postgres, 200);
    enter(&uncached, 200);
}

static int *sequence_of_keys(void) {
    int *keys = malloc(SEQUENCE * sizeof *keys);
    double *sums = malloc((size_t)entries * sizeof *sums), sum = 0;
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < entries; i++) sums[i] = sum += 1 / pow(i + 1, 0.99);
    for (int k = 0; k < SEQUENCE; k++) {
        double wanted = (double)(next_random(&state) >> 11) / 9007199254740992.0 * sum;
        int low = 0, high = entries - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (sums[middle] < wanted) low = middle + 1;
            else high = middle;
        }
        /* Popular keys lie anywhere in memory, not side by side. */
        keys[k] = (int)((uint64_t)low * 7919 % (uint64_t)entries);
    }
    free(sums);
    return keys;
}

typedef struct worker {
    const contestant *one;
    int first;
    double cpu, wall;
    size_t sum;
} worker;

/* Asks again and again, each time with a text that was just written into a buffer, as a program does it. */
static void *work(void *argument) {
    worker *mine = argument;
    char text[TEXT];
    /* Nothing that one thread writes in the loop may lie beside what another one writes. */
    const peer *peer = mine->one->peer;
    int count = operations / mine->one->share, first = mine->first;
    size_t sum = 0;
    double cpu = cpu_us(), wall = wall_us();
    for (int k = 0; k < count; k++) {
        int i = sequence[(first + k) & (SEQUENCE - 1)];
        memcpy(text, texts[i], sizes[i]);
        __asm__ volatile("" ::"r"(text) : "memory");
        sum += peer->get(i, text, sizes[i]);
    }
    mine->sum = sum;
    mine->cpu = (cpu_us() - cpu) * 1e3 / count;
    mine->wall = (wall_us() - wall) * 1e3 / count;
    return NULL;
}

static void measure(contestant *one, int round) {
    worker workers[MOST_THREADS];
    pthread_t ids[MOST_THREADS];
    for (int t = 0; t < threads; t++) workers[t] = (worker){one, t * (SEQUENCE / MOST_THREADS) * 3, 0, 0, 0};
    for (int t = 1; t < threads; t++) pthread_create(&ids[t], NULL, work, &workers[t]);
    work(&workers[0]);
    for (int t = 1; t < threads; t++) pthread_join(ids[t], NULL);
    for (int t = 0; t < threads; t++) {
        one->cpu[round] += workers[t].cpu / threads;
        one->wall[round] += workers[t].wall / threads;
        if (workers[t].sum == 1) fail("no answer has one byte");
    }
}

/* Times single operations; gives the median and the 99th percentile in nanoseconds. */
static void measure_single(const contestant *one, double *half, double *most) {
    static double times[SINGLE], empty[SINGLE];
    char text[TEXT];
    double clock;
    for (int k = 0; k < SINGLE; k++) {
        double start = wall_us();
        empty[k] = wall_us() - start;
    }
    clock = median(empty, SINGLE);
    for (int k = 0; k < SINGLE; k++) {
        int i = sequence[k & (SEQUENCE - 1)];
        double start;
        memcpy(text, texts[i], sizes[i]);
        start = wall_us();
        if (one->peer->get(i, text, sizes[i]) == 1) fail("no answer has one byte");
        times[k] = wall_us() - start - clock;
    }
    *half = median(times, SINGLE) * 1e3;
    *most = times[SINGLE / 100 * 99] * 1e3;
}

static void print(contestant *one) {
    printf("{\"bench\": \"hit\", \"name\": \"%s\", \"what\": \"%s\", \"entries\": %d, \"threads\": %d, \"cpuNs\": %.1f, \"wallNs\": %.1f,"
           " \"toSpin\": %.2f, \"toBest\": %.2f", one->peer->name, one->peer->what, entries, threads, median(one->cpu, rounds),
        median(one->wall, rounds), median(one->to_spin, rounds), median(one->to_best, rounds));
    if (threads == 1) {
        double half, most;
        measure_single(one, &half, &most);
        printf(", \"p50Ns\": %.0f, \"p99Ns\": %.0f", half, most);
    }
    printf("}\n");
}

static void read_option(const char *option) {
    if (!strcmp(option, "alone")) is_alone = 1;
    else if (sscanf(option, "entries=%d", &entries) + sscanf(option, "threads=%d", &threads) + sscanf(option, "rounds=%d", &rounds)
             + sscanf(option, "operations=%d", &operations) != 1)
        fail("usage: hits SCHEMA [entries=…] [threads=…] [rounds=…] [operations=…] [alone]");
}

int main(int count, char **arguments) {
    static char answer[1024];
    if (count < 2) fail("usage: hits SCHEMA [entries=…] [threads=…] [rounds=…] [operations=…] [alone]");
    for (int i = 2; i < count; i++) read_option(arguments[i]);
    if (rounds > MOST_ROUNDS || threads > MOST_THREADS || entries < 1) fail("too many");
    texts = malloc((size_t)entries * sizeof *texts);
    sizes = malloc((size_t)entries * sizeof *sizes);
    for (int i = 0; i < entries; i++)
        sizes[i] = (size_t)snprintf(texts[i], TEXT,
            "{\"model\":\"Document\",\"operation\":\"findFirst\",\"args\":{\"where\":{\"id\":{\"in\":[%d]},\"body\":{\"not\":\"missing\"}},"
            "\"orderBy\":{\"id\":\"desc\"},\"cacheStrategy\":{\"ttl\":3600,\"swr\":60,\"tags\":[\"documents\"]}}}", i);
    memset(answer, 'x', sizeof answer);
    open_all(arguments[1]);
    sequence = sequence_of_keys();
    for (int c = 0; c < contestants; c++)
        for (int i = 0; i < entries; i++) field[c].peer->put(i, texts[i], sizes[i], answer, 1000);
    for (int round = 0; round < rounds; round++)
        for (int c = 0; c < contestants; c++) measure(&field[c], round);
    for (int c = 0; c < contestants; c++)
        for (int round = 0; round < rounds; round++) {
            field[c].to_spin[round] = field[c].cpu[round] / field[0].cpu[round];
            field[c].to_best[round] = field[c].cpu[round] / field[1].cpu[round];
        }
    for (int c = 0; c < contestants; c++) print(&field[c]);
    accelerant_close(client);
    return 0;
}

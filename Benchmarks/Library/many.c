/* What many callers get from few connections: answers a second, and how long each took.
 *
 *     many SCHEMA tables                          makes the tables in the empty database that DATABASE_URL names
 *     many SCHEMA [by=threads] [callers=64] [connections=4] [kind=point] [slow=0] [seconds=2] [url=parameters]
 *
 * `by` says how they ask: `threads`, each in a call of accelerant_query, or one event loop with so many requests outstanding, by `submit`
 * or by `request`; with `parking` they ask nothing, and only wait for each other as callers of few connections do. `kind` is `point` (one row by its key) or `list` (20 rows). Of a hundred requests `slow` take 100 ms on the server.
 * Every answer is compared with the question: a crossed one ends the run with status 2. Prints a line of JSON. Times are those of the
 * requests that are not slow. CPU time is the process's, and so the client's alone. */
#define _GNU_SOURCE
#include "measure.h"
#include "tables.h"

#include <accelerant.h>
#include <libpq-fe.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_CALLERS = 4096, MOST_TIMES = 1 << 22, WARM_UP_US = 300000 };

struct request {
    char text[256], expected[32];
    int size, is_slow;
    double begin;
};

static accelerant_client *client;
static int callers = 64, slow, is_list;
static double start, end;
static double times[MOST_TIMES];
static int time_count;
static long answers;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what ? what : "failed");
    exit(1);
}

static void write_request(struct request *request, uint64_t *state) {
    int id = 1 + (int)(next_random(state) % 20000);
    request->is_slow = slow > 0 && (int)(next_random(state) % 100) < slow;
    snprintf(request->expected, sizeof request->expected, "\"id\":%d,", id);
    if (request->is_slow)
        request->size = sprintf(request->text, "{\"model\":\"Pause\",\"operation\":\"findUnique\",\"args\":{\"where\":{\"id\":%d}}}", id);
    else if (is_list)
        request->size = sprintf(request->text,
            "{\"model\":\"Post\",\"operation\":\"findMany\",\"args\":{\"where\":{\"id\":{\"gte\":%d}},\"orderBy\":{\"id\":\"asc\"},\"take\":20}}", id);
    else
        request->size = sprintf(request->text, "{\"model\":\"Author\",\"operation\":\"findUnique\",\"args\":{\"where\":{\"id\":%d}}}", id);
    request->begin = wall_us();
}

/* Looks at a reply, frees it and counts it. Whether the time is over. */
static int finish(struct request *request, accelerant_reply *reply) {
    double now = wall_us();
    size_t size;
    const char *data = accelerant_reply_data(reply, &size);
    if (!data) fail(accelerant_reply_error(reply, NULL));
    if (!memmem(data, size < 40 ? size : 40, request->expected, strlen(request->expected))) {
        fprintf(stderr, "an answer was crossed: %s got %.200s\n", request->text, data);
        exit(2);
    }
    accelerant_reply_free(reply);
    if (now > start && now < end) {
        __atomic_add_fetch(&answers, 1, __ATOMIC_RELAXED);
        if (!request->is_slow) {
            int place = __atomic_fetch_add(&time_count, 1, __ATOMIC_RELAXED);
            if (place < MOST_TIMES) times[place] = now - request->begin;
        }
    }
    return now >= end;
}

static void *call(void *number) {
    uint64_t state = 88172645463325252u + (uint64_t)(size_t)number * 7919;
    struct request request;
    accelerant_reply *reply;
    do {
        write_request(&request, &state);
        accelerant_query(client, request.text, (size_t)request.size, &reply);
    } while (!finish(&request, reply));
    return NULL;
}

static void run_threads(void *(*work)(void *)) {
    static pthread_t threads[MOST_CALLERS];
    for (int i = 0; i < callers; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)(size_t)i)) fail("no thread");
    for (int i = 0; i < callers; i++) pthread_join(threads[i], NULL);
}

/* An event loop on one thread. */
static void run_loop(int by_request) {
    static struct request requests[MOST_CALLERS];
    uint64_t state = 88172645463325252u, token;
    struct pollfd ready = {.fd = accelerant_descriptor(client), .events = POLLIN};
    int outstanding = 0, fresh = callers;
    static int is_idle[MOST_CALLERS];
    for (int i = 0; i < callers; i++) is_idle[i] = i;
    while (outstanding > 0 || fresh > 0) {
        accelerant_reply *reply = NULL;
        while (fresh > 0) {
            int place = is_idle[--fresh];
            struct request *request = &requests[place];
            write_request(request, &state);
            if (by_request)
                accelerant_request(client, request->text, (size_t)request->size, (uint64_t)place, &reply);
            else if (accelerant_submit(client, request->text, (size_t)request->size, (uint64_t)place) != ACCELERANT_OK)
                fail("not submitted");
            if (reply) fail("answered at once");
            outstanding++;
        }
        poll(&ready, 1, -1);
        while (accelerant_take(client, &token, &reply), reply) {
            outstanding--;
            if (!finish(&requests[token], reply)) is_idle[fresh++] = (int)token;
        }
    }
}

/* Nobody asks anything: who comes last of eight wakes the seven others. */
static void *park(void *number) {
    enum { TOGETHER = 8 };
    static int word[MOST_CALLERS], waiting[TOGETHER], count;
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int own = (int)(size_t)number;
    while (wall_us() < end) {
        int woken[TOGETHER];
        pthread_mutex_lock(&mutex);
        if (count < TOGETHER - 1) {
            __atomic_store_n(&word[own], 0, __ATOMIC_SEQ_CST);
            waiting[count++] = own;
            pthread_mutex_unlock(&mutex);
            /* The last ones of all wait in vain, so not for ever. */
            while (!__atomic_load_n(&word[own], __ATOMIC_SEQ_CST) && wall_us() < end) {
                struct timespec limit = {.tv_nsec = 100000000};
                syscall(SYS_futex, &word[own], FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0);
            }
            continue;
        }
        memcpy(woken, waiting, sizeof woken);
        count = 0;
        if (wall_us() > start) answers += TOGETHER;
        pthread_mutex_unlock(&mutex);
        for (int i = 0; i < TOGETHER - 1; i++) {
            __atomic_store_n(&word[woken[i]], 1, __ATOMIC_SEQ_CST);
            syscall(SYS_futex, &word[woken[i]], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
        }
    }
    return NULL;
}

static const char *const PAUSE = "CREATE VIEW pause AS SELECT id, pg_sleep(0.1)::text AS length FROM author;";

static int make_tables(void) {
    PGconn *connection = PQconnectdb(getenv("DATABASE_URL"));
    const char *const texts[] = {TABLES, PAUSE};
    for (int i = 0; i < 2; i++)
        if (PQresultStatus(PQexec(connection, texts[i])) != PGRES_COMMAND_OK) fail(PQerrorMessage(connection));
    PQfinish(connection);
    return 0;
}

static double process_cpu_us(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int main(int count, char **arguments) {
    char configuration[4096], more[256] = "";
    const char *by = "threads", *kind = "point", *url = getenv("DATABASE_URL");
    int connections = 4;
    double seconds = 2, cpu;
    accelerant_reply *reply = NULL;
    if (count < 2 || !url) fail("usage: many SCHEMA [tables | by=… callers=… connections=… kind=… slow=… seconds=… url=…]");
    if (count > 2 && !strcmp(arguments[2], "tables")) return make_tables();
    for (int i = 2; i < count; i++) {
        char *value = strchr(arguments[i], '=');
        if (!value) fail(arguments[i]);
        *value++ = 0;
        if (!strcmp(arguments[i], "by")) by = value;
        else if (!strcmp(arguments[i], "kind")) kind = value;
        else if (!strcmp(arguments[i], "callers")) callers = atoi(value);
        else if (!strcmp(arguments[i], "connections")) connections = atoi(value);
        else if (!strcmp(arguments[i], "slow")) slow = atoi(value);
        else if (!strcmp(arguments[i], "seconds")) seconds = atof(value);
        else if (!strcmp(arguments[i], "url")) snprintf(more, sizeof more, "&%s", value);
        else fail(arguments[i]);
    }
    if (callers < 1 || callers > MOST_CALLERS) fail("callers: 1 to 4096");
    is_list = !strcmp(kind, "list");
    snprintf(configuration, sizeof configuration, "{\"schemaPath\": \"%s\", \"datasourceUrl\": \"%s%cconnection_limit=%d&pool_timeout=0%s\"}", arguments[1],
        url, strchr(url, '?') ? '&' : '?', connections, more);
    if (accelerant_open(configuration, strlen(configuration), &client, &reply) != ACCELERANT_OK) fail(accelerant_reply_error(reply, NULL));
    start = wall_us() + WARM_UP_US;
    end = start + seconds * 1e6;
    cpu = process_cpu_us();
    if (!strcmp(by, "threads")) run_threads(call);
    else if (!strcmp(by, "parking")) run_threads(park);
    else run_loop(!strcmp(by, "request"));
    /* The warm-up costs as much for each answer, so the share of the time is the share of the work. */
    cpu = (process_cpu_us() - cpu) * (end - start) / (wall_us() - start + WARM_UP_US);
    int length = time_count < MOST_TIMES ? time_count : MOST_TIMES;
    median(times, length);
    printf("{\"bench\": \"many\", \"by\": \"%s\", \"kind\": \"%s\", \"callers\": %d, \"connections\": %d, \"slow\": %d, \"perSecond\": %.0f, \"p50Us\": %.0f,"
        " \"p99Us\": %.0f, \"cpuUs\": %.2f}\n", by, kind, callers, connections, slow, (double)answers / seconds, times[length / 2],
        times[(long)length * 99 / 100], cpu / (double)answers);
    accelerant_close(client);
    return 0;
}

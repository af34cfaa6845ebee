/* Writers and readers of a few rows on many threads, all answers automatic: no read that starts after a write's reply may give what was before it.
 *
 *     automatic_races CONFIGURATION ROUNDS        a round is a write and a read after it; the database holds users 1 to 4
 *
 * Each user belongs to one writer, and its name is a number that only grows: even while it is there, odd while it is deleted. `published` is the number
 * that a reply has confirmed, `started` the one that is being written. Silent when all is well; the number of hits goes to standard output. */
#include <accelerant.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USERS 4
#define WRITERS 2
#define READERS 4

static accelerant_client *client;
static long rounds;
static atomic_long published[USERS + 1], started[USERS + 1], hits, reads;
static atomic_int is_over;

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "%s: %s\n", what, detail);
    _exit(1);
}

static accelerant_reply *ask(const char *request) {
    accelerant_reply *reply;
    if (accelerant_query(client, request, strlen(request), &reply) != ACCELERANT_OK) fail(request, accelerant_reply_error(reply, NULL));
    return reply;
}

/* The number of a user in an answer; -1 when it is not there. */
static long number_of(const char *data, int user) {
    char mark[32];
    const char *place;
    snprintf(mark, sizeof mark, "{\"id\":%d,\"name\":\"", user);
    place = strstr(data, mark);
    return place ? strtol(place + strlen(mark), NULL, 10) : -1;
}

/* Reads in one of several forms; `only` is the user that has to be read, 0 for any. */
static void read_and_check(unsigned form, int only) {
    static const char *const strategies[] = {"\"ttl\":3600,\"auto\":true", "\"swr\":3600,\"auto\":true", "\"auto\":true, \"ttl\":60,\"tags\":[\"t\"]"};
    const char *strategy = strategies[form / 8 % 3];
    const char *select = "\"select\":{\"id\":true,\"name\":true}";
    int user = only ? only : 1 + (int)(form / 32 % USERS), first = user, last = user;
    long before[USERS + 1];
    char request[512];
    accelerant_reply *reply;
    const char *data, *info;
    switch (form % 8) {
    case 0: case 1: case 2:
        snprintf(request, sizeof request, "{\"model\":\"User\",\"operation\":\"findUnique\",\"args\":{\"where\":{\"id\":%d},%s,\"cacheStrategy\":{%s}}}", user, select, strategy);
        break;
    case 3: case 4:
        snprintf(request, sizeof request, "{\"model\":\"User\",\"operation\":\"findUnique\",\"args\":{\"where\":{\"email\":\"u%d@x\"},%s,\"cacheStrategy\":{%s}}}", user, select, strategy);
        break;
    case 5:
        snprintf(request, sizeof request, "{\"model\":\"User\",\"operation\":\"findFirst\",\"args\":{\"where\":{\"id\":%d,\"name\":{\"not\":\"\"}},%s,\"cacheStrategy\":{%s}}}", user, select, strategy);
        break;
    default:
        first = 1, last = USERS;
        snprintf(request, sizeof request, "{\"model\":\"User\",\"operation\":\"findMany\",\"args\":{\"orderBy\":{\"id\":\"asc\"},%s,\"cacheStrategy\":{%s}}}", select, strategy);
    }
    for (int each = first; each <= last; each++) before[each] = published[each];
    reply = ask(request);
    data = accelerant_reply_data(reply, NULL);
    info = accelerant_reply_info(reply, NULL);
    if (!strstr(info, "\"miss\"")) hits++;
    reads++;
    for (int each = first; each <= last; each++) {
        long number = number_of(data, each), after = started[each];
        int is_right = number >= 0 ? number >= before[each] && number <= after : before[each] % 2 == 1 || after > before[each];
        if (!is_right) {
            char detail[1024];
            snprintf(detail, sizeof detail, "user %d: %ld was published, %ld started; %s gave %.300s, %s", each, before[each], after, request, data, info);
            fail("an old answer", detail);
        }
    }
    accelerant_reply_free(reply);
}

/* Writes the next number of a user, in one of several forms. */
static void write_next(int user, unsigned form) {
    long number = published[user] + 1;
    char request[1024];
    int is_gone = number % 2 == 0;
    if (is_gone) {
        started[user] = number;
        if (form % 2)
            snprintf(request, sizeof request, "{\"model\":\"User\",\"operation\":\"create\",\"args\":{\"data\":{\"id\":%d,\"email\":\"u%d@x\",\"name\":\"%ld\"}}}", user, user, number);
        else
            snprintf(request, sizeof request,
                     "{\"model\":\"User\",\"operation\":\"upsert\",\"args\":{\"where\":{\"id\":%d},\"create\":{\"id\":%d,\"email\":\"u%d@x\",\"name\":\"%ld\"},\"update\":{}}}",
                     user, user, user, number);
    } else if (form % 16 == 0) {
        started[user] = number;
        snprintf(request, sizeof request,
                 form % 32 ? "{\"model\":\"User\",\"operation\":\"delete\",\"args\":{\"where\":{\"email\":\"u%d@x\"}}}"
                           : "{\"model\":\"User\",\"operation\":\"deleteMany\",\"args\":{\"where\":{\"id\":%d}}}", user);
    } else {
        static const char *const forms[] = {
            "{\"model\":\"User\",\"operation\":\"update\",\"args\":{\"where\":{\"id\":%d},\"data\":{\"name\":\"%ld\"}}}",
            "{\"model\":\"User\",\"operation\":\"update\",\"args\":{\"where\":{\"email\":\"u%d@x\"},\"data\":{\"name\":\"%ld\"}}}",
            "{\"model\":\"User\",\"operation\":\"updateMany\",\"args\":{\"where\":{\"id\":%d},\"data\":{\"name\":\"%ld\"}}}",
            "{\"model\":\"User\",\"operation\":\"updateMany\",\"args\":{\"where\":{\"email\":{\"startsWith\":\"u%d@\"}},\"data\":{\"name\":\"%ld\"}}}",
            "{\"operation\":\"$transaction\",\"args\":{\"requests\":[{\"model\":\"User\",\"operation\":\"update\",\"args\":{\"where\":{\"id\":%d},\"data\":{\"name\":\"%ld\"}}}]}}",
            "{\"operation\":\"$executeRaw\",\"args\":{\"query\":\"UPDATE \\\"User\\\" SET name = $2 WHERE id = $1::int\",\"parameters\":[%d,\"%ld\"],\"touches\":[\"User\"]}}",
            "{\"operation\":\"$queryRaw\",\"args\":{\"query\":\"UPDATE \\\"User\\\" SET name = $2 WHERE id = $1::int RETURNING id\",\"parameters\":[%d,\"%ld\"]}}",
        };
        number += 1;
        started[user] = number;
        snprintf(request, sizeof request, forms[form % 7], user, number);
    }
    accelerant_reply_free(ask(request));
    published[user] = number;
}

static void *write_all_the_time(void *argument) {
    int writer = (int)(size_t)argument;
    unsigned random = 17u * (unsigned)writer + 1;
    for (long round = 0; round < rounds / WRITERS; round++) {
        int user = 1 + writer + WRITERS * (int)(random >> 20 & 1);
        random = random * 1664525u + 1013904223u;
        write_next(user, random >> 16);
        read_and_check(random >> 8, user);
    }
    return NULL;
}

static void *read_all_the_time(void *argument) {
    unsigned random = 31u * (unsigned)(size_t)argument + 7;
    while (!is_over) {
        random = random * 1664525u + 1013904223u;
        read_and_check(random >> 8, 0);
    }
    return NULL;
}

int main(int count, char **arguments) {
    pthread_t writers[WRITERS], readers[READERS];
    if (count != 3) return 2;
    rounds = atol(arguments[2]);
    if (accelerant_open(arguments[1], strlen(arguments[1]), &client, NULL) != ACCELERANT_OK) fail("open", arguments[1]);
    for (int user = 1; user <= USERS; user++) {
        char request[256];
        snprintf(request, sizeof request, "{\"model\":\"User\",\"operation\":\"update\",\"args\":{\"where\":{\"id\":%d},\"data\":{\"name\":\"0\",\"email\":\"u%d@x\"}}}", user, user);
        accelerant_reply_free(ask(request));
    }
    for (size_t each = 0; each < READERS; each++) pthread_create(&readers[each], NULL, read_all_the_time, (void *)each);
    for (size_t each = 0; each < WRITERS; each++) pthread_create(&writers[each], NULL, write_all_the_time, (void *)each);
    for (int each = 0; each < WRITERS; each++) pthread_join(writers[each], NULL);
    is_over = 1;
    for (int each = 0; each < READERS; each++) pthread_join(readers[each], NULL);
    accelerant_close(client);
    printf("%ld of %ld reads were hits\n", (long)hits, (long)reads);
    return 0;
}

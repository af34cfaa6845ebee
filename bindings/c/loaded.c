/* A program that loads libaccelerant while it runs, by dlopen, and says so where it is missing.
 *
 *     cc -std=c99 loaded.c -o loaded            (add -ldl before glibc 2.34)
 *     DATABASE_URL=postgresql://… ./loaded libaccelerant.so.1 schema.prisma
 *
 * The story is that of `linked.c`, in one line for each step. */
#define _POSIX_C_SOURCE 199309L

#include "accelerant_load.h"

#include <stdio.h>
#include <time.h>

static const char *const SECTIONS =
    "{\"model\": \"Package\", \"operation\": \"groupBy\", \"args\": {\"by\": [\"section\"], \"_count\": {\"_all\": true},"
    " \"orderBy\": {\"_count\": {\"section\": \"desc\"}}, \"take\": 3, \"cacheStrategy\": {\"ttl\": 60, \"swr\": 60, \"tags\": [\"sections\"]}}}";

/* One step of the story: what was asked, how the cache took part, and the start of the answer. Returns the status. */
static int32_t tell(const struct accelerant_library *lib, accelerant_client *client, const char *step, const char *request) {
    accelerant_reply *reply;
    int32_t status = lib->query(client, request, strlen(request), &reply);
    const char *info = lib->reply_info(reply, NULL);
    const char *text = status == ACCELERANT_OK ? lib->reply_data(reply, NULL) : lib->reply_error(reply, NULL);
    char how[16] = "";
    if (info != NULL) sscanf(info, "{\"cacheStatus\":\"%15[a-z]", how);
    printf("%-14s %-18s %-5s %.90s\n", step, lib->status_name(status), how, text);
    lib->reply_free(reply);
    return status;
}

/* When the data of the cached answer was read from the database, as the info says it. */
static void last_modified(const struct accelerant_library *lib, accelerant_client *client, char out[32]) {
    accelerant_reply *reply;
    const char *found = NULL;
    if (lib->query(client, SECTIONS, strlen(SECTIONS), &reply) == ACCELERANT_OK)
        found = strstr(lib->reply_info(reply, NULL), "\"lastModified\":\"");
    if (found == NULL || sscanf(found, "\"lastModified\":\"%31[^\"]", out) != 1) out[0] = '\0';
    lib->reply_free(reply);
}

/* A stale hit starts a refresh in the background: waits until newer data is there, five seconds at most. */
static void await_newer(const struct accelerant_library *lib, accelerant_client *client, const char *than) {
    struct timespec pause = {0, 1000000};
    char now[32];
    int left;
    for (left = 5000; left > 0; left--) {
        last_modified(lib, client, now);
        if (strcmp(now, than) != 0) return;
        nanosleep(&pause, NULL);
    }
}

static void story(const struct accelerant_library *lib, accelerant_client *client) {
    char before[32];
    tell(lib, client, "miss", SECTIONS);
    tell(lib, client, "hit", SECTIONS);
    last_modified(lib, client, before);
    tell(lib, client, "a minute later", "{\"operation\": \"$clock.advance\", \"args\": {\"milliseconds\": 60000}}");
    tell(lib, client, "stale hit", SECTIONS);
    await_newer(lib, client, before);
    tell(lib, client, "refreshed", SECTIONS);
    tell(lib, client, "invalidate", "{\"operation\": \"$accelerate.invalidate\", \"args\": {\"tags\": [\"sections\"]}}");
    tell(lib, client, "miss again", SECTIONS);
    tell(lib, client, "error", "{\"model\": \"Pakcage\", \"operation\": \"count\"}");
}

int main(int argc, char **argv) {
    struct accelerant_library lib;
    accelerant_client *client;
    accelerant_reply *reply;
    const char *reason;
    char config[4200];
    if (argc != 3 || strlen(argv[2]) > 4000) {
        fprintf(stderr, "usage: DATABASE_URL=postgresql://… %s libaccelerant.so.1 schema.prisma\n", argv[0]);
        return 2;
    }
    reason = accelerant_load(&lib, argv[1]);
    if (reason != NULL) {
        fprintf(stderr, "no cache today: %s\n", reason);
        return 1;
    }
    snprintf(config, sizeof config, "{\"schemaPath\": \"%s\", \"clock\": \"manual\"}", argv[2]);
    if (lib.open(config, strlen(config), &client, &reply) != ACCELERANT_OK) {
        fprintf(stderr, "cannot open: %s\n", lib.reply_error(reply, NULL));
        lib.reply_free(reply);
        return 1;
    }
    lib.reply_free(reply);
    story(&lib, client);
    lib.close(client);
    return 0;
}

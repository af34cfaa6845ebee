/* Loads the library, opens a client, asks, closes, and unloads the library, again and again; clients are closed while their threads
 * run. Descriptors and threads stay as they were.
 *
 *     reload_clients LIBRARY CONFIGURATION COUNT */
#define _DEFAULT_SOURCE
#include "../../../support/programs/entries.h"
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *find(void *library, const char *name) {
    void *address = dlsym(library, name);
    if (address == NULL) exit(5);
    return address;
}

int main(int argc, char **argv) {
    static const char request[] = "{\"model\": \"User\", \"operation\": \"count\", \"args\": {\"cacheStrategy\": {\"ttl\": 60}}}";
    int left, patience, threads = 0, descriptors = 0;
    if (argc != 4) return 2;
    for (left = atoi(argv[3]); left > 0; left--) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        int32_t (*open)(const char *, size_t, void **, void **);
        int32_t (*query)(void *, const char *, size_t, void **);
        int32_t (*submit)(void *, const char *, size_t, uint64_t);
        void (*release)(void *), (*end)(void *);
        void *client, *reply, *address;
        if (library == NULL) return 3;
        memcpy(&open, (address = find(library, "accelerant_open"), &address), sizeof address);
        memcpy(&query, (address = find(library, "accelerant_query"), &address), sizeof address);
        memcpy(&submit, (address = find(library, "accelerant_submit"), &address), sizeof address);
        memcpy(&release, (address = find(library, "accelerant_reply_free"), &address), sizeof address);
        memcpy(&end, (address = find(library, "accelerant_close"), &address), sizeof address);
        if (open(argv[2], strlen(argv[2]), &client, NULL) != 0) return 4;
        if (query(client, request, sizeof request - 1, &reply) != 0) return 6;
        release(reply);
        submit(client, request, sizeof request - 1, 1);
        submit(client, request, sizeof request - 2, 2);
        end(client);
        if (dlclose(library) != 0) return 7;
        if (threads == 0) {
            usleep(100000);
            threads = count_entries("/proc/self/task");
            descriptors = count_entries("/proc/self/fd");
            continue;
        }
        /* Why again and again: a thread that has been joined stands there until the system is done with it. */
        for (patience = 2000; patience > 0 && threads != count_entries("/proc/self/task"); patience--) usleep(1000);
        if (patience == 0 || descriptors != count_entries("/proc/self/fd")) {
            fprintf(stderr, "%d threads, %d descriptors\n", count_entries("/proc/self/task"), count_entries("/proc/self/fd"));
            return 8;
        }
    }
    return 0;
}

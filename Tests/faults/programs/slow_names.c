/* Preloaded: the name service takes as many seconds for `slow.test` as SLOW_NAME_SECONDS says, and then finds 127.0.0.1. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    lookup *real = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *seconds = getenv("SLOW_NAME_SECONDS");
    if (name && strcmp(name, "slow.test") == 0) {
        usleep((useconds_t)(1e6 * atof(seconds ? seconds : "0")));
        name = "127.0.0.1";
    }
    return real(name, service, hints, found);
}

#define _GNU_SOURCE
#include "transport.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int32_t transport_await(int descriptor, short events, int64_t deadline) {
    struct pollfd socket = {.fd = descriptor, .events = events};
    for (;;) {
        int64_t left = deadline - now();
        if (left <= 0) return TIER_TIMED_OUT;
        struct timespec time = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
        int ready = ppoll(&socket, 1, &time, NULL);
        if (ready > 0) return TIER_OK;
        if (ready < 0 && errno != EINTR) return TIER_FAILED;
    }
}

int32_t transport_send(int descriptor, const char *bytes, size_t size, int64_t deadline) {
    size_t sent = 0;
    while (sent < size) {
        ssize_t count = send(descriptor, bytes + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count > 0) {
            sent += (size_t)count;
        } else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            int32_t status = transport_await(descriptor, POLLOUT, deadline);
            if (status != TIER_OK) return status;
        } else if (count == 0 || errno != EINTR) {
            return TIER_FAILED;
        }
    }
    return TIER_OK;
}

int32_t transport_receive(int descriptor, char *bytes, size_t room, size_t *size, int awaits, int64_t deadline) {
    for (;;) {
        if (awaits) {
            int32_t status = transport_await(descriptor, POLLIN, deadline);
            if (status != TIER_OK) return status;
        }
        ssize_t count = recv(descriptor, bytes, room, MSG_DONTWAIT);
        if (count > 0) {
            *size = (size_t)count;
            return TIER_OK;
        }
        if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) return TIER_FAILED;
        awaits = 1;
    }
}

/* The few things that are done to sockets beside libpq. */
#ifndef ACCELERANT_LINUX_SOCKETS_H
#define ACCELERANT_LINUX_SOCKETS_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

/* Where a socket is connected to. */
struct linux_address {
    struct sockaddr_storage storage;
    socklen_t size;
};

static inline bool linux_peer(int socket, struct linux_address *address) {
    address->size = sizeof address->storage;
    return getpeername(socket, (struct sockaddr *)&address->storage, &address->size) == 0;
}

/* Begins to connect, without waiting; -1 when that is refused at once, with the reason in errno. */
static inline int linux_begin_connect(const struct linux_address *address) {
    int descriptor = socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    if (connect(descriptor, (const struct sockaddr *)&address->storage, address->size) == 0 || errno == EINPROGRESS) return descriptor;
    int reason = errno;
    close(descriptor);
    errno = reason;
    return -1;
}

/* Sends all of it, without SIGPIPE. False when the socket does not take all at once, or is closed. */
static inline bool linux_send(int socket, const void *bytes, size_t size) {
    while (size) {
        ssize_t count = send(socket, bytes, size, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) return false;
        if (count < 0) continue;
        bytes = (const char *)bytes + count;
        size -= (size_t)count;
    }
    return true;
}

/* Reads what is there; 0 at the end of the stream. */
static inline ssize_t linux_receive(int socket, void *bytes, size_t size) {
    ssize_t count;
    do count = recv(socket, bytes, size, MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    return count;
}

/* How many bytes a socket has that no one has read yet. */
static inline int linux_unread(int socket) {
    int count = 0;
    return ioctl(socket, FIONREAD, &count) == 0 ? count : 0;
}

/* Two sockets that are connected with each other, neither of which blocks. */
static inline bool linux_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0; }

/* Another number for what a descriptor names; -1 when there is none left. */
static inline int linux_duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

/* Makes a TCP socket gather what is sent, or send what it has gathered. False for a socket of another kind. */
static inline bool linux_cork(int socket, bool gathers) {
    int value = gathers;
    return setsockopt(socket, IPPROTO_TCP, TCP_CORK, &value, sizeof value) == 0;
}

/* Makes `number` name what `descriptor` names. */
static inline bool linux_replace(int descriptor, int number) {
    /* Why by number: the function needs _GNU_SOURCE. */
    long result;
    do result = syscall(SYS_dup3, descriptor, number, O_CLOEXEC);
    while (result < 0 && errno == EINTR);
    return result == number;
}

#endif

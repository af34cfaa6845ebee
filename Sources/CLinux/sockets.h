/* The few things that are done to sockets beside libpq. */
#ifndef ACCELERANT_LINUX_SOCKETS_H
#define ACCELERANT_LINUX_SOCKETS_H

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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

/* Sends without SIGPIPE. */
static inline ssize_t linux_send(int socket, const void *bytes, size_t size) { return send(socket, bytes, size, MSG_NOSIGNAL); }

/* Reads what is there; 0 at the end of the stream. */
static inline ssize_t linux_receive(int socket, void *bytes, size_t size) { return recv(socket, bytes, size, MSG_DONTWAIT); }

/* How many bytes a socket has that nobody has read yet. */
static inline int linux_unread(int socket) {
    int count = 0;
    return ioctl(socket, FIONREAD, &count) == 0 ? count : 0;
}

/* How many bytes a TCP socket has ever received; -1 for others. */
static inline int64_t linux_received(int socket) {
    /* Why not struct tcp_info: glibc's is older than the field, and the kernel's header cannot stand beside it. */
    unsigned char facts[136];
    int64_t count = -1;
    socklen_t size = sizeof facts;
    if (getsockopt(socket, IPPROTO_TCP, 11 /* TCP_INFO */, facts, &size) == 0 && size == sizeof facts)
        memcpy(&count, facts + 128, sizeof count); /* tcpi_bytes_received: Linux 4.1 */
    return count;
}

#endif

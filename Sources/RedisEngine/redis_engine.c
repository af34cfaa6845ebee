/* Connections to Redis and Valkey: hiredis connects, writes commands and reads replies; bytes are sent and received here.
 *
 * Why here: hiredis 0.14 sends with write(2), which raises SIGPIPE in the host's thread, and its time limits are for one read, not for one reply. */
#define _GNU_SOURCE
#include "redis_engine.h"

#include "seal.h"
#include "tls.h"
#include "transport.h"

#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes that are asked of the socket at once. */
#define PORTION 32768

/* Most members of a list: more than any reply has that is asked for here. */
#define MOST_MEMBERS 65536

#if HIREDIS_MAJOR >= 1
typedef size_t list_size;
#else
typedef int list_size;
#endif

typedef void *(*list_maker)(const redisReadTask *, list_size);

struct connection {
    redisContext *context;
    /* NULL where the connection is not encrypted. */
    struct tls *tls;
    size_t reply_limit;
    char *output;
    size_t output_size, output_room;
    redisReply *reply;
    struct tier_value *values;
    size_t value_count, value_room;
    /* Whether the server has sent anything; why `receive` failed, or NULL. */
    bool has_heard;
    const char *trouble;
    /* Those of hiredis, with a limit, and the one that has it. */
    redisReplyObjectFunctions functions;
    list_maker make_list;
    /* What was received last. Why not on the stack: a caller may have little of it. */
    char portion[PORTION];
};

static void redis_close(void *handle) {
    struct connection *connection = handle;
    if (connection->reply) freeReplyObject(connection->reply);
    tls_end(connection->tls);
    if (connection->context) redisFree(connection->context);
    free(connection->output);
    free(connection->values);
    free(connection);
}

static void redis_interrupt(void *handle) {
    struct connection *connection = handle;
    shutdown(connection->context->fd, SHUT_RDWR);
}

/* Whether the socket is connected by the deadline; the reason if not. */
static bool finish_connecting(redisContext *context, int64_t deadline, char *reason, size_t size) {
    int status = transport_await(context->fd, POLLOUT, deadline);
    int error = 0;
    socklen_t length = sizeof error;
    if (status == TIER_TIMED_OUT) {
        snprintf(reason, size, "it did not answer in time");
        return false;
    }
    if (status != TIER_OK || getsockopt(context->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
    if (error == 0) return true;
    char words[128];
    snprintf(reason, size, "%s", strerror_r(error, words, sizeof words));
    return false;
}

/* Why: room for all members of a list is made when its number has come, and is touched when it is freed. */
static void *make_short_list(const redisReadTask *task, list_size count) {
    struct connection *connection = task->privdata;
    if (count <= MOST_MEMBERS) return connection->make_list(task, count);
    connection->trouble = "a reply has too many members";
    return NULL;
}

static void limit_lists(struct connection *connection) {
    redisReader *reader = connection->context->reader;
    connection->functions = *reader->fn;
    connection->make_list = reader->fn->createArray;
    connection->functions.createArray = make_short_list;
    reader->fn = &connection->functions;
    reader->privdata = connection;
}

static void *redis_connect(
    const struct tier_address *address, size_t reply_limit, int64_t deadline, char *reason, size_t size, int32_t *is_mistake) {
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        snprintf(reason, size, "there is no memory");
        return NULL;
    }
    connection->reply_limit = reply_limit;
    redisContext *context = address->host ? redisConnectNonBlock(address->host, address->port) : redisConnectUnixNonBlock(address->path);
    connection->context = context;
    if (!context || context->err) {
        snprintf(reason, size, "%s", context ? context->errstr : "there is no memory");
    } else {
        limit_lists(connection);
        fcntl(context->fd, F_SETFD, FD_CLOEXEC);
        if (finish_connecting(context, deadline, reason, size)) {
            if (!address->is_encrypted) return connection;
            connection->tls = tls_start(context->fd, address, deadline, reason, size, is_mistake);
            if (connection->tls) return connection;
        }
    }
    redis_close(connection);
    return NULL;
}

static bool make_room(struct connection *connection, size_t size) {
    size_t needed = connection->output_size + size;
    if (needed <= connection->output_room) return true;
    size_t room = connection->output_room * 2 > needed ? connection->output_room * 2 : needed;
    char *output = realloc(connection->output, room);
    if (!output) return false;
    connection->output = output;
    connection->output_room = room;
    return true;
}

static int32_t redis_add(void *handle, const struct tier_text *arguments, size_t count) {
    struct connection *connection = handle;
    const char **bytes = malloc(count * sizeof *bytes);
    size_t *sizes = malloc(count * sizeof *sizes);
    int32_t status = TIER_FAILED;
    char *command = NULL;
    if (bytes && sizes) {
        for (size_t index = 0; index < count; index++) {
            bytes[index] = arguments[index].bytes ? arguments[index].bytes : "";
            sizes[index] = arguments[index].size;
        }
        long long size = redisFormatCommandArgv(&command, (int)count, bytes, sizes);
        if (size >= 0 && make_room(connection, (size_t)size)) {
            memcpy(connection->output + connection->output_size, command, (size_t)size);
            connection->output_size += (size_t)size;
            status = TIER_OK;
        }
        if (size >= 0) redisFreeCommand(command);
    }
    free(bytes);
    free(sizes);
    return status;
}

static int32_t send_all(struct connection *connection, int64_t deadline) {
    const char *output = connection->output;
    size_t size = connection->output_size;
    int32_t status = connection->tls ? tls_send(connection->tls, output, size, deadline) : transport_send(connection->context->fd, output, size, deadline);
    if (status != TIER_OK) return status;
    connection->output_size = 0;
    /* A large answer leaves no large buffer behind. */
    if (connection->output_room > PORTION) {
        free(connection->output);
        connection->output = NULL;
        connection->output_room = 0;
    }
    return TIER_OK;
}

static struct tier_value *next_value(struct connection *connection) {
    if (connection->value_count == connection->value_room) {
        size_t room = connection->value_room ? connection->value_room * 2 : 16;
        struct tier_value *values = realloc(connection->values, room * sizeof *values);
        if (!values) return NULL;
        connection->values = values;
        connection->value_room = room;
    }
    struct tier_value *value = &connection->values[connection->value_count++];
    memset(value, 0, sizeof *value);
    return value;
}

/* Lists inside a list: hiredis itself reads seven levels. */
#define MOST_LEVELS 8

/* Writes a reply down as a row of values, a list before its members. */
static int32_t flatten(struct connection *connection) {
    struct { redisReply *list; size_t next; } levels[MOST_LEVELS];
    size_t depth = 0;
    redisReply *reply = connection->reply;
    connection->value_count = 0;
    for (;;) {
        struct tier_value *value = next_value(connection);
        if (!value) return TIER_FAILED;
        switch (reply ? reply->type : REDIS_REPLY_NIL) {
        case REDIS_REPLY_NIL: value->kind = TIER_NOTHING; break;
        case REDIS_REPLY_INTEGER: value->kind = TIER_NUMBER; value->number = reply->integer; break;
        case REDIS_REPLY_ERROR: value->kind = TIER_ERROR; value->bytes = reply->str; value->size = reply->len; break;
        case REDIS_REPLY_ARRAY:
            value->kind = TIER_LIST;
            value->count = reply->elements;
            if (depth == MOST_LEVELS) return TIER_FAILED;
            levels[depth].list = reply;
            levels[depth++].next = 0;
            break;
        default: value->kind = TIER_TEXT; value->bytes = reply->str; value->size = reply->len; break;
        }
        while (depth > 0 && levels[depth - 1].next == levels[depth - 1].list->elements) depth--;
        if (depth == 0) return TIER_OK;
        reply = levels[depth - 1].list->element[levels[depth - 1].next++];
    }
}

/* Why this hint: a port for TLS ends a connection that does not begin with TLS, without a word. */
static const char silent_end[] = "the server ended the connection before its first answer; a port for TLS does that, and needs rediss://";

static const char *redis_trouble(void *handle, int32_t *is_mistake) {
    struct connection *connection = handle;
    *is_mistake = 0;
    const char *words = connection->tls ? tls_trouble(connection->tls, is_mistake) : NULL;
    return words ? words : connection->trouble;
}

static int32_t redis_receive(void *handle, int64_t deadline, const struct tier_value **values, size_t *count) {
    struct connection *connection = handle;
    redisReader *reader = connection->context->reader;
    if (connection->reply) freeReplyObject(connection->reply);
    connection->reply = NULL;
    *values = NULL;
    *count = 0;
    bool has_sent = connection->output_size > 0;
    int32_t status = send_all(connection, deadline);
    if (status == TIER_FAILED && !connection->has_heard && !connection->tls) connection->trouble = silent_end;
    if (status != TIER_OK) return status;
    size_t received = 0;
    for (;;) {
        void *reply = NULL;
        if (redisReaderGetReply(reader, &reply) != REDIS_OK) {
            if (!connection->trouble) connection->trouble = reader->err == REDIS_ERR_PROTOCOL ? "the server answered in another form than Redis does" : "there is no memory";
            return TIER_FAILED;
        }
        if (reply) {
            connection->reply = reply;
            break;
        }
        /* Why both: the members of an endless list are read as they come, and leave nothing in the reader's buffer. */
        if (received > connection->reply_limit || reader->len - reader->pos > connection->reply_limit) return TIER_TOO_LARGE;
        size_t size = 0;
        /* Why told whether: a reply cannot have come right after its question, and to look for it costs a system call. */
        status = connection->tls ? tls_receive(connection->tls, connection->portion, sizeof connection->portion, &size, deadline)
                                 : transport_receive(connection->context->fd, connection->portion, sizeof connection->portion, &size, has_sent, deadline);
        if (status == TIER_FAILED && !connection->has_heard && !connection->tls) connection->trouble = silent_end;
        if (status != TIER_OK) return status;
        connection->has_heard = true;
        has_sent = false;
        received += size;
        if (redisReaderFeed(reader, connection->portion, size) != REDIS_OK) return TIER_FAILED;
    }
    status = flatten(connection);
    if (status != TIER_OK) return status;
    *values = connection->values;
    *count = connection->value_count;
    return TIER_OK;
}

const struct tier_engine *accelerant_tier_engine(void) {
    static const struct tier_engine engine = {
        .version = TIER_ENGINE_VERSION,
        .encryption_refusal = tls_refusal,
        .connect = redis_connect,
        .add = redis_add,
        .receive = redis_receive,
        .trouble = redis_trouble,
        .interrupt = redis_interrupt,
        .close = redis_close,
        .sealing_refusal = sealing_refusal,
        .make_sealer = make_sealer,
        .free_sealer = free_sealer,
        .seal_name = seal_name,
        .seal = seal,
        .unseal = unseal,
    };
    return &engine;
}

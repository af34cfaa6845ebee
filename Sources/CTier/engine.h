/* What a library that talks to a second tier gives: connections, commands and their replies. It knows nothing of what they mean.
 *
 * `libaccelerant-redis.so` is one. A connection is used by one thread at a time. Times are nanoseconds of CLOCK_MONOTONIC. */
#ifndef ACCELERANT_TIER_ENGINE_H
#define ACCELERANT_TIER_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#define TIER_ENGINE_VERSION 4
#define TIER_ENGINE_SYMBOL "accelerant_tier_engine"

/* How a call ended. After anything but TIER_OK the connection can only be closed. */
enum { TIER_OK = 0, TIER_TIMED_OUT = 1, TIER_FAILED = 2, TIER_TOO_LARGE = 3 };

/* What a value is. After a list come its members. */
enum { TIER_NOTHING = 0, TIER_NUMBER = 1, TIER_TEXT = 2, TIER_ERROR = 3, TIER_LIST = 4 };

struct tier_text {
    const char *bytes;
    size_t size;
};

struct tier_value {
    int32_t kind;
    int64_t number;
    const char *bytes;
    size_t size;
    /* Members of a list; each may be a list again. */
    size_t count;
};

struct tier_address {
    /* NULL: a Unix socket at `path`. */
    const char *host;
    int32_t port;
    const char *path;
    /* Whether the connection is encrypted, and the server's certificate and its name verified. */
    int32_t is_encrypted;
    /* Files, or NULL: certificates that are trusted instead of the system's; the client's own certificate and its key. */
    const char *root_certificate, *certificate, *private_key;
};

/* Bytes of a key, of a sealed name, and those that a sealed text has more than the text. */
#define TIER_KEY_BYTES 32
#define TIER_NAME_BYTES 32
#define TIER_SEAL_BYTES 40

struct tier_engine {
    uint32_t version;
    /* Why this engine cannot encrypt; NULL if it can. */
    const char *(*encryption_refusal)(void);
    /* NULL, and a reason without secrets, when there is no connection by `deadline`. `is_mistake` is then set where it is one of the configuration. */
    void *(*connect)(const struct tier_address *address, size_t reply_limit, int64_t deadline, char *reason, size_t size, int32_t *is_mistake);
    /* Adds a command to those that `receive` sends. TIER_FAILED: no memory. */
    int32_t (*add)(void *connection, const struct tier_text *arguments, size_t count);
    /* Sends what was added and takes one reply. The values stay until the next call with this connection. */
    int32_t (*receive)(void *connection, int64_t deadline, const struct tier_value **values, size_t *count);
    /* Why the last `receive` failed, without secrets; NULL if no more is known than that the connection ended. The words stay as long as the
     * connection. `is_mistake` is set where it is one of the configuration. */
    const char *(*trouble)(void *connection, int32_t *is_mistake);
    /* Makes a wait of another thread end with TIER_FAILED. Not at the same time as `close`. */
    void (*interrupt)(void *connection);
    void (*close)(void *connection);

    /* Why this engine cannot seal on this machine, in words that stay; NULL if it can. */
    const char *(*sealing_refusal)(void);
    /* Keeps a key of TIER_KEY_BYTES, for any number of threads. NULL: no memory. Only where there is no refusal. */
    void *(*make_sealer)(const uint8_t *key);
    void (*free_sealer)(void *sealer);
    /* Writes TIER_NAME_BYTES that cannot be made of a text without the key. */
    void (*seal_name)(const void *sealer, struct tier_text text, uint8_t *name);
    /* Writes TIER_SEAL_BYTES more than the text has. `bound` is not written, and `unseal` needs the same. */
    void (*seal)(const void *sealer, struct tier_text bound, struct tier_text text, uint8_t *sealed);
    /* Writes TIER_SEAL_BYTES fewer. TIER_FAILED: it was not sealed with this key and this `bound`, or was changed. */
    int32_t (*unseal)(const void *sealer, struct tier_text bound, struct tier_text sealed, uint8_t *text);
};

typedef const struct tier_engine *(*tier_engine_function)(void);

#endif

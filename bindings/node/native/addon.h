/* The addon's own types: the loaded library, what one environment (the main thread or a worker) holds, one open client. */
#ifndef ACCELERANT_NODE_ADDON_H
#define ACCELERANT_NODE_ADDON_H

#include "accelerant.h"
#include "node_abi.h"

/* The functions of libaccelerant, found by dlsym. Why not linked: see library.c. */
struct library {
    uint32_t (*version)(void);
    const char *(*status_name)(int32_t);
    int32_t (*open)(const char *, size_t, accelerant_client **, accelerant_reply **);
    void (*close)(accelerant_client *);
    int32_t (*query)(accelerant_client *, const char *, size_t, accelerant_reply **);
    int32_t (*request)(accelerant_client *, const char *, size_t, uint64_t, accelerant_reply **);
    int (*descriptor)(const accelerant_client *);
    int32_t (*take)(accelerant_client *, uint64_t *, accelerant_reply **);
    int32_t (*cancel)(accelerant_client *, uint64_t);
    int32_t (*reply_status)(const accelerant_reply *);
    const char *(*reply_data)(const accelerant_reply *, size_t *);
    const char *(*reply_info)(accelerant_reply *, size_t *);
    const char *(*reply_error)(const accelerant_reply *, size_t *);
    void (*reply_free)(accelerant_reply *);
};
extern struct library library;

/* Loads the library once for the process. NULL, or why it could not be loaded (static or per-thread text). */
const char *library_load(const char *path);

/* The form in which an answer is wanted: the lowest three bits of a token. FORM_VALUE is FORM_PIECES, and hits by value_of_hit. */
enum form { FORM_TEXT = 0, FORM_BYTES = 1, FORM_INFO = 2, FORM_PIECES = 3, FORM_VALUE = 4 };
static inline enum form form_of(uint64_t token) { return (enum form)(token & 7); }

/* Answers that JavaScript keeps as values. Each slot holds its reply, so that its bytes stay where they are: KEPT_TOTAL of them in all. */
enum { KEPT_BITS = 14, KEPT = 1 << KEPT_BITS, KEPT_BYTES = 16384, KEPT_TOTAL = 8388608 };
struct kept {
    accelerant_reply *reply;
    const char *data;
    const char *candidate; /* Seen once since the kept one was read: takes the slot when it is seen again. */
    uint32_t size;
};

/* One environment: a thread with a JavaScript engine. */
struct instance {
    napi_env env;
    const uint8_t *written; /* Where JavaScript writes requests itself; its own memory. */
    size_t written_size;
    napi_ref written_ref;
    char *text; /* A request's bytes, kept for the next one. */
    size_t text_size;
    uint8_t *slab; /* Where small answers are put as bytes; JavaScript's own memory. */
    size_t slab_size, slab_used;
    napi_ref slab_ref;
    struct kept kept[KEPT];
    size_t kept_bytes;
    uint32_t hand; /* The slot that is given up next when there is no room. */
    char *error; /* The error document of the call that returned a negative status. */
    size_t error_size;
    bool is_deno; /* What differs there stands where it is asked. */
};

/* One open client in one environment. */
struct handle {
    struct instance *instance;
    accelerant_client *client; /* NULL once it is being closed. */
    uv_handle_t *poll;
    napi_ref callback;
    napi_async_context context;
    napi_async_cleanup_hook_handle cleanup;
    uint64_t outstanding;
    bool is_ending; /* Its environment ends. */
    int references; /* The JavaScript object, and the handle of the loop. */
};

/* A reply as a JavaScript value: text, bytes, [text, info] or an external. NULL when the engine refused: the error document is kept, and the
 * status is ACCELERANT_TOO_LARGE. Frees the reply, or hands it on. */
napi_value value_of_reply(struct instance *, accelerant_reply *, enum form);
/* Keeps the error document of a reply that failed, for last_error. Frees the reply. */
void keep_error(struct instance *, accelerant_reply *);
/* A hit by FORM_VALUE: the number of the slot that holds its value, [text, slot, slots that are free again …] where JavaScript is to keep it, or as value_of_reply. */
napi_value value_of_hit(struct instance *, accelerant_reply *);
/* NULL when the engine refused: the text is longer than its longest string. */
napi_value text_value(napi_env, const char *, size_t);
/* Keeps the error document of an answer of that size that is longer than the engine's longest string. Gives the status. */
int32_t keep_too_long(struct instance *, size_t);
/* The bytes of an argument: a string, a Uint8Array, or how many there are in `written`. false, with a TypeError thrown, where it is none of these. */
bool bytes_of_argument(struct instance *, napi_value, const char **, size_t *);

napi_value handle_open(napi_env, napi_callback_info);
napi_value handle_request(napi_env, napi_callback_info);
napi_value handle_query(napi_env, napi_callback_info);
napi_value handle_cancel(napi_env, napi_callback_info);
napi_value handle_close(napi_env, napi_callback_info);
napi_value reply_piece(napi_env, napi_callback_info);

#endif

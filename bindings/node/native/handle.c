/* One client on one event loop. */
#include "addon.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* How long replies are delivered before the loop goes on with other things, in nanoseconds. */
enum { TURN_NANOSECONDS = 400000 };

static struct handle *handle_of(napi_env env, napi_value value) {
    void *data = NULL;
    return napi_get_value_external(env, value, &data) == napi_ok ? data : NULL;
}

static void release(struct handle *handle) {
    if (--handle->references == 0) free(handle);
}

/* MARK: The end */

/* Deno frees a hook that has run by itself, and takes no call that makes a value any more. */
static bool is_freed_by_host(const struct handle *handle) { return handle->is_ending && handle->instance->is_deno; }

static void poll_closed(uv_handle_t *poll) {
    struct handle *handle = uv_handle_get_data(poll);
    free(poll);
    if (handle->cleanup && !is_freed_by_host(handle)) napi_remove_async_cleanup_hook(handle->cleanup);
    handle->cleanup = NULL;
    release(handle);
}

/* Ends the watching. Gives the client, to be closed; NULL the second time. */
static accelerant_client *detach(struct handle *handle) {
    accelerant_client *client = handle->client;
    handle->client = NULL;
    if (!client) return NULL;
    if (handle->callback) napi_delete_reference(handle->instance->env, handle->callback);
    if (handle->context && !is_freed_by_host(handle)) napi_async_destroy(handle->instance->env, handle->context);
    handle->callback = NULL;
    handle->context = NULL;
    uv_poll_stop(handle->poll);
    uv_close(handle->poll, poll_closed);
    return client;
}

static void *close_client(void *client) {
    library.close(client);
    return NULL;
}

/* Why a thread: close joins threads and may wait for the network, which the loop's thread must not. */
static void close_aside(accelerant_client *client) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, close_client, client) != 0) library.close(client);
    pthread_attr_destroy(&attributes);
}

/* A client that was forgotten. */
static void finalize(napi_env env, void *data, void *hint) {
    struct handle *handle = data;
    (void)env;
    (void)hint;
    accelerant_client *client = detach(handle);
    if (client) close_aside(client);
    release(handle);
}

/* The environment ends: a worker that is terminated, or the process. */
static void clean_up(napi_async_cleanup_hook_handle hook, void *data) {
    struct handle *handle = data;
    handle->is_ending = true;
    accelerant_client *client = detach(handle);
    (void)hook;
    if (client) close_aside(client);
}

struct closing {
    napi_async_work work;
    napi_deferred deferred;
    accelerant_client *client;
};

static void close_execute(napi_env env, void *data) {
    struct closing *closing = data;
    (void)env;
    if (closing->client) library.close(closing->client);
}

static void close_complete(napi_env env, napi_status status, void *data) {
    struct closing *closing = data;
    napi_value undefined;
    (void)status;
    napi_get_undefined(env, &undefined);
    napi_resolve_deferred(env, closing->deferred, undefined);
    napi_delete_async_work(env, closing->work);
    free(closing);
}

/* close(handle): a promise. What is outstanding is not told any more: the caller lets it end before. */
napi_value handle_close(napi_env env, napi_callback_info info) {
    napi_value argument, promise = NULL, name;
    size_t count = 1;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    struct handle *handle = count ? handle_of(env, argument) : NULL;
    struct closing *closing = handle ? calloc(1, sizeof *closing) : NULL;
    if (!closing) return NULL;
    closing->client = detach(handle);
    napi_create_promise(env, &closing->deferred, &promise);
    napi_create_string_utf8(env, "accelerant.close", 16, &name);
    napi_create_async_work(env, NULL, name, close_execute, close_complete, closing, &closing->work);
    napi_queue_async_work(env, closing->work);
    return promise;
}

/* MARK: Replies */

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void on_readable(uv_handle_t *, int, int);

/* Deno tells that a descriptor is readable once for each start of the watching. */
static void watch_again(struct handle *handle) {
    if (handle->instance->is_deno) uv_poll_start(handle->poll, UV_READABLE, on_readable);
}

static void settle_outstanding(struct handle *handle) {
    if (--handle->outstanding == 0 && handle->client) uv_unref(handle->poll);
}

/* The answer, or its negative status where the engine refuses the text. */
static napi_value answer_or_status(struct instance *instance, napi_value value) {
    if (!value) napi_create_int32(instance->env, ACCELERANT_TOO_LARGE, &value);
    return value;
}

/* callback(token, value, status, error): for one reply. */
static void deliver(struct handle *handle, napi_value receiver, uint64_t token, accelerant_reply *reply) {
    struct instance *instance = handle->instance;
    napi_env env = instance->env;
    napi_value arguments[4], callback;
    int32_t status = library.reply_status(reply);
    napi_create_double(env, (double)token, &arguments[0]);
    napi_get_null(env, &arguments[1]);
    napi_get_null(env, &arguments[3]);
    if (status == ACCELERANT_OK) {
        napi_value value = value_of_reply(instance, reply, form_of(token));
        if (value) arguments[1] = value;
        else status = ACCELERANT_TOO_LARGE;
    } else keep_error(instance, reply);
    if (status != ACCELERANT_OK && instance->error) arguments[3] = text_value(env, instance->error, instance->error_size);
    napi_create_int32(env, status, &arguments[2]);
    settle_outstanding(handle);
    napi_value exception;
    if (napi_get_reference_value(env, handle->callback, &callback) != napi_ok) return;
    if (napi_call_function(env, receiver, callback, 4, arguments, NULL) == napi_ok) return;
    if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
}

/* Takes what is finished. The descriptor stays readable while there is more, so that the loop comes back. */
static void on_readable(uv_handle_t *poll, int status, int events) {
    struct handle *handle = uv_handle_get_data(poll);
    napi_env env = handle->instance->env;
    uint64_t start = now();
    (void)status;
    (void)events;
    for (bool more = true; more && handle->client && now() - start < TURN_NANOSECONDS;) {
        napi_handle_scope scope;
        napi_callback_scope callbacks;
        napi_value receiver;
        if (napi_open_handle_scope(env, &scope) != napi_ok) return;
        napi_get_global(env, &receiver);
        napi_open_callback_scope(env, receiver, handle->context, &callbacks);
        for (int count = 0; count < 16 && handle->client; count++) {
            uint64_t token = 0;
            accelerant_reply *reply = NULL;
            more = library.take(handle->client, &token, &reply) == ACCELERANT_OK && reply;
            if (!more) break;
            deliver(handle, receiver, token, reply);
        }
        napi_close_callback_scope(env, callbacks);
        napi_close_handle_scope(env, scope);
    }
    if (handle->client && handle->outstanding > 0) watch_again(handle);
}

/* MARK: Requests */

/* open(config, callback): an external, or a negative status. */
napi_value handle_open(napi_env env, napi_callback_info info) {
    napi_value arguments[2], result = NULL, name;
    size_t count = 2, size = 0;
    const char *config = NULL;
    void *data = NULL;
    struct uv_loop_s *loop = NULL;
    accelerant_client *client = NULL;
    accelerant_reply *reply = NULL;
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    napi_get_instance_data(env, &data);
    struct instance *instance = data;
    if (count < 2 || !bytes_of_argument(instance, arguments[0], &config, &size)) return NULL;
    int32_t status = library.open(config, size, &client, &reply);
    if (status != ACCELERANT_OK) {
        keep_error(instance, reply);
        napi_create_int32(env, status, &result);
        return result;
    }
    library.reply_free(reply);
    struct handle *handle = calloc(1, sizeof *handle);
    uv_handle_t *poll = malloc(uv_handle_size(UV_POLL));
    if (!handle || !poll || napi_get_uv_event_loop(env, &loop) != napi_ok || uv_poll_init(loop, poll, library.descriptor(client)) != 0) {
        library.close(client);
        free(handle);
        free(poll);
        napi_throw_error(env, NULL, "The event loop cannot watch the client's descriptor: are too many files open?");
        return NULL;
    }
    *handle = (struct handle){.instance = instance, .client = client, .poll = poll, .references = 2};
    uv_handle_set_data(poll, handle);
    uv_poll_start(poll, UV_READABLE, on_readable);
    /* Nothing is outstanding: the process may end. */
    uv_unref(poll);
    napi_create_reference(env, arguments[1], 1, &handle->callback);
    napi_create_string_utf8(env, "accelerant.request", 18, &name);
    napi_async_init(env, NULL, name, &handle->context);
    napi_add_async_cleanup_hook(env, clean_up, handle, &handle->cleanup);
    if (napi_create_external(env, handle, finalize, NULL, &result) != napi_ok) return NULL;
    return result;
}

/* request(handle, text, token): the answer if it is known at once, a negative status if the request is refused, else undefined. */
napi_value handle_request(napi_env env, napi_callback_info info) {
    napi_value arguments[3], result = NULL;
    size_t count = 3, size = 0;
    const char *text = NULL;
    double token = 0;
    accelerant_reply *reply = NULL;
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    struct handle *handle = count == 3 ? handle_of(env, arguments[0]) : NULL;
    if (!handle || !bytes_of_argument(handle->instance, arguments[1], &text, &size)) return NULL;
    napi_get_value_double(env, arguments[2], &token);
    int32_t status = handle->client ? library.request(handle->client, text, size, (uint64_t)token, &reply) : ACCELERANT_CLOSED;
    if (status != ACCELERANT_OK) {
        keep_error(handle->instance, reply);
        napi_create_int32(env, status, &result);
        return result;
    }
    enum form form = form_of((uint64_t)token);
    if (reply) {
        napi_value answer = form == FORM_VALUE ? value_of_hit(handle->instance, reply) : value_of_reply(handle->instance, reply, form);
        return answer_or_status(handle->instance, answer);
    }
    if (handle->outstanding++ == 0) {
        uv_ref(handle->poll);
        watch_again(handle);
    }
    return NULL;
}

/* query(handle, text): the answer, or a negative status. It waits: for what asks no database alone. */
napi_value handle_query(napi_env env, napi_callback_info info) {
    napi_value arguments[2], result = NULL;
    size_t count = 2, size = 0;
    const char *text = NULL;
    accelerant_reply *reply = NULL;
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    struct handle *handle = count == 2 ? handle_of(env, arguments[0]) : NULL;
    if (!handle || !bytes_of_argument(handle->instance, arguments[1], &text, &size)) return NULL;
    int32_t status = handle->client ? library.query(handle->client, text, size, &reply) : ACCELERANT_CLOSED;
    if (status == ACCELERANT_OK) return answer_or_status(handle->instance, value_of_reply(handle->instance, reply, FORM_TEXT));
    keep_error(handle->instance, reply);
    napi_create_int32(env, status, &result);
    return result;
}

/* cancel(handle, token): the status. */
napi_value handle_cancel(napi_env env, napi_callback_info info) {
    napi_value arguments[2], result = NULL;
    size_t count = 2;
    double token = 0;
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    struct handle *handle = count == 2 ? handle_of(env, arguments[0]) : NULL;
    if (!handle || napi_get_value_double(env, arguments[1], &token) != napi_ok) return NULL;
    int32_t status = handle->client ? library.cancel(handle->client, (uint64_t)token) : ACCELERANT_CLOSED;
    napi_create_int32(env, status, &result);
    return result;
}

/* What JavaScript sees of the addon. */
#include "addon.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_TEXT_BYTES = 65536 };

/* load(path): null, or why the library could not be loaded. */
static napi_value load(napi_env env, napi_callback_info info) {
    napi_value argument, result = NULL;
    size_t count = 1, size = 0;
    const char *path = NULL;
    void *data = NULL;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    napi_get_instance_data(env, &data);
    if (!count || !bytes_of_argument(data, argument, &path, &size)) return NULL;
    const char *reason = library_load(path);
    if (reason) napi_create_string_utf8(env, reason, strlen(reason), &result);
    else napi_get_null(env, &result);
    return result;
}

static napi_value version(napi_env env, napi_callback_info info) {
    napi_value result = NULL;
    (void)info;
    napi_create_double(env, library.version ? library.version() : 0, &result);
    return result;
}

/* statusName(status) */
static napi_value status_name(napi_env env, napi_callback_info info) {
    napi_value argument, result = NULL;
    size_t count = 1;
    double status = 0;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    napi_get_value_double(env, argument, &status);
    const char *name = library.status_name((int32_t)status);
    napi_create_string_utf8(env, name, strlen(name), &result);
    return result;
}

/* lastError(): the error document of the call that just returned a negative status, or null. */
static napi_value last_error(napi_env env, napi_callback_info info) {
    napi_value result = NULL;
    void *data = NULL;
    (void)info;
    napi_get_instance_data(env, &data);
    struct instance *instance = data;
    if (instance->error) return text_value(env, instance->error, instance->error_size);
    napi_get_null(env, &result);
    return result;
}

/* The bytes of the one argument, a typed array that is kept in place of the one before. 0 for what is none. */
static int keep_bytes(napi_env env, napi_callback_info info, napi_ref *kept, void **bytes, size_t *size) {
    napi_value argument;
    size_t count = 1;
    int type = 0;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    if (napi_get_typedarray_info(env, argument, &type, size, bytes, NULL, NULL) != napi_ok) return 0;
    if (*kept) napi_delete_reference(env, *kept);
    napi_create_reference(env, argument, 1, kept);
    return 1;
}

/* setSlab(bytes): where small answers are put when they are asked for as bytes; the call then returns how many there are.
 * They lie where the last ones ended, rounded up to a multiple of eight. */
static napi_value set_slab(napi_env env, napi_callback_info info) {
    void *data = NULL;
    napi_get_instance_data(env, &data);
    struct instance *instance = data;
    size_t size = 0;
    void *bytes = NULL;
    if (!keep_bytes(env, info, &instance->slab_ref, &bytes, &size)) return NULL;
    instance->slab = bytes;
    instance->slab_size = size;
    instance->slab_used = 0;
    return NULL;
}

/* setWritten(bytes): where requests lie whose size is given in the place of their text. */
static napi_value set_written(napi_env env, napi_callback_info info) {
    void *data = NULL;
    napi_get_instance_data(env, &data);
    struct instance *instance = data;
    size_t size = 0;
    void *bytes = NULL;
    if (!keep_bytes(env, info, &instance->written_ref, &bytes, &size)) return NULL;
    instance->written = bytes;
    instance->written_size = size;
    return NULL;
}

static void finalize_instance(napi_env env, void *data, void *hint) {
    struct instance *instance = data;
    (void)env;
    (void)hint;
    if (library.reply_free)
        for (int slot = 0; slot < KEPT; slot++) library.reply_free(instance->kept[slot].reply);
    free(instance->text);
    free(instance->error);
    free(instance);
}

static void add(napi_env env, napi_value exports, const char *name, napi_callback function) {
    napi_value value;
    if (napi_create_function(env, name, strlen(name), function, NULL, &value) == napi_ok) napi_set_named_property(env, exports, name, value);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
    struct instance *instance = calloc(1, sizeof *instance);
    char *text = malloc(FIRST_TEXT_BYTES);
    if (!instance || !text) return NULL;
    *instance = (struct instance){.env = env, .text = text, .text_size = FIRST_TEXT_BYTES};
    napi_set_instance_data(env, instance, finalize_instance, NULL);
    napi_value global;
    if (napi_get_global(env, &global) == napi_ok) napi_has_named_property(env, global, "Deno", &instance->is_deno);
    add(env, exports, "load", load);
    add(env, exports, "version", version);
    add(env, exports, "statusName", status_name);
    add(env, exports, "lastError", last_error);
    add(env, exports, "setSlab", set_slab);
    add(env, exports, "setWritten", set_written);
    add(env, exports, "open", handle_open);
    add(env, exports, "request", handle_request);
    add(env, exports, "query", handle_query);
    add(env, exports, "cancel", handle_cancel);
    add(env, exports, "close", handle_close);
    add(env, exports, "piece", reply_piece);
    return exports;
}

__attribute__((visibility("default"))) int32_t node_api_module_get_api_version_v1(void) { return 8; }

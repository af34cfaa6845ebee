/* What the addon uses of Node-API (version 8) and of libuv 1.x, declared here: both ABIs are stable, so that a C compiler alone
 * builds the addon, without Node's headers. Sources: nodejs.org/api/n-api.html, docs.libuv.org. */
#ifndef ACCELERANT_NODE_ABI_H
#define ACCELERANT_NODE_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_ref__ *napi_ref;
typedef struct napi_handle_scope__ *napi_handle_scope;
typedef struct napi_callback_scope__ *napi_callback_scope;
typedef struct napi_callback_info__ *napi_callback_info;
typedef struct napi_async_context__ *napi_async_context;
typedef struct napi_async_work__ *napi_async_work;
typedef struct napi_deferred__ *napi_deferred;
typedef struct napi_async_cleanup_hook_handle__ *napi_async_cleanup_hook_handle;
typedef struct napi_threadsafe_function__ *napi_threadsafe_function;
typedef int napi_status;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
typedef void (*napi_finalize)(napi_env, void *data, void *hint);
typedef void (*napi_async_execute_callback)(napi_env, void *data);
typedef void (*napi_async_complete_callback)(napi_env, napi_status, void *data);
typedef void (*napi_async_cleanup_hook)(napi_async_cleanup_hook_handle, void *data);
typedef void (*napi_threadsafe_function_call_js)(napi_env, napi_value callback, void *context, void *data);

enum { napi_ok = 0 };
enum { napi_string = 4 };
enum { napi_uint8_array = 1 };
enum { napi_default = 0 };

extern napi_status napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern napi_status napi_set_named_property(napi_env, napi_value object, const char *, napi_value);
extern napi_status napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern napi_status napi_get_undefined(napi_env, napi_value *);
extern napi_status napi_get_null(napi_env, napi_value *);
extern napi_status napi_get_global(napi_env, napi_value *);
extern napi_status napi_has_named_property(napi_env, napi_value, const char *, bool *);
extern napi_status napi_create_double(napi_env, double, napi_value *);
extern napi_status napi_create_int32(napi_env, int32_t, napi_value *);
extern napi_status napi_create_string_utf8(napi_env, const char *, size_t, napi_value *);
extern napi_status napi_create_string_latin1(napi_env, const char *, size_t, napi_value *);
extern napi_status napi_create_array_with_length(napi_env, size_t, napi_value *);
extern napi_status napi_create_object(napi_env, napi_value *);
extern napi_status napi_set_element(napi_env, napi_value, uint32_t, napi_value);
extern napi_status napi_create_buffer_copy(napi_env, size_t, const void *, void **, napi_value *);
extern napi_status napi_create_external(napi_env, void *, napi_finalize, void *, napi_value *);
extern napi_status napi_get_value_external(napi_env, napi_value, void **);
extern napi_status napi_get_value_double(napi_env, napi_value, double *);
extern napi_status napi_get_value_string_utf8(napi_env, napi_value, char *, size_t, size_t *);
extern napi_status napi_typeof(napi_env, napi_value, int *);
extern napi_status napi_get_typedarray_info(napi_env, napi_value, int *, size_t *, void **, napi_value *, size_t *);
extern napi_status napi_create_reference(napi_env, napi_value, uint32_t, napi_ref *);
extern napi_status napi_delete_reference(napi_env, napi_ref);
extern napi_status napi_get_reference_value(napi_env, napi_ref, napi_value *);
extern napi_status napi_call_function(napi_env, napi_value, napi_value, size_t, const napi_value *, napi_value *);
extern napi_status napi_throw_error(napi_env, const char *, const char *);
extern napi_status napi_throw_type_error(napi_env, const char *, const char *);
extern napi_status napi_get_and_clear_last_exception(napi_env, napi_value *);
extern napi_status napi_fatal_exception(napi_env, napi_value);
extern napi_status napi_open_handle_scope(napi_env, napi_handle_scope *);
extern napi_status napi_close_handle_scope(napi_env, napi_handle_scope);
extern napi_status napi_open_callback_scope(napi_env, napi_value, napi_async_context, napi_callback_scope *);
extern napi_status napi_close_callback_scope(napi_env, napi_callback_scope);
extern napi_status napi_async_init(napi_env, napi_value, napi_value, napi_async_context *);
extern napi_status napi_async_destroy(napi_env, napi_async_context);
extern napi_status napi_set_instance_data(napi_env, void *, napi_finalize, void *);
extern napi_status napi_get_instance_data(napi_env, void **);
extern napi_status napi_create_promise(napi_env, napi_deferred *, napi_value *);
extern napi_status napi_resolve_deferred(napi_env, napi_deferred, napi_value);
extern napi_status napi_create_async_work(napi_env, napi_value, napi_value, napi_async_execute_callback, napi_async_complete_callback, void *,
                                          napi_async_work *);
extern napi_status napi_queue_async_work(napi_env, napi_async_work);
extern napi_status napi_delete_async_work(napi_env, napi_async_work);
extern napi_status napi_add_async_cleanup_hook(napi_env, napi_async_cleanup_hook, void *, napi_async_cleanup_hook_handle *);
extern napi_status napi_remove_async_cleanup_hook(napi_async_cleanup_hook_handle);

struct uv_loop_s;
extern napi_status napi_get_uv_event_loop(napi_env, struct uv_loop_s **);

/* libuv: handles are opaque here, and of the size that the loaded libuv says. */
typedef struct uv_handle_s uv_handle_t;
enum { UV_POLL = 8, UV_READABLE = 1 };
extern size_t uv_handle_size(int type);
extern int uv_poll_init(struct uv_loop_s *, uv_handle_t *, int fd);
extern int uv_poll_start(uv_handle_t *, int events, void (*)(uv_handle_t *, int status, int events));
extern int uv_poll_stop(uv_handle_t *);
extern void uv_close(uv_handle_t *, void (*)(uv_handle_t *));
extern void uv_ref(uv_handle_t *);
extern void uv_unref(uv_handle_t *);
extern void *uv_handle_get_data(const uv_handle_t *);
extern void uv_handle_set_data(uv_handle_t *, void *);

#endif

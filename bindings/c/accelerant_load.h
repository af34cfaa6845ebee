/* accelerant_load.h: libaccelerant.so by dlopen, as a table of its functions.
 *
 *     struct accelerant_library lib;
 *     const char *reason = accelerant_load(&lib, "libaccelerant.so.1");
 *     if (reason != NULL) { … }
 *     lib.query(client, request, size, &reply);
 *
 * For programs that work without the library when it is not there, and for those that carry it with them. Header only;
 * needs -ldl where the C library keeps dlopen apart. The members are the functions of accelerant.h without their prefix. */
#ifndef ACCELERANT_LOAD_H
#define ACCELERANT_LOAD_H

#include <accelerant.h>

#include <dlfcn.h>
#include <string.h>

struct accelerant_library {
    void *handle;
/* spec: c.load.members */
    uint32_t (*version)(void);
    const char *(*status_name)(int32_t status);
    int32_t (*open)(const char *config, size_t size, accelerant_client **out_client, accelerant_reply **out_reply);
    void (*close)(accelerant_client *client);
    int32_t (*query)(accelerant_client *client, const char *request, size_t size, accelerant_reply **out_reply);
    int32_t (*lookup)(accelerant_client *client, const char *request, size_t size, accelerant_reply **out_reply);
    int32_t (*request)(accelerant_client *client, const char *request, size_t size, uint64_t token, accelerant_reply **out_reply);
    int32_t (*submit)(accelerant_client *client, const char *request, size_t size, uint64_t token);
    int (*descriptor)(const accelerant_client *client);
    int32_t (*take)(accelerant_client *client, uint64_t *out_token, accelerant_reply **out_reply);
    int32_t (*cancel)(accelerant_client *client, uint64_t token);
    int32_t (*reply_status)(const accelerant_reply *reply);
    const char *(*reply_data)(const accelerant_reply *reply, size_t *out_size);
    const char *(*reply_error)(const accelerant_reply *reply, size_t *out_size);
    const char *(*reply_info)(accelerant_reply *reply, size_t *out_size);
    int32_t (*reply_cache_status)(const accelerant_reply *reply);
    void (*reply_free)(accelerant_reply *reply);
/* spec end */
};

/* Puts the address of a function into a slot of the table. Returns 0 when the library does not have it. */
static int accelerant_load_function(void *handle, const char *name, void *slot) {
    void *address = dlsym(handle, name);
    /* Why memcpy: ISO C has no conversion from an object pointer to a function pointer. */
    memcpy(slot, &address, sizeof address);
    return address != NULL;
}

/* Loads the library and fills the table. Returns NULL, or a text that says what is missing.
 * The library stays loaded until the process ends: there is nothing to unload. */
static const char *accelerant_load(struct accelerant_library *library, const char *path) {
    memset(library, 0, sizeof *library);
    library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library->handle == NULL) return dlerror();
#define ACCELERANT_LOAD(name) accelerant_load_function(library->handle, "accelerant_" #name, &library->name)
/* spec: c.load.calls */
    if (!ACCELERANT_LOAD(version) || !ACCELERANT_LOAD(status_name) || !ACCELERANT_LOAD(open) || !ACCELERANT_LOAD(close) ||
        !ACCELERANT_LOAD(query) || !ACCELERANT_LOAD(lookup) || !ACCELERANT_LOAD(request) || !ACCELERANT_LOAD(submit) ||
        !ACCELERANT_LOAD(descriptor) || !ACCELERANT_LOAD(take) || !ACCELERANT_LOAD(cancel) || !ACCELERANT_LOAD(reply_status) ||
        !ACCELERANT_LOAD(reply_data) || !ACCELERANT_LOAD(reply_error) || !ACCELERANT_LOAD(reply_info) || !ACCELERANT_LOAD(reply_cache_status) ||
        !ACCELERANT_LOAD(reply_free))
/* spec end */
        return "the library lacks a function of accelerant.h";
#undef ACCELERANT_LOAD
    if (library->version() < ACCELERANT_VERSION) return "the library is older than the header";
    return NULL;
}

#endif

/* Between the library's bytes and JavaScript's values. */
#include "addon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Answers up to this size go through the slab: a buffer of its own costs the engine more than the copy. */
enum { SLAB_ANSWER = 16384 };

static bool is_ascii(const char *bytes, size_t size) {
    uint64_t seen = 0;
    size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, 8);
        seen |= word;
    }
    for (; at < size; at++) seen |= (uint64_t)(unsigned char)bytes[at];
    return (seen & 0x8080808080808080u) == 0;
}

/* Why two: copying Latin-1 is several times faster than decoding UTF-8, and for ASCII they are the same. */
napi_value text_value(napi_env env, const char *bytes, size_t size) {
    napi_value value = NULL;
    if (is_ascii(bytes, size)) napi_create_string_latin1(env, bytes, size, &value);
    else napi_create_string_utf8(env, bytes, size, &value);
    return value;
}

static void free_reply(napi_env env, void *reply, void *hint) {
    (void)env;
    (void)hint;
    library.reply_free(reply);
}

napi_value value_of_reply(struct instance *instance, accelerant_reply *reply, enum form form) {
    napi_env env = instance->env;
    napi_value value = NULL;
    size_t size = 0;
    const char *data = library.reply_data(reply, &size);
    if (!data) data = "null", size = 4;
    switch (form) {
    case FORM_TEXT: value = text_value(env, data, size); break;
    case FORM_BYTES:
        if (size <= SLAB_ANSWER && size <= instance->slab_size - instance->slab_used) {
            memcpy(instance->slab + instance->slab_used, data, size);
            /* JavaScript counts alike. */
            instance->slab_used += (size + 7) & ~(size_t)7;
            if (instance->slab_used > instance->slab_size) instance->slab_used = instance->slab_size;
            napi_create_double(env, (double)size, &value);
        } else napi_create_buffer_copy(env, size, data, NULL, &value);
        break;
    case FORM_INFO: {
        size_t info_size = 0;
        const char *info = library.reply_info(reply, &info_size);
        napi_value element = text_value(env, data, size);
        if (!element) break;
        napi_create_array_with_length(env, 2, &value);
        napi_set_element(env, value, 0, element);
        if (info) element = text_value(env, info, info_size);
        else napi_get_null(env, &element);
        napi_set_element(env, value, 1, element);
        break;
    }
    case FORM_VALUE:
    case FORM_PIECES:
        if (size < 65536) value = text_value(env, data, size);
        else if (napi_create_external(env, reply, free_reply, NULL, &value) == napi_ok) return value;
        break;
    }
    if (!value) keep_too_long(instance, size);
    library.reply_free(reply);
    return value;
}

static void give_up(struct instance *instance, struct kept *kept) {
    library.reply_free(kept->reply);
    instance->kept_bytes -= kept->size;
    *kept = (struct kept){0};
}

/* Why: an answer that is read again and again need not be parsed each time. While its reply is held nothing else can be at its address,
 * so that the same address is the same answer. */
napi_value value_of_hit(struct instance *instance, accelerant_reply *reply) {
    napi_env env = instance->env;
    size_t size = 0;
    napi_value value = NULL, element;
    const char *data = library.reply_data(reply, &size);
    if (!data || size > KEPT_BYTES) return value_of_reply(instance, reply, FORM_PIECES);
    uint32_t slot = (uint32_t)(((uintptr_t)data >> 6) * 0x9E3779B97F4A7C15u >> (64 - KEPT_BITS));
    struct kept *kept = &instance->kept[slot];
    if (kept->data == data) {
        library.reply_free(reply);
        kept->candidate = NULL;
        napi_create_int32(env, (int32_t)slot, &value);
        return value;
    }
    if (kept->candidate != data) {
        kept->candidate = data;
        return value_of_reply(instance, reply, FORM_PIECES);
    }
    napi_create_array_with_length(env, 2, &value);
    element = text_value(env, data, size);
    napi_set_element(env, value, 0, element);
    napi_create_int32(env, (int32_t)slot, &element);
    napi_set_element(env, value, 1, element);
    give_up(instance, kept);
    *kept = (struct kept){.reply = reply, .data = data, .size = (uint32_t)size};
    instance->kept_bytes += size;
    for (uint32_t count = 2; instance->kept_bytes > KEPT_TOTAL;) {
        instance->hand = (instance->hand + 1) % KEPT;
        if (instance->hand == slot || !instance->kept[instance->hand].reply) continue;
        give_up(instance, &instance->kept[instance->hand]);
        napi_create_int32(env, (int32_t)instance->hand, &element);
        napi_set_element(env, value, count++, element);
    }
    return value;
}

/* The end of the piece that begins at `at`: behind an element of the outermost list, `wanted` bytes on or a little more. */
static size_t piece_end(const char *data, size_t size, size_t at, size_t wanted) {
    size_t depth = 0;
    for (size_t from = at; at < size; at++) {
        char byte = data[at];
        if (byte == '"') {
            for (at++; at < size && data[at] != '"'; at++) at += data[at] == '\\';
        } else if (byte == '{' || byte == '[') depth++;
        else if (byte == '}' || byte == ']') {
            if (depth == 0) return at;
            depth--;
        } else if (byte == ',' && depth == 0 && at - from >= wanted) return at;
    }
    return size;
}

/* piece(external, at, bytes): [text, next]: some elements of the answer's outermost list, without its brackets, and where the next
 * piece begins, 0 at the end. An answer that is no list comes whole. So a large answer is decoded without holding up the loop. A negative
 * status where the engine refuses the text. */
napi_value reply_piece(napi_env env, napi_callback_info info) {
    napi_value arguments[3], result = NULL, element;
    size_t count = 3, size = 0, length = 0;
    double at = 0, wanted = 0;
    void *reply = NULL;
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    if (count < 3 || napi_get_value_external(env, arguments[0], &reply) != napi_ok || napi_get_value_double(env, arguments[1], &at) != napi_ok ||
        napi_get_value_double(env, arguments[2], &wanted) != napi_ok)
        return NULL;
    const char *data = library.reply_data(reply, &size);
    size_t start = at >= 1 ? (size_t)at : 1, next = 0;
    napi_create_array_with_length(env, 2, &result);
    if (data && data[0] == '[' && start < size) {
        size_t end = piece_end(data, size, start, (size_t)wanted);
        length = end - start;
        element = text_value(env, data + start, length);
        if (end < size && data[end] == ',') next = end + 1;
    } else {
        length = data ? size : 4;
        element = text_value(env, data ? data : "null", length);
    }
    if (!element) {
        void *instance = NULL;
        napi_get_instance_data(env, &instance);
        napi_create_int32(env, keep_too_long(instance, length), &result);
        return result;
    }
    napi_set_element(env, result, 0, element);
    napi_create_double(env, (double)next, &element);
    napi_set_element(env, result, 1, element);
    return result;
}

void keep_error(struct instance *instance, accelerant_reply *reply) {
    size_t size = 0;
    const char *error = reply ? library.reply_error(reply, &size) : NULL;
    free(instance->error);
    instance->error = NULL;
    instance->error_size = 0;
    if (error && (instance->error = malloc(size + 1))) {
        memcpy(instance->error, error, size + 1);
        instance->error_size = size;
    }
    library.reply_free(reply);
}

int32_t keep_too_long(struct instance *instance, size_t size) {
    static const char form[] = "{\"code\":\"P6009\",\"message\":\"The answer has %zu bytes in one piece, more than the JavaScript engine takes as a "
                               "string or buffer. Read fewer rows or fields at once.\"}";
    napi_value exception;
    /* An engine may have thrown beside its refusal. */
    napi_get_and_clear_last_exception(instance->env, &exception);
    free(instance->error);
    instance->error_size = 0;
    if ((instance->error = malloc(sizeof form + 24))) instance->error_size = (size_t)snprintf(instance->error, sizeof form + 24, form, size);
    return ACCELERANT_TOO_LARGE;
}

static bool find_bytes(struct instance *instance, napi_value value, const char **bytes, size_t *size) {
    napi_env env = instance->env;
    size_t written = 0, needed = 0;
    double count = 0;
    if (napi_get_value_double(env, value, &count) == napi_ok) {
        if (!(count >= 0 && count <= (double)instance->written_size)) return false;
        *bytes = (const char *)instance->written;
        *size = (size_t)count;
        return true;
    }
    if (napi_get_value_string_utf8(env, value, instance->text, instance->text_size, &written) == napi_ok) {
        /* A text that fills the buffer may have been cut, at a character of up to four bytes. */
        if (written + 5 > instance->text_size) {
            napi_get_value_string_utf8(env, value, NULL, 0, &needed);
            char *larger = realloc(instance->text, needed + 64);
            if (!larger) return false;
            instance->text = larger;
            instance->text_size = needed + 64;
            napi_get_value_string_utf8(env, value, instance->text, instance->text_size, &written);
        }
        *bytes = instance->text;
        *size = written;
        return true;
    }
    void *data = NULL;
    int type = 0;
    if (napi_get_typedarray_info(env, value, &type, size, &data, NULL, NULL) != napi_ok || type != napi_uint8_array) return false;
    *bytes = data;
    return true;
}

bool bytes_of_argument(struct instance *instance, napi_value value, const char **bytes, size_t *size) {
    if (find_bytes(instance, value, bytes, size)) return true;
    /* Why: a call that just gave nothing would look like a request whose answer comes later. */
    napi_throw_type_error(instance->env, "ERR_INVALID_ARG_TYPE", "A request or configuration is a string or a Uint8Array");
    return false;
}

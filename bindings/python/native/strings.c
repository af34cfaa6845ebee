/* Texts of an answer. */
#include "native.h"

/* Four digits of hex, or -1. */
static int read_hex(const char *at, const char *end) {
    int value = 0, index;
    if (end - at < 4) return -1;
    for (index = 0; index < 4; index++) {
        char byte = at[index];
        int digit = byte >= '0' && byte <= '9' ? byte - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                    : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

static char *write_point(char *to, uint32_t point) {
    if (point < 0x80) {
        *to++ = (char)point;
    } else if (point < 0x800) {
        *to++ = (char)(0xC0 | point >> 6);
        *to++ = (char)(0x80 | (point & 63));
    } else if (point < 0x10000) {
        *to++ = (char)(0xE0 | point >> 12);
        *to++ = (char)(0x80 | (point >> 6 & 63));
        *to++ = (char)(0x80 | (point & 63));
    } else {
        *to++ = (char)(0xF0 | point >> 18);
        *to++ = (char)(0x80 | (point >> 12 & 63));
        *to++ = (char)(0x80 | (point >> 6 & 63));
        *to++ = (char)(0x80 | (point & 63));
    }
    return to;
}

/* One escape; `*at` is behind the backslash. Half of a surrogate pair is written as three bytes, which UTF-8 does not have. */
static char *read_escape(const char **at, const char *end, char *to, int *is_surrogate) {
    static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *found = *at < end && **at != 0 ? strchr(plain, **at) : NULL;
    int point, second;
    if (found != NULL) {
        *at += 1;
        *to++ = meant[found - plain];
        return to;
    }
    if (*at >= end || **at != 'u') return NULL;
    point = read_hex(*at + 1, end);
    if (point < 0) return NULL;
    *at += 5;
    if (point >= 0xD800 && point < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        second = read_hex(*at + 2, end);
        if (second >= 0xDC00 && second < 0xE000) {
            *at += 6;
            return write_point(to, 0x10000u + (((uint32_t)point - 0xD800) << 10) + ((uint32_t)second - 0xDC00));
        }
    }
    if (point >= 0xD800 && point < 0xE000) *is_surrogate = 1;
    return write_point(to, (uint32_t)point);
}

/* A text with escapes, into the scratch. `at` is its first byte, `quote` the first quote behind it. */
static int read_escaped(reader *in, const char *at, const char *quote, const char **out, size_t *out_size, int *is_surrogate) {
    char *to;
    const char *close = quote;
    for (;;) {
        const char *slash = close;
        while (slash > at && slash[-1] == '\\') slash--;
        if ((close - slash) % 2 == 0) break;
        close = memchr(close + 1, '"', (size_t)(in->end - close - 1));
        if (close == NULL) {
            malformed(in);
            return -1;
        }
    }
    if ((size_t)(close - at) > in->scratch_size) {
        size_t size = (size_t)(close - at) * 2;
        char *scratch = PyMem_Realloc(in->scratch, size);
        if (scratch == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        in->scratch = scratch;
        in->scratch_size = size;
    }
    to = in->scratch;
    while (at < close) {
        const char *slash = memchr(at, '\\', (size_t)(close - at));
        size_t plain = (size_t)((slash != NULL ? slash : close) - at);
        memcpy(to, at, plain);
        to += plain;
        at += plain;
        if (slash == NULL) break;
        at++;
        to = read_escape(&at, close, to, is_surrogate);
        if (to == NULL) {
            malformed(in);
            return -1;
        }
    }
    in->at = close + 1;
    *out = in->scratch;
    *out_size = (size_t)(to - in->scratch);
    return 0;
}

int read_string(reader *in, const char **out, size_t *out_size, int *is_surrogate) {
    const char *at = in->at, *quote = memchr(at, '"', (size_t)(in->end - at));
    *is_surrogate = 0;
    if (quote == NULL) {
        malformed(in);
        return -1;
    }
    if (memchr(at, '\\', (size_t)(quote - at)) != NULL) return read_escaped(in, at, quote, out, out_size, is_surrogate);
    *out = at;
    *out_size = (size_t)(quote - at);
    in->at = quote + 1;
    return 0;
}

PyObject *string_object(const char *text, size_t size, int is_surrogate) {
    if (is_surrogate) return PyUnicode_DecodeUTF8(text, (Py_ssize_t)size, "surrogatepass");
    return PyUnicode_FromStringAndSize(text, (Py_ssize_t)size);
}

/* Keys of answers come again and again. */
#define KEYS 1024
#define KEY_BYTES 23
static struct {
    PyObject *object;
    uint8_t size;
    char text[KEY_BYTES];
} keys[KEYS];

PyObject *key_object(const char *text, size_t size, int is_surrogate) {
    uint32_t hash = 2166136261u;
    size_t index;
    PyObject *made;
    if (size > KEY_BYTES || is_surrogate) return string_object(text, size, is_surrogate);
    for (index = 0; index < size; index++) hash = (hash ^ (unsigned char)text[index]) * 16777619u;
    hash = (hash ^ hash >> 15) % KEYS;
    if (keys[hash].object != NULL && keys[hash].size == size && memcmp(keys[hash].text, text, size) == 0) {
        Py_INCREF(keys[hash].object);
        return keys[hash].object;
    }
    made = string_object(text, size, 0);
    if (made == NULL) return NULL;
    Py_XDECREF(keys[hash].object);
    Py_INCREF(made);
    keys[hash].object = made;
    keys[hash].size = (uint8_t)size;
    memcpy(keys[hash].text, text, size);
    return made;
}

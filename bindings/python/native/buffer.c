/* Bytes that grow, and texts as JSON quotes them. */
#include "native.h"

void *allocate(size_t count, size_t size) {
    void *made = count > (size_t)PY_SSIZE_T_MAX / size ? NULL : PyMem_Malloc(count * size);
    if (made != NULL) memset(made, 0, count * size);
    return made;
}

void replace(PyObject **place, PyObject *value) {
    PyObject *old = *place;
    Py_INCREF(value);
    *place = value;
    Py_XDECREF(old);
}

void buffer_begin(buffer *out) {
    out->data = out->first;
    out->size = 0;
    out->capacity = sizeof out->first;
}

void buffer_end(buffer *out) {
    if (out->data != out->first) PyMem_Free(out->data);
}

char *buffer_room(buffer *out, size_t more) {
    if (out->capacity - out->size < more) {
        size_t capacity = out->capacity;
        char *data;
        do {
            if (capacity > (size_t)PY_SSIZE_T_MAX / 2) {
                PyErr_NoMemory();
                return NULL;
            }
            capacity *= 2;
        } while (capacity - out->size < more);
        data = PyMem_Malloc(capacity);
        if (data == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        memcpy(data, out->data, out->size);
        buffer_end(out);
        out->data = data;
        out->capacity = capacity;
    }
    return out->data + out->size;
}

int buffer_append(buffer *out, const char *text, size_t size) {
    char *room = buffer_room(out, size);
    if (room == NULL) return -1;
    memcpy(room, text, size);
    out->size += size;
    return 0;
}

/* True for the bytes that JSON escapes: quotes, backslashes, control characters. */
static int is_escaped(unsigned char byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }

static char *append_escape(char *to, unsigned char byte) {
    static const char digits[] = "0123456789abcdef";
    *to++ = '\\';
    switch (byte) {
    case '"': case '\\': *to++ = (char)byte; break;
    case '\n': *to++ = 'n'; break;
    case '\r': *to++ = 'r'; break;
    case '\t': *to++ = 't'; break;
    case '\b': *to++ = 'b'; break;
    case '\f': *to++ = 'f'; break;
    default:
        memcpy(to, "u00", 3);
        to[3] = digits[byte >> 4];
        to[4] = digits[byte & 15];
        to += 5;
    }
    return to;
}

int buffer_append_quoted(buffer *out, const char *text, size_t size) {
    char *to;
    size_t index;
    /* Why six times: a control character takes that many. */
    if (size > (size_t)PY_SSIZE_T_MAX / 8) {
        PyErr_NoMemory();
        return -1;
    }
    to = buffer_room(out, size * 6 + 2);
    if (to == NULL) return -1;
    *to++ = '"';
    for (index = 0; index < size; index++) {
        unsigned char byte = (unsigned char)text[index];
        if (is_escaped(byte)) to = append_escape(to, byte);
        else *to++ = (char)byte;
    }
    *to++ = '"';
    out->size = (size_t)(to - out->data);
    return 0;
}

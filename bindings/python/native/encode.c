/* Python values as JSON text: requests, and data of Json fields. */
#include "native.h"

/* How deep lists and dictionaries may stand in each other; the library takes 128. Whoever holds itself is deeper. */
#define DEPTH 512

/* A list or dictionary whose end has not come. */
typedef struct {
    PyObject *container, *key; /* both owned */
    Py_ssize_t position;       /* of the next element, or as PyDict_Next has it */
    Py_ssize_t count;          /* of those that were written */
    char is_dictionary, is_trusted;
} frame;

typedef struct {
    buffer *out;
    frame *frames;
    int depth, capacity;
    char mode, is_json, is_trusted;
} encoder;

/* Appends a number with an exponent as digits: PostgreSQL's jsonb would take `1e+16` for a whole number. */
static int append_positional(buffer *out, const char *text) {
    const char *mark = strchr(text, 'e'), *at;
    long exponent = strtol(mark + 1, NULL, 10);
    char digits[400], *to = digits;
    int seen_point = 0;
    if (exponent < 0 || exponent > 330 || mark - text > 30) return buffer_append(out, text, strlen(text));
    for (at = text; at < mark; at++) {
        if (*at == '.') seen_point = 1;
        else {
            *to++ = *at;
            if (seen_point) exponent--;
        }
    }
    while (exponent-- > 0) *to++ = '0';
    *to++ = '.';
    *to++ = '0';
    return buffer_append(out, digits, (size_t)(to - digits));
}

/* A number that JSON has no place for, with its tag. */
static int append_decimal(buffer *out, const char *text, size_t size) {
    static const char before[] = "{\"$type\":\"Decimal\",\"value\":";
    return buffer_append(out, before, sizeof before - 1) != 0 || buffer_append_quoted(out, text, size) != 0 ? -1 : buffer_append(out, "}", 1);
}

static int append_float(encoder *self, double value) {
    char *text;
    int status;
    if (value != value || value - value != 0) {
        const char *word = value != value ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        if (self->is_json) {
            PyErr_Format(PyExc_TypeError, "a Json value cannot hold %s", word);
            return -1;
        }
        return append_decimal(self->out, word, strlen(word));
    }
    text = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (text == NULL) return -1;
    status = self->is_json && strchr(text, 'e') != NULL ? append_positional(self->out, text) : buffer_append(self->out, text, strlen(text));
    PyMem_Free(text);
    return status;
}

static int append_integer(encoder *self, PyObject *value) {
    int overflow = 0, status;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    char text[24], *to = text + sizeof text;
    if (number == -1 && overflow == 0 && PyErr_Occurred()) return -1;
    if (overflow == 0) {
        unsigned long long rest = number < 0 ? 0ULL - (unsigned long long)number : (unsigned long long)number;
        do *--to = (char)('0' + rest % 10);
        while ((rest /= 10) != 0);
        if (number < 0) *--to = '-';
        return buffer_append(self->out, to, (size_t)(text + sizeof text - to));
    } else {
        /* Why int's own: a class made from it may print otherwise. */
        PyObject *plain = PyNumber_Index(value), *digits = plain == NULL ? NULL : PyNumber_ToBase(plain, 10);
        Py_ssize_t size;
        const char *bytes = digits == NULL ? NULL : PyUnicode_AsUTF8AndSize(digits, &size);
        status = bytes == NULL ? -1 : buffer_append(self->out, bytes, (size_t)size);
        Py_XDECREF(plain);
        Py_XDECREF(digits);
        return status;
    }
}

static int append_text(encoder *self, PyObject *value) {
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(value, &size);
    if (text == NULL) {
        if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            PyErr_Clear();
            PyErr_SetString(PyExc_ValueError, "a text holds half of a surrogate pair, which is no character");
        }
        return -1;
    }
    return buffer_append_quoted(self->out, text, (size_t)size);
}

/* 1: written; 0: it is something else; -1: failed. */
static int append_plain(encoder *self, PyObject *value) {
    buffer *out = self->out;
    int status;
    if (PyUnicode_Check(value)) status = append_text(self, value);
    else if (value == Py_None) status = buffer_append(out, "null", 4);
    else if (value == Py_True) status = buffer_append(out, "true", 4);
    else if (value == Py_False) status = buffer_append(out, "false", 5);
    else if (PyLong_Check(value)) status = append_integer(self, value);
    else if (PyFloat_Check(value)) status = append_float(self, PyFloat_AsDouble(value));
    else return 0;
    return status != 0 ? -1 : 1;
}

/* As `append_plain`, for what is special in requests and comes often. */
static int append_special(encoder *self, PyObject *value) {
    PyObject *text;
    const char *bytes;
    Py_ssize_t size;
    int status = 0;
    if (self->is_json) return 0;
    if ((PyObject *)Py_TYPE(value) != decimal_type) return append_datetime(self->out, value);
    text = PyObject_Str(value);
    if (text == NULL) return -1;
    bytes = PyUnicode_AsUTF8AndSize(text, &size);
    if (bytes == NULL) status = -1;
    /* Why not those with letters: exponents, and what is no number, are the hook's. */
    else if (size < 1000 && strpbrk(bytes, "ENsIf") == NULL)
        status = append_decimal(self->out, bytes, (size_t)size) != 0 ? -1 : 1;
    Py_DECREF(text);
    return status;
}

/* Room for all levels that there may be. */
static int widen(encoder *self) {
    frame *frames = PyMem_Malloc(DEPTH * sizeof *frames);
    if (frames == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(frames, self->frames, (size_t)self->depth * sizeof *frames);
    self->frames = frames;
    self->capacity = DEPTH;
    return 0;
}

static int push(encoder *self, PyObject *container, int is_dictionary, int is_trusted) {
    frame *top;
    if (self->depth == DEPTH) {
        PyErr_Format(PyExc_ValueError, "is nested more than %d levels deep, or holds itself", DEPTH);
        return -1;
    }
    if (self->depth == self->capacity && widen(self) != 0) return -1;
    top = &self->frames[self->depth];
    memset(top, 0, sizeof *top);
    Py_INCREF(container);
    top->container = container;
    top->is_dictionary = (char)is_dictionary;
    top->is_trusted = (char)is_trusted;
    if (buffer_append(self->out, is_dictionary ? "{" : "[", 1) != 0) {
        Py_DECREF(container);
        return -1;
    }
    self->depth++;
    return 0;
}

/* Writes one value, or opens it. */
static int write_value(encoder *self, PyObject *value, int is_trusted) {
    int status, turns = 0;
    Py_INCREF(value);
    for (;;) {
        PyObject *meant;
        status = append_plain(self, value);
        if (status == 0) {
            if (PyDict_Check(value)) status = push(self, value, 1, is_trusted) == 0 ? 1 : -1;
            else if (PyList_Check(value) || PyTuple_Check(value)) status = push(self, value, 0, is_trusted) == 0 ? 1 : -1;
            else status = append_special(self, value);
        }
        if (status != 0) break;
        if (++turns > 8) { /* an enum of enums, say */
            PyErr_SetString(PyExc_TypeError, "a value stands for no value");
            status = -1;
            break;
        }
        meant = PyObject_CallFunction(special_hook, "Oi", value, (int)self->mode);
        if (meant == NULL) {
            status = -1;
            break;
        }
        Py_DECREF(value);
        value = meant;
        is_trusted = 1;
    }
    Py_DECREF(value);
    return status < 0 ? -1 : 0;
}

static int write_key(encoder *self, frame *top, PyObject *key) {
    Py_ssize_t size;
    const char *text;
    replace(&top->key, key);
    if (!PyUnicode_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "a key has to be a text");
        return -1;
    }
    if (top->count > 0 && buffer_append(self->out, ",", 1) != 0) return -1;
    if (!top->is_trusted && !self->is_json) {
        text = PyUnicode_AsUTF8AndSize(key, &size);
        if (text != NULL && size == 5 && memcmp(text, "$type", 5) == 0) {
            PyErr_SetString(PyExc_TypeError, "a dictionary with the key `$type` is taken for a tag: give data as Json(…)");
            return -1;
        }
        PyErr_Clear();
    }
    return append_text(self, key) != 0 ? -1 : buffer_append(self->out, ":", 1);
}

/* The next value of what is open, borrowed; NULL at its end or, with an exception, on failure. */
static PyObject *next_value(encoder *self, frame *top) {
    PyObject *key, *value = NULL;
    if (top->is_dictionary) {
        if (!PyDict_Next(top->container, &top->position, &key, &value)) return NULL;
        if (write_key(self, top, key) != 0) return NULL;
    } else {
        Py_ssize_t count = PyList_Check(top->container) ? PyList_Size(top->container) : PyTuple_Size(top->container);
        if (top->position >= count) return NULL;
        if (top->count > 0 && buffer_append(self->out, ",", 1) != 0) return NULL;
        value = PyList_Check(top->container) ? PyList_GetItem(top->container, top->position) : PyTuple_GetItem(top->container, top->position);
        top->position++;
    }
    top->count++;
    return value;
}

static void pop(encoder *self) {
    frame *top = &self->frames[--self->depth];
    Py_DECREF(top->container);
    Py_XDECREF(top->key);
}

static int write_document(encoder *self, PyObject *document) {
    if (write_value(self, document, self->is_trusted) != 0) return -1;
    while (self->depth > 0) {
        frame *top = &self->frames[self->depth - 1];
        PyObject *value = next_value(self, top);
        if (value != NULL) {
            if (write_value(self, value, top->is_trusted) != 0) return -1;
            continue;
        }
        if (PyErr_Occurred()) return -1;
        if (buffer_append(self->out, top->is_dictionary ? "}" : "]", 1) != 0) return -1;
        pop(self);
    }
    return 0;
}

/* The way to the value that is written: `args.data.0.at`. */
static PyObject *place(const encoder *self) {
    PyObject *parts = PyList_New(0), *point = PyUnicode_FromString("."), *joined = NULL;
    int level;
    for (level = 0; parts != NULL && level < self->depth; level++) {
        const frame *here = &self->frames[level];
        PyObject *part = !here->is_dictionary ? PyUnicode_FromFormat("%zd", here->position - 1) : here->key != NULL ? PyObject_Str(here->key) : NULL;
        if (part == NULL || PyList_Append(parts, part) != 0) Py_CLEAR(parts);
        Py_XDECREF(part);
    }
    if (parts != NULL && point != NULL) joined = PyUnicode_Join(point, parts);
    Py_XDECREF(parts);
    Py_XDECREF(point);
    return joined;
}

/* Puts the place before the message of a TypeError or a ValueError. */
static void locate(const encoder *self) {
    PyObject *type, *value, *trace, *where, *kind;
    if (self->depth == 0 || self->depth == DEPTH) return;
    if (!PyErr_ExceptionMatches(PyExc_TypeError) && !PyErr_ExceptionMatches(PyExc_ValueError)) return;
    kind = PyErr_ExceptionMatches(PyExc_TypeError) ? PyExc_TypeError : PyExc_ValueError;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    where = place(self);
    if (where != NULL) PyErr_Format(kind, "`%U`: %S", where, value);
    Py_XDECREF(where);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
}

static int run(encoder *self, PyObject *document) {
    frame first[8];
    int status;
    self->frames = first;
    self->capacity = sizeof first / sizeof *first;
    status = write_document(self, document);
    if (status != 0) locate(self);
    while (self->depth > 0) pop(self);
    if (self->frames != first) PyMem_Free(self->frames);
    return status;
}

int encode(buffer *out, PyObject *document, int mode, int is_trusted) {
    encoder self = {out, NULL, 0, 0, (char)mode, 0, (char)(is_trusted != 0)};
    return run(&self, document);
}

int encode_json(buffer *out, PyObject *value) {
    encoder self = {out, NULL, 0, 0, MODE_DATA, 1, 1};
    return run(&self, value);
}

/* Values of quoted texts, as the kind of their member says. */
#include "native.h"

/* Decimals that were made before, by their text: those of a hot answer are asked for again and again, and cannot change.
 * Why these alone: Python has no quick way to make one, as it has for moments and numbers. */
#define MEMOS 8192
#define MEMO_BYTES 21
typedef struct {
    PyObject *value;
    int16_t scale;
    uint8_t size;
    char text[MEMO_BYTES];
} memo;
static memo *memos;

/* The first of the two places where a Decimal may be; NULL where there is none. */
static memo *memo_of(const char *text, size_t size, int scale) {
    uint64_t hash = (uint64_t)(uint16_t)scale * 7919u + size, word;
    size_t index;
    if (size > MEMO_BYTES) return NULL;
    if (memos == NULL) {
        memos = allocate(MEMOS, sizeof *memos);
        if (memos == NULL) return NULL;
    }
    for (index = 0; index + 8 <= size; index += 8) {
        memcpy(&word, text + index, 8);
        hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    word = 0;
    memcpy(&word, text + index, size - index);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return &memos[(hash >> 40) % MEMOS & ~(uint64_t)1];
}

static int is_remembered(const memo *here, const char *text, size_t size, int scale) {
    return here->value != NULL && here->scale == scale && here->size == size && memcmp(here->text, text, size) == 0;
}

/* Puts it into the first place; what was there goes to the second. */
static void remember(memo *here, const char *text, size_t size, int scale, PyObject *value) {
    PyObject *old = here[1].value;
    here[1] = here[0];
    Py_INCREF(value);
    here->value = value;
    here->scale = (int16_t)scale;
    here->size = (uint8_t)size;
    memcpy(here->text, text, size);
    Py_XDECREF(old);
}

static PyObject *remembered_decimal(const char *text, size_t size, int scale) {
    memo *here = memo_of(text, size, scale);
    PyObject *value = NULL;
    if (here != NULL && is_remembered(here, text, size, scale)) value = here[0].value;
    else if (here != NULL && is_remembered(here + 1, text, size, scale)) value = here[1].value;
    if (value != NULL) {
        Py_INCREF(value);
        return value;
    }
    value = decimal_from(text, size, scale);
    if (value != NULL && here != NULL) remember(here, text, size, scale, value);
    return value;
}

/* One of the words that stand for what JSON has no number for; else the text. */
static PyObject *float_from(const char *text, size_t size) {
    if (size == 3 && memcmp(text, "NaN", 3) == 0) return PyFloat_FromDouble(Py_NAN);
    if (size == 8 && memcmp(text, "Infinity", 8) == 0) return PyFloat_FromDouble(Py_HUGE_VAL);
    if (size == 9 && memcmp(text, "-Infinity", 9) == 0) return PyFloat_FromDouble(-Py_HUGE_VAL);
    return string_object(text, size, 0);
}

static int base64_digit(unsigned char byte) {
    if (byte >= 'A' && byte <= 'Z') return byte - 'A';
    if (byte >= 'a' && byte <= 'z') return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9') return byte - '0' + 52;
    return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

/* Bytes of padded base64; the text itself if it is none. */
static PyObject *bytes_from(const char *text, size_t size) {
    size_t padding = size > 0 && text[size - 1] == '=' ? (size > 1 && text[size - 2] == '=' ? 2 : 1) : 0, index;
    uint32_t bits = 0;
    PyObject *made;
    char *to;
    if (size % 4 != 0) return string_object(text, size, 0);
    made = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(size / 4 * 3 - padding));
    if (made == NULL) return NULL;
    to = PyBytes_AsString(made);
    for (index = 0; index < size; index++) {
        int digit = index < size - padding ? base64_digit((unsigned char)text[index]) : 0;
        if (digit < 0) {
            Py_DECREF(made);
            return string_object(text, size, 0);
        }
        bits = bits << 6 | (uint32_t)digit;
        if (index % 4 != 3) continue;
        *to++ = (char)(bits >> 16);
        if (index != size - 1 || padding < 2) *to++ = (char)(bits >> 8);
        if (index != size - 1 || padding < 1) *to++ = (char)bits;
        bits = 0;
    }
    return made;
}

static PyObject *called(PyObject *target, PyObject *argument) {
    PyObject *value = argument == NULL ? NULL : PyObject_CallFunctionObjArgs(target, argument, NULL);
    Py_XDECREF(argument);
    return value;
}

static PyObject *enum_from(PyObject *members, PyObject *name) {
    PyObject *found;
    if (name == NULL) return NULL;
    found = PyDict_GetItemWithError(members, name);
    if (found == NULL) return PyErr_Occurred() ? NULL : name;
    Py_INCREF(found);
    Py_DECREF(name);
    return found;
}

PyObject *value_from(const spec *want, const char *text, size_t size, int is_surrogate) {
    PyObject *value;
    switch (want->kind) {
    case KIND_DECIMAL: return remembered_decimal(text, size, want->scale);
    case KIND_DATETIME: value = datetime_from(text, size); break;
    case KIND_DATE: value = date_from(text, size); break;
    case KIND_TIME: value = time_from(text, size); break;
    case KIND_FLOAT: return float_from(text, size);
    case KIND_BIGINT: return bigint_from(text, size);
    case KIND_BYTES:
        if (want->target == NULL) return bytes_from(text, size);
        return called(want->target, PyBytes_FromStringAndSize(text, (Py_ssize_t)size));
    case KIND_CALL: return called(want->target, string_object(text, size, is_surrogate));
    case KIND_ENUM:
        if (want->target == NULL) return key_object(text, size, is_surrogate);
        return enum_from(want->target, string_object(text, size, is_surrogate));
    default: return string_object(text, size, is_surrogate);
    }
    if (value != NULL || PyErr_Occurred()) return value;
    return string_object(text, size, is_surrogate);
}

/* Numbers of an answer, and texts of digits. */
#include "native.h"

/* Copies a text for functions that want a NUL behind it. To be freed by PyMem_Free unless it is `room`. */
static char *terminated(const char *text, size_t size, char *room, size_t room_size) {
    char *copy = size < room_size ? room : PyMem_Malloc(size + 1);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(copy, text, size);
    copy[size] = 0;
    return copy;
}

/* What Python refuses to make an int of for its many digits becomes a Decimal. */
static PyObject *large_integer(const char *text, size_t size) {
    char room[128], *copy = terminated(text, size, room, sizeof room), *end = NULL;
    PyObject *value;
    if (copy == NULL) return NULL;
    value = PyLong_FromString(copy, &end, 10);
    if (copy != room) PyMem_Free(copy);
    if (value != NULL || size < 640 || !PyErr_ExceptionMatches(PyExc_ValueError)) return value;
    PyErr_Clear();
    return PyObject_CallFunction(decimal_type, "s#", text, (Py_ssize_t)size);
}

/* True if the text is digits, with a minus sign or without. */
static int is_integer(const char *text, size_t size) {
    size_t index = size > 0 && text[0] == '-';
    if (index == size) return 0;
    for (; index < size; index++)
        if (text[index] < '0' || text[index] > '9') return 0;
    return 1;
}

static PyObject *integer(const char *text, size_t size) {
    size_t index = text[0] == '-';
    int64_t value = 0;
    if (size - index > 18) return large_integer(text, size);
    for (; index < size; index++) value = value * 10 + (text[index] - '0');
    return PyLong_FromLongLong(text[0] == '-' ? -value : value);
}

PyObject *bigint_from(const char *text, size_t size) {
    if (is_integer(text, size)) return integer(text, size);
    return string_object(text, size, 0);
}

/* A Decimal of a text of digits, with zeros behind the point up to `scale`. */
PyObject *decimal_from(const char *text, size_t size, int scale) {
    char room[256], *copy, *to;
    const char *point = memchr(text, '.', size);
    size_t given = point == NULL ? 0 : size - (size_t)(point - text) - 1, index;
    PyObject *value;
    int is_plain = size > 0;
    for (index = 0; index < size; index++)
        if ((text[index] < '0' || text[index] > '9') && text[index] != '-' && text[index] != '.') is_plain = 0;
    if (scale <= 0 || !is_plain || given >= (size_t)scale) return PyObject_CallFunction(decimal_type, "s#", text, (Py_ssize_t)size);
    copy = size + (size_t)scale + 2 <= sizeof room ? room : PyMem_Malloc(size + (size_t)scale + 2);
    if (copy == NULL) return PyErr_NoMemory();
    memcpy(copy, text, size);
    to = copy + size;
    if (point == NULL) *to++ = '.';
    memset(to, '0', (size_t)scale - given);
    to += (size_t)scale - given;
    value = PyObject_CallFunction(decimal_type, "s#", copy, (Py_ssize_t)(to - copy));
    if (copy != room) PyMem_Free(copy);
    return value;
}

/* The double nearest to digits · 10^exponent. Exact by one operation where both are small: Clinger's fast path. */
static PyObject *floating(const char *text, size_t size, uint64_t digits, int count, int exponent) {
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    char room[128], *copy, *end = NULL;
    double value;
    if (count <= 19 && digits <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22) {
        value = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
        return PyFloat_FromDouble(text[0] == '-' ? -value : value);
    }
    copy = terminated(text, size, room, sizeof room);
    if (copy == NULL) return NULL;
    value = PyOS_string_to_double(copy, &end, NULL);
    if (copy != room) PyMem_Free(copy);
    return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
}

typedef struct {
    const char *at, *end;
    uint64_t digits;
    int count, exponent, has_fraction;
} scan;

/* Digits, at least one. */
static int scan_digits(scan *in, int step) {
    const char *first = in->at;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
        if (in->count < 19) in->digits = in->digits * 10 + (uint64_t)(*in->at - '0');
        if (in->digits != 0 && in->count < 1000) in->count++;
        if (in->exponent > -100000) in->exponent -= step;
    }
    return in->at > first ? 0 : -1;
}

static int scan_exponent(scan *in) {
    int value = 0, is_negative;
    const char *first;
    in->at++;
    is_negative = in->at < in->end && *in->at == '-';
    if (in->at < in->end && (*in->at == '-' || *in->at == '+')) in->at++;
    first = in->at;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++)
        if (value < 100000) value = value * 10 + (*in->at - '0');
    in->exponent += is_negative ? -value : value;
    return in->at > first ? 0 : -1;
}

PyObject *read_number(reader *in, const spec *want) {
    scan number = {in->at + (*in->at == '-'), in->end, 0, 0, 0, 0};
    const char *text = in->at;
    size_t size;
    int is_wrong = scan_digits(&number, 0);
    if (!is_wrong && number.at < in->end && *number.at == '.') {
        number.at++;
        number.has_fraction = 1;
        is_wrong = scan_digits(&number, 1);
    }
    if (!is_wrong && number.at < in->end && (*number.at == 'e' || *number.at == 'E')) {
        number.has_fraction = 1;
        is_wrong = scan_exponent(&number);
    }
    if (is_wrong) return malformed(in);
    in->at = number.at;
    size = (size_t)(number.at - text);
    if (want->kind == KIND_DECIMAL) return decimal_from(text, size, want->scale);
    if (want->kind == KIND_FLOAT || number.has_fraction) return floating(text, size, number.digits, number.count, number.exponent);
    return integer(text, size);
}

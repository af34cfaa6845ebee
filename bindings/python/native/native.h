/* What the files of the module share. The module is optional: the package does the same without it, in Python.
 *
 * Within the stable ABI of Python 3.9, so that one build serves every later one. Nothing in here recurses on what it is given, and
 * every function that can fail returns NULL or -1 with an exception set. All of it runs under the interpreter's lock. */
#ifndef ACCELERANT_NATIVE_H
#define ACCELERANT_NATIVE_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03090000
#include <Python.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Why here: both came into the stable ABI with 3.10, and are in 3.9 as they stand there. */
#ifndef METH_FASTCALL
#define METH_FASTCALL 0x0080
#endif
PyAPI_FUNC(const char *) PyUnicode_AsUTF8AndSize(PyObject *text, Py_ssize_t *size);

/* Zeroed memory for PyMem_Free; NULL without an exception. */
void *allocate(size_t count, size_t size);
/* Puts another object into a place that owns one, or none. */
void replace(PyObject **place, PyObject *value);

/* Bytes that grow. */
typedef struct {
    char *data;
    size_t size, capacity;
    char first[1024];
} buffer;

void buffer_begin(buffer *out);
void buffer_end(buffer *out);
/* Room for `more` bytes at data + size; NULL with MemoryError. */
char *buffer_room(buffer *out, size_t more);
int buffer_append(buffer *out, const char *text, size_t size);
/* A text of UTF-8, quoted and escaped as JSON has it. */
int buffer_append_quoted(buffer *out, const char *text, size_t size);

/* What a member of an answer becomes. The numbers are those of `Kind` in codec/kinds.py. */
enum kind {
    KIND_PLAIN = 0, /* as JSON has it */
    KIND_FLOAT = 1,
    KIND_BIGINT = 2,
    KIND_DECIMAL = 3,
    KIND_DATETIME = 4,
    KIND_DATE = 5,
    KIND_TIME = 6,
    KIND_BYTES = 7,  /* target: what is called with the base64, or NULL */
    KIND_ENUM = 8,   /* target: a dictionary from names to members, or NULL: one of few texts */
    KIND_CALL = 9,   /* target: what is called with the text */
    KIND_OBJECT = 10 /* target: a shape */
};

typedef struct {
    uint8_t kind;
    int16_t scale;    /* digits behind the point of a Decimal, or -1 */
    PyObject *target; /* borrowed from the shape it stands in */
} spec;

typedef struct {
    PyObject *name; /* the key, or the attribute, in Python */
    const char *key;
    size_t key_size;
    spec value;
    PyObject *key_text; /* owns `key` */
} member;

/* Describes the objects of one model. A Python object, `Shape`. */
typedef struct {
    PyObject_HEAD
    PyObject *record;  /* the class of the result, or NULL for a dictionary */
    PyObject *resolve; /* called before the first use, to call `define`; or NULL */
    member *members;
    uint32_t count;
    uint32_t mask;   /* of `slots` */
    uint32_t *slots; /* positions in `members`, one more than they are; 0 is empty */
    char is_defined;
} shape;

extern PyTypeObject *shape_type;
int shape_ready(PyObject *module);
/* Defines it if that was put off. */
int shape_prepare(shape *self);
/* The member of that key, or NULL. `hint` is where it is looked for first. */
const member *shape_find(const shape *self, const char *key, size_t size, uint32_t hint);

/* What is read. The text ends in NUL at `end`. */
typedef struct {
    const char *start, *at, *end;
    char *scratch; /* of texts with escapes */
    size_t scratch_size;
} reader;

/* What the package gave to the module: see `configure`. NULL before that. */
extern PyObject *special_hook, *decimal_type, *name_dict;
extern int is_dict_set_directly;

PyObject *malformed(const reader *in);

/* strings.c: the text behind a quote, up to the next one; `*out` points into the answer or into the scratch. */
int read_string(reader *in, const char **out, size_t *out_size, int *out_is_surrogate);
PyObject *string_object(const char *text, size_t size, int is_surrogate);
PyObject *key_object(const char *text, size_t size, int is_surrogate);

/* numbers.c */
PyObject *read_number(reader *in, const spec *want);
PyObject *bigint_from(const char *text, size_t size);
PyObject *decimal_from(const char *text, size_t size, int scale);

/* moments.c: NULL without an exception where the text is none that Python's calendar has. */
int moments_ready(void);
PyObject *datetime_from(const char *text, size_t size);
PyObject *date_from(const char *text, size_t size);
PyObject *time_from(const char *text, size_t size);
/* Appends the tagged text of an aware datetime. 1: done; 0: not a plain one, which the hook sees to; -1: failed. */
int append_datetime(buffer *out, PyObject *value);

/* scalars.c: the value of a quoted text. */
PyObject *value_from(const spec *want, const char *text, size_t size, int is_surrogate);

/* decode.c, table.c: the value of a JSON text that is followed by NUL. */
PyObject *read_value(reader *in, spec want);
PyObject *decode(const char *text, size_t size, spec root);
PyObject *decode_table(const char *text, size_t size, PyObject *kinds);

/* What is written, for the hook: the numbers of codec/special.py. In a local request datetimes are UTC where they do not say. */
enum { MODE_REQUEST = 0, MODE_LOCAL_REQUEST = 1, MODE_DATA = 2 };

/* module.c */
PyObject *decoded(const char *text, size_t size, PyObject *form);
/* The value of a hit; else bytes, the request's text to ask by. The interpreter's lock is kept. */
PyObject *found(PyObject *handle, const buffer *out, PyObject *form);

/* quick.c: requests whose parts are written as they are. */
PyObject *quick(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *quick_named(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

/* encode.c: a request as JSON text; `is_trusted`: keys named `$type` may stand in it. */
int encode(buffer *out, PyObject *document, int mode, int is_trusted);
/* Data of a Json field: what JSON has, and nothing else. */
int encode_json(buffer *out, PyObject *value);

#endif

/* The rows of a raw query: `{"columns": [...], "types": [...], "rows": [[...], ...]}`. */
#include "native.h"

typedef struct {
    Py_ssize_t count;
    spec *kinds;
    PyObject *columns; /* a list of texts */
    PyObject *targets; /* a list of what the kinds call */
} table;

static int expect(reader *in, const char *text) {
    size_t size = strlen(text);
    if ((size_t)(in->end - in->at) < size || memcmp(in->at, text, size) != 0) return malformed(in), -1;
    in->at += size;
    return 0;
}

/* What the columns become; a type without an entry stays what it is. */
static int find_kinds(table *self, PyObject *types, PyObject *kinds) {
    Py_ssize_t index;
    self->kinds = allocate((size_t)self->count + 1, sizeof *self->kinds);
    if (self->kinds == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (index = 0; index < self->count; index++) {
        PyObject *found = PyDict_GetItemWithError(kinds, PyList_GetItem(types, index));
        int is_number = found != NULL && PyLong_Check(found);
        long kind = found == NULL ? KIND_PLAIN : is_number ? PyLong_AsLong(found) : KIND_CALL;
        if (PyErr_Occurred()) return -1;
        if (kind < KIND_PLAIN || (is_number && kind > KIND_BYTES)) kind = KIND_PLAIN;
        if (kind == KIND_CALL) {
            /* Why kept: the dictionary may change while a target is called. */
            if (PyList_Append(self->targets, found) != 0) return -1;
            self->kinds[index].target = found;
        }
        self->kinds[index].kind = (uint8_t)kind;
        self->kinds[index].scale = -1;
    }
    return 0;
}

static PyObject *read_row(reader *in, const table *self) {
    PyObject *row = PyDict_New();
    Py_ssize_t index;
    if (row == NULL || expect(in, "[") != 0) goto failed;
    for (index = 0; index < self->count; index++) {
        PyObject *value;
        int status;
        if (index > 0 && expect(in, ",") != 0) goto failed;
        value = read_value(in, self->kinds[index]);
        if (value == NULL) goto failed;
        status = PyDict_SetItem(row, PyList_GetItem(self->columns, index), value);
        Py_DECREF(value);
        if (status != 0) goto failed;
    }
    if (expect(in, "]") != 0) goto failed;
    return row;
failed:
    Py_XDECREF(row);
    return NULL;
}

static PyObject *read_rows(reader *in, const table *self) {
    PyObject *rows = PyList_New(0);
    if (rows == NULL || expect(in, "[") != 0) goto failed;
    while (*in->at != ']') {
        PyObject *row = NULL;
        int status = PyList_Size(rows) > 0 ? expect(in, ",") : 0;
        if (status == 0) row = read_row(in, self);
        if (row == NULL) goto failed;
        status = PyList_Append(rows, row);
        Py_DECREF(row);
        if (status != 0) goto failed;
    }
    in->at++;
    if (expect(in, "}") != 0) goto failed;
    return rows;
failed:
    Py_XDECREF(rows);
    return NULL;
}

static PyObject *read_table(reader *in, PyObject *kinds) {
    static const spec plain = {KIND_PLAIN, -1, NULL};
    table self = {0, NULL, NULL, PyList_New(0)};
    PyObject *types = NULL, *rows = NULL;
    if (self.targets != NULL && expect(in, "{\"columns\":") == 0) self.columns = read_value(in, plain);
    if (self.columns != NULL && expect(in, ",\"types\":") == 0) types = read_value(in, plain);
    if (types != NULL && expect(in, ",\"rows\":") == 0) {
        if (!PyList_Check(self.columns) || !PyList_Check(types) || PyList_Size(self.columns) != PyList_Size(types)) {
            malformed(in);
        } else {
            self.count = PyList_Size(types);
            if (find_kinds(&self, types, kinds) == 0) rows = read_rows(in, &self);
        }
    }
    PyMem_Free(self.kinds);
    Py_XDECREF(self.columns);
    Py_XDECREF(self.targets);
    Py_XDECREF(types);
    return rows;
}

PyObject *decode_table(const char *text, size_t size, PyObject *kinds) {
    reader in = {text, text, text + size, NULL, 0};
    static const spec plain = {KIND_PLAIN, -1, NULL};
    PyObject *rows;
    /* A script whose statements have no rows gives their number. */
    if (*text != '{') return decode(text, size, plain);
    rows = read_table(&in, kinds);
    if (rows != NULL && in.at != in.end) {
        Py_DECREF(rows);
        rows = malformed(&in);
    }
    PyMem_Free(in.scratch);
    return rows;
}

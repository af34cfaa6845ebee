/* The shortest way to a hit: requests whose arguments are written as they are. What needs a closer look is left to Python. */
#include "native.h"

/* How deep a filter may be that is written as it is. */
#define LEVELS 4

/* True where a filter or an order says the same to the library: its fields are among `fields`, and nothing below is an alias.
 * -1: failed. Bounded by LEVELS. */
static int is_plain(PyObject *value, PyObject *fields, PyObject *aliases, int level) {
    PyObject *key, *item;
    Py_ssize_t position = 0, index;
    int status = 1;
    if (PyList_Check(value)) {
        for (index = 0; status == 1 && index < PyList_Size(value); index++) {
            item = PyList_GetItem(value, index);
            if (PyDict_Check(item) || PyList_Check(item)) status = level < LEVELS ? is_plain(item, fields, aliases, level + 1) : 0;
        }
        return status;
    }
    if (!PyDict_Check(value)) return 1;
    while (status == 1 && PyDict_Next(value, &position, &key, &item)) {
        PyObject *known = PyDict_GetItemWithError(fields != NULL ? fields : aliases, key);
        if (known == NULL && PyErr_Occurred()) return -1;
        if ((known != NULL) != (fields != NULL)) return 0;
        if (PyDict_Check(item) || PyList_Check(item)) status = level < LEVELS ? is_plain(item, NULL, aliases, level + 1) : 0;
    }
    return status;
}

/* What is written before the arguments, and what the answer becomes: the first and the last two members of each plan. */
typedef struct {
    PyObject *head, *form;
    int mode;
} plan;

static int read_plan(PyObject *tuple, Py_ssize_t size, plan *out) {
    if (!PyTuple_Check(tuple) || PyTuple_Size(tuple) != size || !PyBytes_Check(PyTuple_GetItem(tuple, 0))) {
        PyErr_SetString(PyExc_TypeError, "no plan of a request");
        return -1;
    }
    out->head = PyTuple_GetItem(tuple, 0);
    out->form = PyTuple_GetItem(tuple, size - 2);
    out->mode = PyLong_AsLong(PyTuple_GetItem(tuple, size - 1)) == MODE_LOCAL_REQUEST ? MODE_LOCAL_REQUEST : MODE_REQUEST;
    return PyErr_Occurred() ? -1 : 0;
}

static int begin(buffer *out, const plan *self) {
    char *head;
    Py_ssize_t size;
    buffer_begin(out);
    return PyBytes_AsStringAndSize(self->head, &head, &size) != 0 || buffer_append(out, head, (size_t)size) != 0 ? -1 : 0;
}

/* One argument. */
static int append_argument(buffer *out, PyObject *name, PyObject *value, int mode, int is_first) {
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(name, &size);
    if (text == NULL || (!is_first && buffer_append(out, ",", 1) != 0) || buffer_append_quoted(out, text, (size_t)size) != 0) return -1;
    return buffer_append(out, ":", 1) != 0 ? -1 : encode(out, value, mode, 0);
}

/* The value of a hit, or what `found` gives else. Where an argument cannot be written, whoever looks closer tells why. */
static PyObject *finish(PyObject *handle, buffer *out, const plan *self, int status) {
    PyObject *answer = NULL;
    if (status == 1) {
        if (buffer_append(out, "}}", 2) == 0) answer = found(handle, out, self->form);
    } else if (status == 0 || PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Clear();
        Py_INCREF(Py_NotImplemented);
        answer = Py_NotImplemented;
    }
    buffer_end(out);
    return answer;
}

/* quick(handle, plan, value, …): `plan` is (head, names, filters, fields, aliases, form, mode). The first `filters` values are filters and
 * orders; of the others no key is an alias. None is not given. */
PyObject *quick(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    plan self;
    buffer out;
    PyObject *names, *fields, *aliases;
    Py_ssize_t index, filters;
    int status = 1, is_first = 1;
    (void)module;
    if (count < 2) {
        PyErr_SetString(PyExc_TypeError, "quick(handle, plan, value, ...)");
        return NULL;
    }
    if (read_plan(arguments[1], 7, &self) != 0) return NULL;
    names = PyTuple_GetItem(arguments[1], 1);
    filters = PyLong_AsSsize_t(PyTuple_GetItem(arguments[1], 2));
    fields = PyTuple_GetItem(arguments[1], 3);
    aliases = PyTuple_GetItem(arguments[1], 4);
    if (!PyTuple_Check(names) || PyTuple_Size(names) != count - 2 || !PyDict_Check(fields) || !PyDict_Check(aliases) || special_hook == NULL) {
        PyErr_SetString(PyExc_TypeError, "no plan for these arguments");
        return NULL;
    }
    if (begin(&out, &self) != 0) status = -1;
    for (index = 0; status == 1 && index < count - 2; index++) {
        PyObject *value = arguments[index + 2];
        if (value == Py_None) continue;
        status = is_plain(value, index < filters ? fields : NULL, aliases, 0);
        if (status == 1 && append_argument(&out, PyTuple_GetItem(names, index), value, self.mode, is_first) != 0) status = -1;
        is_first = 0;
    }
    return finish(arguments[0], &out, &self, status);
}

/* quick_named(handle, plan, arguments): `plan` is (head, names, form, mode). Arguments are renamed by `names`; where that has None, a closer
 * look is needed. None is not given. */
PyObject *quick_named(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    plan self;
    buffer out;
    PyObject *names, *key, *value;
    Py_ssize_t position = 0;
    int status = 1, is_first = 1;
    (void)module;
    if (count != 3 || !PyDict_Check(arguments[2])) {
        PyErr_SetString(PyExc_TypeError, "quick_named(handle, plan, arguments)");
        return NULL;
    }
    if (read_plan(arguments[1], 4, &self) != 0) return NULL;
    names = PyTuple_GetItem(arguments[1], 1);
    if (!PyDict_Check(names) || special_hook == NULL) {
        PyErr_SetString(PyExc_TypeError, "no plan for these arguments");
        return NULL;
    }
    if (begin(&out, &self) != 0) status = -1;
    while (status == 1 && PyDict_Next(arguments[2], &position, &key, &value)) {
        PyObject *name;
        if (value == Py_None) continue;
        name = PyDict_GetItemWithError(names, key);
        if (name == NULL && PyErr_Occurred()) status = -1;
        else if (name == Py_None) status = 0;
        else if (append_argument(&out, name != NULL ? name : key, value, self.mode, is_first) != 0) status = -1;
        is_first = 0;
    }
    return finish(arguments[0], &out, &self, status);
}

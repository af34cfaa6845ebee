/* accelerant._native: requests as JSON text, answers as Python values, and the way to the library. */
#include "native.h"

#include <poll.h>

typedef int32_t query_function(void *client, const char *request, size_t size, void **reply);

static query_function *lookup, *query;
static int32_t (*start)(void *client, const char *request, size_t size, uint64_t token, void **reply);
static const char *(*reply_data)(const void *reply, size_t *size);
static void (*reply_free)(void *reply);
static int32_t (*take)(void *client, uint64_t *token, void **reply);
static int32_t (*reply_status)(const void *reply);
/* The thread that does not wait in here, since signals are its business; 0 is none. */
static unsigned long main_thread;
static uint64_t last_token;

PyObject *special_hook, *decimal_type;
static PyObject *name_in_c; /* "in_c" */
PyObject *name_dict; /* "__dict__" */
int is_dict_set_directly;

/* bind(lookup, query, request, reply_data, reply_free, take, reply_status, main_thread): the addresses of these functions, and a thread's
 * identifier. */
static PyObject *bind(PyObject *module, PyObject *arguments) {
    unsigned long long addresses[7];
    (void)module;
    if (!PyArg_ParseTuple(
            arguments, "KKKKKKKk", &addresses[0], &addresses[1], &addresses[2], &addresses[3], &addresses[4], &addresses[5], &addresses[6],
            &main_thread))
        return NULL;
    lookup = (query_function *)(uintptr_t)addresses[0];
    query = (query_function *)(uintptr_t)addresses[1];
    start = (int32_t (*)(void *, const char *, size_t, uint64_t, void **))(uintptr_t)addresses[2];
    reply_data = (const char *(*)(const void *, size_t *))(uintptr_t)addresses[3];
    reply_free = (void (*)(void *))(uintptr_t)addresses[4];
    take = (int32_t (*)(void *, uint64_t *, void **))(uintptr_t)addresses[5];
    reply_status = (int32_t (*)(const void *))(uintptr_t)addresses[6];
    Py_RETURN_NONE;
}

/* What is kept here belongs to one interpreter of the process: the first that configures the module. */
static int is_of_this_interpreter(void) {
    static int64_t owner = -1;
    int64_t present = PyInterpreterState_GetID(PyInterpreterState_Get());
    if (owner < 0) owner = present;
    if (owner == present || present < 0) return present >= 0;
    PyErr_SetString(PyExc_ImportError, "the module in C serves one interpreter of a process: this one goes on without it");
    return 0;
}

/* configure(special, Decimal): `special(value, mode)` gives what a value stands for that JSON does not have. ImportError in another interpreter
 * than the first. */
static PyObject *configure(PyObject *module, PyObject *arguments) {
    PyObject *hook, *decimal;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OO!", &hook, &PyType_Type, &decimal) || !is_of_this_interpreter()) return NULL;
    replace(&special_hook, hook);
    replace(&decimal_type, decimal);
    Py_RETURN_NONE;
}

static int is_ready(void) {
    if (special_hook != NULL) return 1;
    PyErr_SetString(PyExc_RuntimeError, "configure comes first");
    return 0;
}

static PyObject *encoded(PyObject *document, int mode, int is_trusted) {
    buffer out;
    PyObject *text = NULL;
    if (!is_ready()) return NULL;
    buffer_begin(&out);
    if (mode == MODE_DATA) {
        if (encode_json(&out, document) == 0) text = PyUnicode_DecodeUTF8(out.data, (Py_ssize_t)out.size, "strict");
    } else if (encode(&out, document, mode, is_trusted) == 0) {
        text = PyBytes_FromStringAndSize(out.data, (Py_ssize_t)out.size);
    }
    buffer_end(&out);
    return text;
}

static int mode_of(PyObject *number) {
    return PyLong_AsLong(number) == MODE_LOCAL_REQUEST ? MODE_LOCAL_REQUEST : MODE_REQUEST;
}

/* encode(document, mode, is_trusted) → bytes */
static PyObject *encode_request(PyObject *module, PyObject *arguments) {
    PyObject *document;
    int mode = MODE_REQUEST, is_trusted = 0;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O|ip", &document, &mode, &is_trusted)) return NULL;
    return encoded(document, mode == MODE_LOCAL_REQUEST ? mode : MODE_REQUEST, is_trusted);
}

/* encode_json(value) → str */
static PyObject *encode_data(PyObject *module, PyObject *value) {
    (void)module;
    return encoded(value, MODE_DATA, 1);
}

/* What an answer becomes by a Shape, or, of a raw query, by a dictionary from types to kinds. NULL without an exception: neither. */
static PyObject *shaped(const char *text, size_t size, PyObject *form) {
    spec root = {KIND_OBJECT, -1, form};
    if (Py_TYPE(form) == shape_type) return decode(text, size, root);
    return PyDict_Check(form) ? decode_table(text, size, form) : NULL;
}

/* What an answer becomes: by None, what JSON has; by the class `tuple`, a tuple with the text as bytes; by what has a Shape or a dictionary as
 * `in_c`, that; by another thing, what it gives when it is called with what JSON has. */
PyObject *decoded(const char *text, size_t size, PyObject *form) {
    static const spec plain = {KIND_PLAIN, -1, NULL};
    PyObject *value, *data, *in_c;
    if (form == Py_None) return decode(text, size, plain);
    if (form == (PyObject *)&PyTuple_Type) return Py_BuildValue("(y#)", text, (Py_ssize_t)size);
    value = shaped(text, size, form);
    if (value != NULL || PyErr_Occurred()) return value;
    in_c = PyObject_GetAttr(form, name_in_c);
    if (in_c != NULL) {
        value = shaped(text, size, in_c);
        Py_DECREF(in_c);
        if (value != NULL || PyErr_Occurred()) return value;
    } else {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return NULL;
        PyErr_Clear();
    }
    data = decode(text, size, plain);
    if (data == NULL) return NULL;
    value = PyObject_CallFunctionObjArgs(form, data, NULL);
    Py_DECREF(data);
    return value;
}

static int needs(Py_ssize_t count, Py_ssize_t wanted, const char *usage) {
    if (count == wanted) return is_ready();
    PyErr_SetString(PyExc_TypeError, usage);
    return 0;
}

/* decode(answer, form) → its value */
static PyObject *decode_answer(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    char *text;
    Py_ssize_t size;
    (void)module;
    if (!needs(count, 2, "decode(answer, form)")) return NULL;
    if (PyBytes_AsStringAndSize(arguments[0], &text, &size) != 0) return NULL;
    return decoded(text, (size_t)size, arguments[1]);
}

/* What is known of a request's text at once: its reply, which the caller frees; else NULL. The interpreter's lock is kept. */
void *known(PyObject *handle, const char *text, size_t size) {
    void *reply = NULL, *client = handle == Py_None ? NULL : PyLong_AsVoidPtr(handle);
    if (client == NULL || lookup == NULL) return NULL;
    /* Why errors are dropped: whoever asks again is told the same. */
    if (lookup(client, text, size, &reply) != 0) {
        reply_free(reply);
        reply = NULL;
    }
    return reply;
}

PyObject *found(PyObject *handle, const buffer *out, PyObject *form) {
    void *reply = known(handle, out->data, out->size);
    size_t size;
    const char *data;
    PyObject *answer;
    if (reply == NULL) return PyErr_Occurred() ? NULL : PyBytes_FromStringAndSize(out->data, (Py_ssize_t)out->size);
    data = reply_data(reply, &size);
    answer = decoded(data, size, form);
    reply_free(reply);
    return answer;
}

/* find(handle, request, form, mode) → the value of a hit; else bytes, the request's text to ask by. */
static PyObject *find(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    buffer out;
    PyObject *answer = NULL;
    (void)module;
    if (!needs(count, 4, "find(handle, request, form, mode)")) return NULL;
    buffer_begin(&out);
    if (encode(&out, arguments[1], mode_of(arguments[3]), 0) == 0 && !PyErr_Occurred())
        answer = found(arguments[0], &out, arguments[2]);
    buffer_end(&out);
    return answer;
}

/* find_bytes(handle, request, mode) → (the answer's text of a hit or None, the request's text). */
static PyObject *find_bytes(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    buffer out;
    PyObject *answer = NULL;
    (void)module;
    if (!needs(count, 3, "find_bytes(handle, request, mode)")) return NULL;
    buffer_begin(&out);
    if (encode(&out, arguments[1], mode_of(arguments[2]), 0) == 0 && !PyErr_Occurred()) {
        void *reply = known(arguments[0], out.data, out.size);
        size_t size = 0;
        const char *data = reply == NULL ? NULL : reply_data(reply, &size);
        if (!PyErr_Occurred()) answer = Py_BuildValue("(y#y#)", data, (Py_ssize_t)size, out.data, (Py_ssize_t)out.size);
        if (reply != NULL) reply_free(reply);
    }
    buffer_end(&out);
    return answer;
}

/* ask(client, request) → the answer, bytes; or, when it failed, a tuple of the status and the address of the reply, which the caller
 * has to free; or, on the main thread, the token under which the reply is taken later. Other threads of Python run while this waits. */
static PyObject *ask(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    char *request;
    Py_ssize_t request_size;
    size_t size;
    void *client, *reply = NULL;
    const char *data;
    int32_t status;
    PyObject *answer;
    (void)module;
    if (count != 2 || query == NULL) {
        PyErr_SetString(PyExc_TypeError, "ask(client, request), after bind");
        return NULL;
    }
    client = PyLong_AsVoidPtr(arguments[0]);
    if (client == NULL && PyErr_Occurred()) return NULL;
    if (PyBytes_AsStringAndSize(arguments[1], &request, &request_size) != 0) return NULL;

    if (PyThread_get_thread_ident() == main_thread) {
        uint64_t token = last_token + 1;
        status = start(client, request, (size_t)request_size, token, &reply);
        if (status == 0 && reply == NULL) {
            last_token = token;
            return PyLong_FromUnsignedLongLong(token);
        }
    } else {
        Py_BEGIN_ALLOW_THREADS
        status = query(client, request, (size_t)request_size, &reply);
        Py_END_ALLOW_THREADS
    }
    if (status != 0) return Py_BuildValue("(iK)", (int)status, (unsigned long long)(uintptr_t)reply);
    data = reply_data(reply, &size);
    answer = PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    reply_free(reply);
    return answer;
}

/* wait(client, descriptor, milliseconds, arrived) → None. Puts into the dictionary `arrived`, under its token, the status and the address of
 * the reply of a request that is finished, which the caller has to free. Waits so long for one, or until a signal comes; other threads of
 * Python run meanwhile. */
static PyObject *wait_for(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    struct pollfd watched = {-1, POLLIN, 0};
    void *client, *reply = NULL;
    uint64_t token = 0;
    int milliseconds, status;
    PyObject *key, *value;
    (void)module;
    if (count != 4 || take == NULL || !PyDict_Check(arguments[3])) {
        PyErr_SetString(PyExc_TypeError, "wait(client, descriptor, milliseconds, arrived), after bind");
        return NULL;
    }
    client = PyLong_AsVoidPtr(arguments[0]);
    watched.fd = (int)PyLong_AsLong(arguments[1]);
    milliseconds = (int)PyLong_AsLong(arguments[2]);
    if (PyErr_Occurred()) return NULL;
    if (take(client, &token, &reply) == 0 && reply == NULL) {
        Py_BEGIN_ALLOW_THREADS
        poll(&watched, 1, milliseconds);
        Py_END_ALLOW_THREADS
        take(client, &token, &reply);
    }
    if (reply == NULL) Py_RETURN_NONE;
    key = PyLong_FromUnsignedLongLong(token);
    value = Py_BuildValue("(iK)", (int)reply_status(reply), (unsigned long long)(uintptr_t)reply);
    status = key == NULL || value == NULL ? -1 : PyDict_SetItem(arguments[3], key, value);
    Py_XDECREF(key);
    Py_XDECREF(value);
    if (status == 0) Py_RETURN_NONE;
    reply_free(reply);
    return NULL;
}

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL
static PyMethodDef methods[] = {
    {"bind", bind, METH_VARARGS, "bind(lookup, query, request, reply_data, reply_free, take, reply_status, main_thread): the library's functions, and who is not to wait in here"},
    {"configure", configure, METH_VARARGS, "configure(special, Decimal): what the package gives to the module"},
    {"encode", encode_request, METH_VARARGS, "encode(document, mode=0, is_trusted=0) -> bytes"},
    {"encode_json", encode_data, METH_O, "encode_json(value) -> str"},
    {"decode", FAST(decode_answer), "decode(answer, form) -> its value"},
    {"find", FAST(find), "find(handle, request, form, mode) -> the value of a hit, or bytes: the request's text to ask by"},
    {"quick", FAST(quick), "quick(handle, plan, value, ...) -> as find; NotImplemented where the arguments need a closer look"},
    {"quick_named", FAST(quick_named), "quick_named(handle, plan, arguments) -> as quick, of named arguments"},
    {"find_bytes", FAST(find_bytes), "find_bytes(handle, request, mode) -> (the text of a hit or None, the request's text)"},
    {"wait", FAST(wait_for), "wait(client, descriptor, milliseconds, arrived): puts (status, reply) of what is finished into `arrived`, by its token"},
    {"ask", FAST(ask), "ask(client, request) -> bytes, or (status, reply) of what failed, or the token of what is to come"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, methods, NULL, NULL, NULL, NULL};

/* Whether the interpreter is older than Python 3.13. */
static int is_older(void) {
    PyObject *version = PySys_GetObject("hexversion");
    return version != NULL && PyLong_AsLong(version) < 0x030D0000;
}

PyMODINIT_FUNC PyInit__native(void) {
    PyObject *module = PyModule_Create(&definition);
    name_in_c = PyUnicode_InternFromString("in_c");
    name_dict = PyUnicode_InternFromString("__dict__");
    is_dict_set_directly = is_older();
    if (module != NULL && (name_in_c == NULL || name_dict == NULL || moments_ready() != 0 || shape_ready(module) != 0)) Py_CLEAR(module);
    return module;
}

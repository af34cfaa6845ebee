/* accelerant._native: requests as JSON text, answers as Python values, and the way to the library. */
#include "native.h"

typedef int32_t query_function(void *client, const char *request, size_t size, void **reply);

static query_function *lookup, *query;
static int32_t (*start)(void *client, const char *request, size_t size, uint64_t token, void **reply);
static const char *(*reply_data)(const void *reply, size_t *size);
static void (*reply_free)(void *reply);
/* The thread that does not wait in here, since signals are its business; 0 is none. */
static unsigned long main_thread;
static uint64_t last_token;

PyObject *special_hook, *decimal_type;
static PyObject *raw_kinds;

/* bind(lookup, query, request, reply_data, reply_free, main_thread): the addresses of these functions, and a thread's identifier. */
static PyObject *bind(PyObject *module, PyObject *arguments) {
    unsigned long long addresses[5];
    (void)module;
    if (!PyArg_ParseTuple(arguments, "KKKKKk", &addresses[0], &addresses[1], &addresses[2], &addresses[3], &addresses[4], &main_thread)) return NULL;
    lookup = (query_function *)(uintptr_t)addresses[0];
    query = (query_function *)(uintptr_t)addresses[1];
    start = (int32_t (*)(void *, const char *, size_t, uint64_t, void **))(uintptr_t)addresses[2];
    reply_data = (const char *(*)(const void *, size_t *))(uintptr_t)addresses[3];
    reply_free = (void (*)(void *))(uintptr_t)addresses[4];
    Py_RETURN_NONE;
}

/* configure(special, Decimal, kinds): `special(value, mode)` gives what a value stands for that JSON does not have; `kinds` those of the
 * types of raw columns. */
static PyObject *configure(PyObject *module, PyObject *arguments) {
    PyObject *hook, *decimal, *kinds;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOO!", &hook, &decimal, &PyDict_Type, &kinds)) return NULL;
    replace(&special_hook, hook);
    replace(&decimal_type, decimal);
    replace(&raw_kinds, kinds);
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

/* What an answer becomes: by a Shape, None for plain JSON, True for the rows of a raw query. */
static PyObject *decoded(const char *text, size_t size, PyObject *form) {
    spec root = {KIND_PLAIN, -1, NULL};
    if (form == Py_True) return decode_table(text, size, raw_kinds);
    if (Py_TYPE(form) == shape_type) {
        root.kind = KIND_OBJECT;
        root.target = form;
    } else if (form != Py_None) {
        PyErr_SetString(PyExc_TypeError, "an answer is decoded by a Shape, None or True");
        return NULL;
    }
    return decode(text, size, root);
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
static void *known(PyObject *handle, const char *text, size_t size) {
    void *reply = NULL, *client = handle == Py_None ? NULL : PyLong_AsVoidPtr(handle);
    if (client == NULL || lookup == NULL) return NULL;
    /* Why errors are dropped: whoever asks again is told the same. */
    if (lookup(client, text, size, &reply) != 0) {
        reply_free(reply);
        reply = NULL;
    }
    return reply;
}

/* find(handle, request, form, mode) → the value of a hit; else bytes, the request's text to ask by. */
static PyObject *find(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    buffer out;
    void *reply;
    PyObject *answer = NULL;
    (void)module;
    if (!needs(count, 4, "find(handle, request, form, mode)")) return NULL;
    buffer_begin(&out);
    if (encode(&out, arguments[1], mode_of(arguments[3]), 0) == 0 && !PyErr_Occurred()) {
        reply = known(arguments[0], out.data, out.size);
        if (reply != NULL) {
            size_t size;
            const char *data = reply_data(reply, &size);
            answer = decoded(data, size, arguments[2]);
            reply_free(reply);
        } else if (!PyErr_Occurred()) {
            answer = PyBytes_FromStringAndSize(out.data, (Py_ssize_t)out.size);
        }
    }
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

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL
static PyMethodDef methods[] = {
    {"bind", bind, METH_VARARGS, "bind(lookup, query, request, reply_data, reply_free, main_thread): the library's functions, and who is not to wait in here"},
    {"configure", configure, METH_VARARGS, "configure(special, Decimal, kinds): what the package gives to the module"},
    {"encode", encode_request, METH_VARARGS, "encode(document, mode=0, is_trusted=0) -> bytes"},
    {"encode_json", encode_data, METH_O, "encode_json(value) -> str"},
    {"decode", FAST(decode_answer), "decode(answer, form) -> its value"},
    {"find", FAST(find), "find(handle, request, form, mode) -> the value of a hit, or bytes: the request's text to ask by"},
    {"find_bytes", FAST(find_bytes), "find_bytes(handle, request, mode) -> (the text of a hit or None, the request's text)"},
    {"ask", FAST(ask), "ask(client, request) -> bytes, or (status, reply) of what failed, or the token of what is to come"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && (moments_ready() != 0 || shape_ready(module) != 0)) Py_CLEAR(module);
    return module;
}

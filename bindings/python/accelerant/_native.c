/* One call of Python where ctypes needs four: ask the library, copy the answer, free the reply.
 *
 * Optional: the package works without it, three times as slow on a hit. It is not linked with the library; it is told where the
 * functions are that ctypes has found. Within the stable ABI, so that one build serves every Python from 3.10. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030A0000
#include <Python.h>

#include <stdint.h>

static int32_t (*query)(void *client, const char *request, size_t size, void **reply);
static int32_t (*start)(void *client, const char *request, size_t size, uint64_t token, void **reply);
static const char *(*reply_data)(const void *reply, size_t *size);
static void (*reply_free)(void *reply);
/* The thread that does not wait in here, since signals are its business; 0 is none. */
static unsigned long main_thread;
static uint64_t last_token;

/* bind(query, request, reply_data, reply_free, main_thread): the addresses of these functions, and a thread's identifier. */
static PyObject *bind(PyObject *module, PyObject *arguments) {
    unsigned long long addresses[4];
    (void)module;
    if (!PyArg_ParseTuple(arguments, "KKKKk", &addresses[0], &addresses[1], &addresses[2], &addresses[3], &main_thread)) return NULL;
    query = (int32_t (*)(void *, const char *, size_t, void **))(uintptr_t)addresses[0];
    start = (int32_t (*)(void *, const char *, size_t, uint64_t, void **))(uintptr_t)addresses[1];
    reply_data = (const char *(*)(const void *, size_t *))(uintptr_t)addresses[2];
    reply_free = (void (*)(void *))(uintptr_t)addresses[3];
    Py_RETURN_NONE;
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

static PyMethodDef methods[] = {
    {"bind", bind, METH_VARARGS, "bind(query, request, reply_data, reply_free, main_thread): the library's functions, and who is not to wait in here"},
    {"ask", (PyCFunction)(void (*)(void))ask, METH_FASTCALL, "ask(client, request) -> bytes, or (status, reply) of what failed, or the token of what is to come"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&definition); }

/* One call of Python where ctypes needs four: ask the library, copy the answer, free the reply.
 *
 * Optional: the package works without it, three times as slow on a hit. It is not linked with the library; it is told where the
 * functions are that ctypes has found. Within the stable ABI, so that one build serves every Python from 3.10. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030A0000
#include <Python.h>

#include <stdint.h>

static int32_t (*query)(void *client, const char *request, size_t size, void **reply);
static const char *(*reply_data)(const void *reply, size_t *size);
static void (*reply_free)(void *reply);

/* bind(query, reply_data, reply_free): the addresses of these functions. */
static PyObject *bind(PyObject *module, PyObject *arguments) {
    unsigned long long addresses[3];
    (void)module;
    if (!PyArg_ParseTuple(arguments, "KKK", &addresses[0], &addresses[1], &addresses[2])) return NULL;
    query = (int32_t (*)(void *, const char *, size_t, void **))(uintptr_t)addresses[0];
    reply_data = (const char *(*)(const void *, size_t *))(uintptr_t)addresses[1];
    reply_free = (void (*)(void *))(uintptr_t)addresses[2];
    Py_RETURN_NONE;
}

/* ask(client, request) → the answer, bytes; or, when it failed, a tuple of the status and the address of the reply, which the caller
 * has to free. Other threads of Python run meanwhile. */
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

    Py_BEGIN_ALLOW_THREADS
    status = query(client, request, (size_t)request_size, &reply);
    Py_END_ALLOW_THREADS
    if (status != 0) return Py_BuildValue("(iK)", (int)status, (unsigned long long)(uintptr_t)reply);
    data = reply_data(reply, &size);
    answer = PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    reply_free(reply);
    return answer;
}

static PyMethodDef methods[] = {
    {"bind", bind, METH_VARARGS, "bind(query, reply_data, reply_free): the addresses of the library's functions"},
    {"ask", (PyCFunction)(void (*)(void))ask, METH_FASTCALL, "ask(client, request) -> bytes, or (status, reply) of what failed"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&definition); }

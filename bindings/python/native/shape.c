/* `Shape(record, resolve)`: what the members of a model's objects become. */
#include "native.h"

PyTypeObject *shape_type;

static uint32_t hash_of(const char *key, size_t size) {
    uint32_t hash = 2166136261u;
    size_t index;
    for (index = 0; index < size; index++) hash = (hash ^ (unsigned char)key[index]) * 16777619u;
    return hash ^ (hash >> 15);
}

const member *shape_find(const shape *self, const char *key, size_t size, uint32_t hint) {
    uint32_t slot;
    if (hint < self->count && self->members[hint].key_size == size && memcmp(self->members[hint].key, key, size) == 0)
        return &self->members[hint];
    if (self->count == 0) return NULL;
    for (slot = hash_of(key, size) & self->mask; self->slots[slot] != 0; slot = (slot + 1) & self->mask) {
        const member *found = &self->members[self->slots[slot] - 1];
        if (found->key_size == size && memcmp(found->key, key, size) == 0) return found;
    }
    return NULL;
}

int shape_prepare(shape *self) {
    PyObject *nothing;
    if (self->is_defined) return 0;
    if (self->resolve == NULL) {
        self->is_defined = 1;
        return 0;
    }
    nothing = PyObject_CallFunctionObjArgs(self->resolve, (PyObject *)self, NULL);
    Py_XDECREF(nothing);
    /* Another thread may have defined it in the meantime: that `define` was the one. */
    if (nothing == NULL && self->is_defined && PyErr_ExceptionMatches(PyExc_RuntimeError)) {
        PyErr_Clear();
        return 0;
    }
    if (nothing != NULL && !self->is_defined) PyErr_SetString(PyExc_RuntimeError, "a shape was not defined when it was asked to be");
    return nothing != NULL && self->is_defined ? 0 : -1;
}

static int set_member(member *to, PyObject *item) {
    PyObject *key, *name, *target;
    Py_ssize_t size;
    int kind, scale;
    if (!PyTuple_Check(item)) {
        PyErr_SetString(PyExc_TypeError, "a member is (key, name, kind, target, scale)");
        return -1;
    }
    if (!PyArg_ParseTuple(item, "UUiOi;a member is (key, name, kind, target, scale)", &key, &name, &kind, &target, &scale)) return -1;
    if (kind < KIND_PLAIN || kind > KIND_OBJECT || scale < -1 || scale > 16383) {
        PyErr_SetString(PyExc_ValueError, "no such kind, or scale, of a member");
        return -1;
    }
    if (kind == KIND_OBJECT && !PyObject_TypeCheck(target, shape_type)) {
        PyErr_SetString(PyExc_TypeError, "the target of an object is a Shape");
        return -1;
    }
    if (kind == KIND_ENUM && target != Py_None && !PyDict_Check(target)) {
        PyErr_SetString(PyExc_TypeError, "the target of an enum is a dictionary, or None");
        return -1;
    }
    to->key = PyUnicode_AsUTF8AndSize(key, &size);
    if (to->key == NULL) return -1;
    to->key_size = (size_t)size;
    Py_INCREF(key);
    to->key_text = key;
    Py_INCREF(name);
    to->name = name;
    PyUnicode_InternInPlace(&to->name);
    to->value.kind = (uint8_t)kind;
    to->value.scale = (int16_t)scale;
    to->value.target = NULL;
    if (target != Py_None) {
        Py_INCREF(target);
        to->value.target = target;
    }
    return 0;
}

static int index_members(shape *self) {
    uint32_t size = 4, position, slot;
    while (size < self->count * 2) size *= 2;
    self->slots = allocate(size, sizeof *self->slots);
    if (self->slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->mask = size - 1;
    for (position = 0; position < self->count; position++) {
        const member *here = &self->members[position];
        for (slot = hash_of(here->key, here->key_size) & self->mask; self->slots[slot] != 0;) slot = (slot + 1) & self->mask;
        self->slots[slot] = position + 1;
    }
    return 0;
}

/* define(members): once; each is (key, name, kind, target, scale). */
static PyObject *define(PyObject *object, PyObject *members) {
    shape *self = (shape *)object;
    Py_ssize_t count, position;
    PyObject *items;
    if (self->is_defined || self->members != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "a shape is defined once");
        return NULL;
    }
    items = PySequence_Tuple(members);
    if (items == NULL) return NULL;
    count = PyTuple_Size(items);
    if (count > 100000) {
        Py_DECREF(items);
        PyErr_SetString(PyExc_ValueError, "a shape has too many members");
        return NULL;
    }
    self->members = allocate((size_t)count + 1, sizeof *self->members);
    if (self->members == NULL) {
        Py_DECREF(items);
        return PyErr_NoMemory();
    }
    for (position = 0; position < count; position++) {
        if (set_member(&self->members[position], PyTuple_GetItem(items, position)) != 0) {
            Py_DECREF(items);
            return NULL;
        }
        self->count++;
    }
    Py_DECREF(items);
    if (index_members(self) != 0) return NULL;
    self->is_defined = 1;
    Py_RETURN_NONE;
}

static int shape_init(PyObject *object, PyObject *arguments, PyObject *keywords) {
    shape *self = (shape *)object;
    PyObject *record, *resolve;
    (void)keywords;
    if (!PyArg_ParseTuple(arguments, "OO", &record, &resolve)) return -1;
    if (record != Py_None && !PyType_Check(record)) {
        PyErr_SetString(PyExc_TypeError, "a record is made by a class");
        return -1;
    }
    if (self->record != NULL || self->resolve != NULL || self->is_defined) {
        PyErr_SetString(PyExc_RuntimeError, "a shape is made once");
        return -1;
    }
    if (record != Py_None) {
        Py_INCREF(record);
        self->record = record;
    }
    if (resolve != Py_None) {
        Py_INCREF(resolve);
        self->resolve = resolve;
    }
    return 0;
}

static int shape_traverse(PyObject *object, visitproc visit, void *arg) {
    shape *self = (shape *)object;
    uint32_t position;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->record);
    Py_VISIT(self->resolve);
    for (position = 0; position < self->count; position++) Py_VISIT(self->members[position].value.target);
    return 0;
}

static int shape_clear(PyObject *object) {
    shape *self = (shape *)object;
    uint32_t position, count = self->count;
    self->count = 0;
    for (position = 0; position < count; position++) {
        Py_CLEAR(self->members[position].value.target);
        Py_CLEAR(self->members[position].name);
        Py_CLEAR(self->members[position].key_text);
    }
    Py_CLEAR(self->record);
    Py_CLEAR(self->resolve);
    return 0;
}

static void shape_free(PyObject *object) {
    shape *self = (shape *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(object);
    shape_clear(object);
    PyMem_Free(self->members);
    PyMem_Free(self->slots);
    release(object);
    Py_DECREF(type);
}

int shape_ready(PyObject *module) {
    static PyMethodDef methods[] = {
        {"define", define, METH_O, "define(members): each is (key, name, kind, target, scale)"}, {NULL, NULL, 0, NULL}};
    static PyType_Slot slots[] = {
        {Py_tp_init, shape_init}, {Py_tp_traverse, shape_traverse}, {Py_tp_clear, shape_clear}, {Py_tp_dealloc, shape_free},
        {Py_tp_methods, methods}, {Py_tp_doc, "Shape(record, resolve): what the members of a model's objects become"}, {0, NULL}};
    static PyType_Spec specification = {"accelerant._native.Shape", sizeof(shape), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};
    shape_type = (PyTypeObject *)PyType_FromSpec(&specification);
    if (shape_type == NULL) return -1;
    Py_INCREF(shape_type);
    return PyModule_AddObject(module, "Shape", (PyObject *)shape_type);
}

/* The values of an answer, straight from its bytes. */
#include "native.h"

/* An object or a list whose end has not come. */
typedef struct {
    PyObject *container;
    PyObject *name;        /* of the member that is read; borrowed from the shape if that has it */
    const shape *shape;    /* of an object; NULL for one of plain JSON */
    const member *members; /* of the shape */
    spec element;          /* of a list */
    PyObject *model;       /* of a list: the dictionary of the object before; or NULL */
    const char *start;     /* of an object: behind its brace */
    uint32_t next;         /* the member that is expected next */
    uint32_t count;        /* of the members that came, if all came in the shape's order */
    char is_list, owns_name, is_copy, is_irregular;
} frame;

typedef struct {
    reader in;
    frame *frames;
    size_t depth, capacity;
    frame first[16];
} parser;

PyObject *malformed(const reader *in) {
    if (!PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "the answer is no JSON, at byte %zd", (Py_ssize_t)(in->at - in->start));
    return NULL;
}

static void skip_blanks(reader *in) {
    while (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t') in->at++;
}

static frame *push(parser *self) {
    frame *top;
    if (self->depth == self->capacity) {
        size_t capacity = self->capacity * 2;
        frame *frames = capacity > (size_t)PY_SSIZE_T_MAX / sizeof *frames ? NULL : PyMem_Malloc(capacity * sizeof *frames);
        if (frames == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        memcpy(frames, self->frames, self->depth * sizeof *frames);
        if (self->frames != self->first) PyMem_Free(self->frames);
        self->frames = frames;
        self->capacity = capacity;
    }
    top = &self->frames[self->depth];
    memset(top, 0, sizeof *top);
    return top;
}

/* A dictionary for an object: a copy of the one before it in its list, whose values are replaced.
 * Why: a copy has its size from the beginning, and finds each key in its place. */
static PyObject *new_dictionary(parser *self, frame *top) {
    PyObject *model = NULL;
    if (top->shape != NULL && self->depth > 0 && self->frames[self->depth - 1].is_list) model = self->frames[self->depth - 1].model;
    top->is_copy = model != NULL;
    return model != NULL ? PyDict_Copy(model) : PyDict_New();
}

/* Begins an object again, without a model: it has other members than the one before it. */
static int reopen_object(parser *self, frame *top) {
    frame *list = top - 1;
    PyObject *fresh = PyDict_New();
    if (fresh == NULL) return -1;
    Py_CLEAR(list->model);
    list->is_irregular = 1;
    Py_DECREF(top->container);
    top->container = fresh;
    top->is_copy = 0;
    top->next = top->count = 0;
    self->in.at = top->start;
    return 0;
}

/* True if the members of a copy are those of its model: all came in the shape's order, none is left over, and none was added. */
static int fits_model(const frame *top) {
    return !top->is_irregular && (Py_ssize_t)top->count == PyDict_Size(top->container) && (Py_ssize_t)top->count == PyDict_Size(top[-1].model);
}

/* Makes an object the model of the next one in its list. */
static void keep_model(parser *self, const frame *top) {
    frame *list;
    if (top->shape == NULL || top->is_irregular || self->depth < 2) return;
    list = &self->frames[self->depth - 2];
    if (!list->is_list || list->model != NULL || list->is_irregular) return;
    Py_INCREF(top->container);
    list->model = top->container;
}

static int open_object(parser *self, const spec *want) {
    frame *top = push(self);
    if (top == NULL) return -1;
    if (want->kind == KIND_OBJECT) {
        if (shape_prepare((shape *)want->target) != 0) return -1;
        top->shape = (shape *)want->target;
        top->members = top->shape->members;
    }
    top->start = self->in.at;
    top->container = new_dictionary(self, top);
    if (top->container == NULL) return -1;
    self->depth++;
    return 0;
}

static int open_list(parser *self, const spec *want) {
    frame *top = push(self);
    if (top == NULL) return -1;
    top->is_list = 1;
    top->element = *want;
    top->container = PyList_New(0);
    if (top->container == NULL) return -1;
    self->depth++;
    return 0;
}

/* Gives a record its dictionary. */
static int set_values(PyObject *record, PyObject *values) {
    /* Why not always the short way: from Python 3.13 on the record then has none of its attributes. */
    return is_dict_set_directly ? PyObject_GenericSetDict(record, values, NULL) : PyObject_GenericSetAttr(record, name_dict, values);
}

/* The value of the object or list that has ended. */
static PyObject *closed(parser *self) {
    frame *top = &self->frames[self->depth - 1];
    PyObject *record;
    if (top->is_list) Py_CLEAR(top->model);
    else keep_model(self, top);
    self->depth--;
    if (top->shape == NULL || top->shape->record == NULL) return top->container;
    record = PyType_GenericAlloc((PyTypeObject *)top->shape->record, 0);
    if (record != NULL && set_values(record, top->container) != 0) Py_CLEAR(record);
    Py_DECREF(top->container);
    return record;
}

/* The next key of an object, and what its value becomes. */
static int read_key(parser *self, frame *top, spec *want) {
    reader *in = &self->in;
    const char *text;
    size_t size;
    int is_surrogate;
    const member *found = NULL;
    if (top->shape != NULL && top->next < top->shape->count) {
        /* What comes next is mostly known: no search for the end of the key. */
        found = &top->members[top->next];
        size = found->key_size;
        if ((size_t)(in->end - in->at) > size + 3 && in->at[0] == '"' && memcmp(in->at + 1, found->key, size) == 0 && in->at[size + 1] == '"' &&
            in->at[size + 2] == ':') {
            in->at += size + 3;
            goto known;
        }
        found = NULL;
    }
    if (*in->at != '"') return malformed(in), -1;
    in->at++;
    if (read_string(in, &text, &size, &is_surrogate) != 0) return -1;
    if (top->shape != NULL) found = shape_find(top->shape, text, size, top->next + 1);
    if (found == NULL) {
        top->name = key_object(text, size, is_surrogate);
        if (top->name == NULL) return -1;
        top->owns_name = 1;
        want->kind = KIND_PLAIN;
    }
    skip_blanks(in);
    if (*in->at != ':') return malformed(in), -1;
    in->at++;
    if (found == NULL) {
        top->is_irregular = 1;
        return 0;
    }
    if ((uint32_t)(found - top->members) < top->next) top->is_irregular = 1;
known:
    top->name = found->name;
    top->next = (uint32_t)(found - top->members) + 1;
    top->count++;
    *want = found->value;
    return 0;
}

static PyObject *literal(reader *in, const char *word, size_t size, PyObject *value) {
    if ((size_t)(in->end - in->at) < size || memcmp(in->at, word, size) != 0) return malformed(in);
    in->at += size;
    Py_INCREF(value);
    return value;
}

static PyObject *read_scalar(reader *in, const spec *want) {
    const char *text;
    size_t size;
    int is_surrogate;
    switch (*in->at) {
    case '"':
        in->at++;
        if (read_string(in, &text, &size, &is_surrogate) != 0) return NULL;
        return value_from(want, text, size, is_surrogate);
    case 'n': return literal(in, "null", 4, Py_None);
    case 't': return literal(in, "true", 4, Py_True);
    case 'f': return literal(in, "false", 5, Py_False);
    default: return read_number(in, want);
    }
}

/* Puts a value into what is open. 1: another one follows; 0: that has ended; -1: failed. Takes the value over. */
static int attach(parser *self, frame *top, PyObject *value) {
    reader *in = &self->in;
    int status = top->is_list ? PyList_Append(top->container, value) : PyDict_SetItem(top->container, top->name, value);
    Py_DECREF(value);
    if (top->owns_name) Py_DECREF(top->name);
    top->owns_name = 0;
    if (status != 0) return -1;
    skip_blanks(in);
    if (*in->at == ',') {
        in->at++;
        skip_blanks(in);
        return 1;
    }
    if (*in->at != (top->is_list ? ']' : '}')) return malformed(in), -1;
    in->at++;
    return 0;
}

/* Reads one value. Without recursion: objects and lists that are open stand in `frames`. */
static PyObject *parse(parser *self, spec want) {
    reader *in = &self->in;
    PyObject *value;
    frame *top;
    int more;
    for (;;) {
        skip_blanks(in);
        if (*in->at == '{' || *in->at == '[') {
            int is_object = *in->at == '{';
            in->at++;
            if ((is_object ? open_object(self, &want) : open_list(self, &want)) != 0) return NULL;
            skip_blanks(in);
            top = &self->frames[self->depth - 1];
            if (*in->at == (is_object ? '}' : ']')) {
                in->at++;
                if (top->is_copy) PyDict_Clear(top->container);
                value = closed(self);
            } else {
                if (is_object && read_key(self, top, &want) != 0) return NULL;
                continue;
            }
        } else {
            value = read_scalar(in, &want);
        }
        for (;;) {
            if (value == NULL || self->depth == 0) return value;
            top = &self->frames[self->depth - 1];
            more = attach(self, top, value);
            if (more < 0) return NULL;
            if (more) break;
            if (top->is_copy && !fits_model(top)) {
                if (reopen_object(self, top) != 0) return NULL;
                skip_blanks(in);
                break;
            }
            value = closed(self);
        }
        if (top->is_list) want = top->element;
        else if (read_key(self, top, &want) != 0) return NULL;
    }
}

static void abandon(parser *self) {
    while (self->depth > 0) {
        frame *top = &self->frames[--self->depth];
        Py_XDECREF(top->container);
        Py_XDECREF(top->model);
        if (top->owns_name) Py_DECREF(top->name);
    }
    if (self->frames != self->first) PyMem_Free(self->frames);
}

PyObject *read_value(reader *in, spec want) {
    parser self;
    PyObject *value;
    self.in = *in;
    self.frames = self.first;
    self.depth = 0;
    self.capacity = sizeof self.first / sizeof *self.first;
    value = parse(&self, want);
    abandon(&self);
    *in = self.in;
    return value;
}

PyObject *decode(const char *text, size_t size, spec root) {
    reader in = {text, text, text + size, NULL, 0};
    PyObject *value = read_value(&in, root);
    if (value != NULL) {
        skip_blanks(&in);
        if (in.at != in.end) {
            Py_DECREF(value);
            value = malformed(&in);
        }
    }
    PyMem_Free(in.scratch);
    return value;
}

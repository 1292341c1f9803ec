/* The count of a bar, and how it is added to: in C what `Tally` in `headway/reporting/tally.py` is in Python.

   The count is a C integer as long as it is an `int` that fits, which saves an object for each update; else it is
   whatever Python object has been put there. All of an update by an `int` is done while the GIL is held and no Python
   code runs, so that threads lose nothing. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define PROTOCOL 1 /* that of headway/reporting/tally.py */

typedef struct {
    PyObject_HEAD
    PyTypeObject *fast; /* `int` if `plain`, and the count is `whole`: one comparison finds what is added at once */
    long long whole;
    PyObject *other; /* the count, if it is not `whole` */
    int plain;
} Tally;

static PyObject *one; /* Python's own 1, which most updates are by: to compare is faster than to convert */

static void
settle(Tally *self)
{
    self->fast = self->plain && self->other == NULL ? &PyLong_Type : NULL;
}

static int
add_whole(Tally *self, long long n)
{
    long long sum = (long long)((unsigned long long)self->whole + (unsigned long long)n);
    if (((self->whole ^ sum) & (n ^ sum)) < 0)
        return 0; /* the sum has the sign of neither */
    self->whole = sum;
    return 1;
}

static PyObject *
get_count(PyObject *object, void *Py_UNUSED(closure))
{
    Tally *self = (Tally *)object;
    if (self->other == NULL)
        return PyLong_FromLongLong(self->whole);
    Py_INCREF(self->other);
    return self->other;
}

static int
set_count(PyObject *object, PyObject *count, void *Py_UNUSED(closure))
{
    Tally *self = (Tally *)object;
    PyObject *before = self->other;
    long long whole = 0;
    int overflow = 1;
    if (count == NULL) {
        PyErr_SetString(PyExc_AttributeError, "the count cannot be deleted");
        return -1;
    }
    if (PyLong_CheckExact(count))
        whole = PyLong_AsLongLongAndOverflow(count, &overflow);
    if (overflow)
        Py_INCREF(count);
    self->whole = whole;
    self->other = overflow ? count : NULL;
    settle(self);
    Py_XDECREF(before);
    return 0;
}

static PyObject *
get_plain(PyObject *object, void *Py_UNUSED(closure))
{
    PyObject *plain = ((Tally *)object)->plain ? (PyObject *)&PyLong_Type : Py_None;
    Py_INCREF(plain);
    return plain;
}

static int
set_plain(PyObject *object, PyObject *plain, void *Py_UNUSED(closure))
{
    Tally *self = (Tally *)object;
    self->plain = plain == (PyObject *)&PyLong_Type;
    settle(self);
    return 0;
}

static int
add_object(PyObject *self, PyObject *n)
{
    PyObject *before = get_count(self, NULL);
    PyObject *count = before == NULL ? NULL : PyNumber_InPlaceAdd(before, n);
    int done = count == NULL ? -1 : set_count(self, count, NULL);
    Py_XDECREF(before);
    Py_XDECREF(count);
    return done;
}

static int
add_slowly(PyObject *self, PyObject *n)
{
    PyObject *slowly, *taken;
    int done;
    if (PyLong_CheckExact(n) && ((Tally *)self)->plain)
        return add_object(self, n);
    slowly = PyUnicode_InternFromString("_slowly");
    if (slowly == NULL)
        return -1;
    taken = PyObject_CallMethodObjArgs(self, slowly, n, NULL);
    Py_DECREF(slowly);
    if (taken == NULL)
        return -1;
    done = add_object(self, taken);
    Py_DECREF(taken);
    return done;
}

static int
add(PyObject *object, PyObject *n)
{
    Tally *self = (Tally *)object;
    if (Py_TYPE(n) == self->fast) {
        int overflow = 0;
        long long whole = n == one ? 1 : PyLong_AsLongLongAndOverflow(n, &overflow);
        if (!overflow && add_whole(self, whole))
            return 0;
    }
    return add_slowly(object, n);
}

static PyObject *
update(PyObject *self, PyObject *const *arguments, Py_ssize_t positional, PyObject *names)
{
    Py_ssize_t named = names == NULL ? 0 : PyTuple_Size(names);
    PyObject *n = positional + named == 0 ? one : arguments[0];
    if (positional + named > 1)
        return PyErr_Format(PyExc_TypeError, "update() takes one number, n, but was given %zd", positional + named);
    if (named && PyUnicode_CompareWithASCIIString(PyTuple_GetItem(names, 0), "n") != 0)
        return PyErr_Format(PyExc_TypeError, "update() has no argument %R", PyTuple_GetItem(names, 0));
    if (add(self, n) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
call(PyObject *self, PyObject *arguments, PyObject *named)
{
    static char *names[] = {"n", NULL};
    PyObject *n = one;
    if (named == NULL && PyTuple_Size(arguments) == 1)
        n = PyTuple_GetItem(arguments, 0);
    else if (!PyArg_ParseTupleAndKeywords(arguments, named, "|O:update", names, &n))
        return NULL;
    if (add(self, n) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static void
dealloc(PyObject *object)
{
    Tally *self = (Tally *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    Py_XDECREF(self->other);
    release(object);
    Py_DECREF(type);
}

PyDoc_STRVAR(update_doc,
    "update($self, n=1)\n--\n\n"
    "Report that `n` more units are done; negative takes back.\n\n"
    "Raises:\n"
    "    TypeError: `n` is no number.\n"
    "    ValueError: `n` is not finite.");

static PyMethodDef methods[] = {
    {"update", (PyCFunction)(void (*)(void))update, METH_FASTCALL | METH_KEYWORDS, update_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"_count", get_count, set_count, NULL, NULL},
    {"_plain", get_plain, set_plain, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Holds a count, and adds to it."},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_call, call},
    {Py_tp_dealloc, dealloc},
    {0, NULL},
};

static PyType_Spec spec = {"headway_speedups.Tally", sizeof(Tally), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

static int
fill(PyObject *module)
{
    PyObject *type;
    int done;
    if (one == NULL && (one = PyLong_FromLong(1)) == NULL)
        return -1;
    type = PyType_FromModuleAndSpec(module, &spec, NULL);
    done = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
    Py_XDECREF(type);
    return done < 0 ? -1 : PyModule_AddIntConstant(module, "PROTOCOL", PROTOCOL);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, fill},
    {0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_tally", NULL, 0, NULL, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC
PyInit__tally(void)
{
    return PyModuleDef_Init(&module);
}

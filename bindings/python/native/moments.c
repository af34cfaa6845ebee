/* Moments, dates and times of day, by the functions that Python's datetime gives to modules in C. */
#include "native.h"

/* The beginning of the structure in the capsule `datetime.datetime_CAPI`.
 * Why here: datetime.h shows it to modules outside the stable ABI alone. It has begun like this since Python 3.7, and only grows. */
typedef struct {
    PyTypeObject *date_type, *datetime_type, *time_type, *delta_type, *timezone_type;
    PyObject *utc;
    PyObject *(*date)(int, int, int, PyTypeObject *);
    PyObject *(*datetime)(int, int, int, int, int, int, int, PyObject *, PyTypeObject *);
    PyObject *(*time)(int, int, int, int, PyObject *, PyTypeObject *);
} datetime_functions;

static datetime_functions *functions;

int moments_ready(void) {
    PyObject *module = PyImport_ImportModule("datetime");
    Py_XDECREF(module);
    if (module == NULL) return -1;
    functions = PyCapsule_Import("datetime.datetime_CAPI", 0);
    return functions == NULL ? -1 : 0;
}

/* `count` digits, or -1. */
static int digits(const char *at, int count) {
    int value = 0, index;
    for (index = 0; index < count; index++) {
        if (at[index] < '0' || at[index] > '9') return -1;
        value = value * 10 + (at[index] - '0');
    }
    return value;
}

typedef struct {
    int year, month, day;
} calendar_day;

typedef struct {
    int hour, minute, second, microsecond;
} time_of_day;

/* `2026-01-02`, in the calendar. */
static int read_day(const char *at, calendar_day *out) {
    static const char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap, length;
    if (at[4] != '-' || at[7] != '-') return -1;
    out->year = digits(at, 4);
    out->month = digits(at + 5, 2);
    out->day = digits(at + 8, 2);
    if (out->year < 1 || out->month < 1 || out->month > 12 || out->day < 1) return -1;
    is_leap = out->year % 4 == 0 && (out->year % 100 != 0 || out->year % 400 == 0);
    length = lengths[out->month - 1] + (out->month == 2 && is_leap);
    return out->day <= length ? 0 : -1;
}

/* `03:04:05`, with one to six digits behind a point or without. */
static int read_time(const char *at, size_t size, time_of_day *out) {
    size_t index;
    if (size < 8 || at[2] != ':' || at[5] != ':') return -1;
    out->hour = digits(at, 2);
    out->minute = digits(at + 3, 2);
    out->second = digits(at + 6, 2);
    out->microsecond = 0;
    if (out->hour < 0 || out->hour > 23 || out->minute < 0 || out->minute > 59 || out->second < 0 || out->second > 59) return -1;
    if (size == 8) return 0;
    if (at[8] != '.' || size < 10 || size > 15) return -1;
    for (index = 9; index < 15; index++) {
        int digit = index < size ? digits(at + index, 1) : 0;
        if (digit < 0) return -1;
        out->microsecond = out->microsecond * 10 + digit;
    }
    return 0;
}

PyObject *datetime_from(const char *text, size_t size) {
    calendar_day day;
    time_of_day time;
    if (size < 20 || text[10] != 'T' || text[size - 1] != 'Z' || read_day(text, &day) != 0 || read_time(text + 11, size - 12, &time) != 0)
        return NULL;
    return functions->datetime(
        day.year, day.month, day.day, time.hour, time.minute, time.second, time.microsecond, functions->utc, functions->datetime_type);
}

PyObject *date_from(const char *text, size_t size) {
    calendar_day day;
    if (size < 10 || (size > 10 && text[10] != 'T') || read_day(text, &day) != 0) return NULL;
    return functions->date(day.year, day.month, day.day, functions->date_type);
}

/* Of the day that a `DateTime @db.Time` stands on, or without one. */
PyObject *time_from(const char *text, size_t size) {
    static const char day[] = "1970-01-01T";
    time_of_day time;
    if (size >= 20) {
        if (memcmp(text, day, 11) != 0 || text[size - 1] != 'Z') return NULL;
        text += 11;
        size -= 12;
    }
    if (read_time(text, size, &time) != 0) return NULL;
    return functions->time(time.hour, time.minute, time.second, time.microsecond, Py_None, functions->time_type);
}

int append_datetime(buffer *out, PyObject *value) {
    static const char before[] = "{\"$type\":\"DateTime\",\"value\":", utc[] = "+00:00";
    PyObject *text;
    const char *bytes;
    Py_ssize_t size;
    int status;
    if (Py_TYPE(value) != functions->datetime_type) return 0;
    text = PyObject_CallMethod(value, "isoformat", NULL);
    if (text == NULL) return -1;
    bytes = PyUnicode_AsUTF8AndSize(text, &size);
    if (bytes == NULL) {
        Py_DECREF(text);
        return -1;
    }
    /* Why only UTC: other offsets may have seconds, and none is an error. */
    status = size > 6 && memcmp(bytes + size - 6, utc, 6) == 0;
    if (status == 1)
        status = buffer_append(out, before, sizeof before - 1) != 0 || buffer_append_quoted(out, bytes, (size_t)size) != 0 ||
                         buffer_append(out, "}", 1) != 0 ? -1 : 1;
    Py_DECREF(text);
    return status;
}

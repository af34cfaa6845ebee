/* Rows in binary format as JSON, as a careful C program writes it that knows its columns. */
#ifndef ROWS_H
#define ROWS_H

#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* How a column is written, and what stands before it: `,"name":`. */
struct column {
    enum { INTEGER, TEXT, BOOLEAN, DOUBLE, MOMENT } type;
    const char *label;
};

static inline uint64_t big_endian(const char *bytes, int size) {
    uint64_t value = 0;
    for (int i = 0; i < size; i++) value = value << 8 | (unsigned char)bytes[i];
    return value;
}

static inline char *put_text(char *end, const char *text, int size) {
    *end++ = '"';
    for (int i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\') *end++ = '\\', *end++ = (char)byte;
        else if (byte < 0x20) end += sprintf(end, "\\u%04x", byte);
        else *end++ = (char)byte;
    }
    *end++ = '"';
    return end;
}

static inline char *put_integer(char *end, int32_t value) {
    char digits[12];
    int start = sizeof digits;
    uint32_t rest = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
    do digits[--start] = (char)('0' + rest % 10); while (rest /= 10);
    if (value < 0) digits[--start] = '-';
    memcpy(end, digits + start, sizeof digits - (size_t)start);
    return end + (sizeof digits - (size_t)start);
}

static inline char *put_digits(char *end, unsigned value, int count) {
    for (int i = count; i-- > 0; value /= 10) end[i] = (char)('0' + value % 10);
    return end + count;
}

/* Microseconds since 2000-01-01, later than year 0. */
static inline char *put_moment(char *end, int64_t microseconds) {
    int64_t days = microseconds / 86400000000, rest = microseconds % 86400000000;
    if (rest < 0) rest += 86400000000, days--;
    unsigned day = (unsigned)(days + 730425), ofEra = day % 146097;
    unsigned year = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146096) / 365;
    unsigned ofYear = ofEra - (365 * year + year / 4 - year / 100), month = (5 * ofYear + 2) / 153;
    unsigned milliseconds = (unsigned)(rest / 1000), seconds = milliseconds / 1000;
    *end++ = '"';
    end = put_digits(end, year + day / 146097 * 400 + (month > 9), 4), *end++ = '-';
    end = put_digits(end, month < 10 ? month + 3 : month - 9, 2), *end++ = '-';
    end = put_digits(end, ofYear - (153 * month + 2) / 5 + 1, 2), *end++ = 'T';
    end = put_digits(end, seconds / 3600, 2), *end++ = ':';
    end = put_digits(end, seconds / 60 % 60, 2), *end++ = ':';
    end = put_digits(end, seconds % 60, 2), *end++ = '.';
    end = put_digits(end, milliseconds % 1000, 3);
    *end++ = 'Z', *end++ = '"';
    return end;
}

static inline char *put_cell(char *end, PGresult *result, int row, int column, int type) {
    const char *cell = PQgetvalue(result, row, column);
    int size = PQgetlength(result, row, column);
    double number;
    uint64_t bits;
    if (size == 0 && PQgetisnull(result, row, column)) return memcpy(end, "null", 4), end + 4;
    switch (type) {
    case INTEGER: return put_integer(end, (int32_t)big_endian(cell, 4));
    case TEXT: return put_text(end, cell, size);
    case BOOLEAN: return *cell ? (memcpy(end, "true", 4), end + 4) : (memcpy(end, "false", 5), end + 5);
    case MOMENT: return put_moment(end, (int64_t)big_endian(cell, 8));
    default:
        bits = big_endian(cell, 8);
        memcpy(&number, &bits, 8);
        return end + sprintf(end, "%.17g", number);
    }
}

/* A record without its closing brace. */
static inline char *put_record(char *end, PGresult *result, int row, const struct column *columns, int count) {
    *end++ = '{';
    for (int i = 0; i < count; i++) {
        const char *label = columns[i].label + (i == 0);
        size_t size = strlen(label);
        memcpy(end, label, size);
        end = put_cell(end + size, result, row, i, columns[i].type);
    }
    return end;
}

#endif

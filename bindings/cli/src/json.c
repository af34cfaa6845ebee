#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_append(struct text *text, const char *bytes, size_t size) {
    if (text->size + size + 1 > text->room) {
        text->room = (text->size + size + 1) * 2;
        text->bytes = realloc(text->bytes, text->room);
        if (text->bytes == NULL) {
            fputs("accelerant: out of memory\n", stderr);
            exit(70);
        }
    }
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
}

void text_print(struct text *text, const char *string) { text_append(text, string, strlen(string)); }

void text_quote(struct text *text, const char *string) {
    char escaped[8];
    text_print(text, "\"");
    for (; *string != '\0'; string++) {
        unsigned char byte = (unsigned char)*string;
        if (byte == '"' || byte == '\\') {
            snprintf(escaped, sizeof escaped, "\\%c", byte);
            text_print(text, escaped);
        } else if (byte < 0x20) {
            snprintf(escaped, sizeof escaped, "\\u%04x", byte);
            text_print(text, escaped);
        } else {
            text_append(text, string, 1);
        }
    }
    text_print(text, "\"");
}

void text_free(struct text *text) {
    free(text->bytes);
    memset(text, 0, sizeof *text);
}

static const char *after_space(const char *at) {
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') at++;
    return at;
}

static const char *after_string(const char *at) {
    for (at++; *at != '"' && *at != '\0'; at++)
        if (*at == '\\' && at[1] != '\0') at++;
    return *at == '"' ? at + 1 : at;
}

/* Why a count and no recursion: the depth of an answer is not ours to choose. */
static const char *after_value(const char *at) {
    size_t depth = 0;
    at = after_space(at);
    do {
        if (*at == '"') {
            at = after_string(at);
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0) return at;
            depth--;
            at++;
        } else if (depth == 0) {
            while (*at != '\0' && strchr(",}] \n\t\r", *at) == NULL) at++;
        } else if (*at != '\0') {
            at++;
        }
    } while (depth > 0 && *at != '\0');
    return at;
}

size_t json_size(const char *value) { return (size_t)(after_value(value) - value); }

const char *json_member(const char *object, const char *name) {
    size_t size = strlen(name);
    const char *at;
    if (object == NULL || *(at = after_space(object)) != '{') return NULL;
    for (at = after_space(at + 1); *at == '"'; at = after_space(at + 1)) {
        const char *key = at + 1, *end = after_string(at);
        const char *value = after_space(after_space(end) + 1);
        if ((size_t)(end - 1 - key) == size && memcmp(key, name, size) == 0) return value;
        at = after_space(after_value(value));
        if (*at != ',') return NULL;
    }
    return NULL;
}

const char *json_first(const char *list) {
    const char *at;
    if (list == NULL || *(at = after_space(list)) != '[') return NULL;
    at = after_space(at + 1);
    return *at == ']' ? NULL : at;
}

const char *json_next(const char *element) {
    const char *at = after_space(after_value(element));
    return *at == ',' ? after_space(at + 1) : NULL;
}

bool json_is_true(const char *value) { return value != NULL && strncmp(value, "true", 4) == 0; }

static void append_code_point(struct text *text, unsigned long point) {
    char bytes[4];
    size_t size;
    if (point < 0x80) {
        bytes[0] = (char)point;
        size = 1;
    } else if (point < 0x800) {
        bytes[0] = (char)(0xC0 | point >> 6);
        bytes[1] = (char)(0x80 | (point & 0x3F));
        size = 2;
    } else if (point < 0x10000) {
        bytes[0] = (char)(0xE0 | point >> 12);
        bytes[1] = (char)(0x80 | (point >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (point & 0x3F));
        size = 3;
    } else {
        bytes[0] = (char)(0xF0 | point >> 18);
        bytes[1] = (char)(0x80 | (point >> 12 & 0x3F));
        bytes[2] = (char)(0x80 | (point >> 6 & 0x3F));
        bytes[3] = (char)(0x80 | (point & 0x3F));
        size = 4;
    }
    text_append(text, bytes, size);
}

static unsigned long four_digits(const char *at) {
    char digits[5] = {0};
    strncpy(digits, at, 4);
    return strtoul(digits, NULL, 16);
}

char *json_string(const char *value) {
    struct text text = {0};
    const char *at;
    if (value == NULL || *value != '"') return NULL;
    text_append(&text, "", 0);
    for (at = value + 1; *at != '"' && *at != '\0'; at++) {
        if (*at != '\\') {
            text_append(&text, at, 1);
            continue;
        }
        at++;
        switch (*at) {
        case 'n': text_print(&text, "\n"); break;
        case 't': text_print(&text, "\t"); break;
        case 'r': text_print(&text, "\r"); break;
        case 'b': text_print(&text, "\b"); break;
        case 'f': text_print(&text, "\f"); break;
        case 'u': {
            unsigned long point = four_digits(at + 1);
            at += 4;
            if (point >= 0xD800 && point < 0xDC00 && at[1] == '\\' && at[2] == 'u') {
                point = 0x10000 + ((point - 0xD800) << 10) + (four_digits(at + 3) - 0xDC00);
                at += 6;
            }
            append_code_point(&text, point);
            break;
        }
        default: text_append(&text, at, 1);
        }
    }
    return text.bytes;
}

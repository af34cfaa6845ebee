#define _POSIX_C_SOURCE 200809L
#include "files.h"

#include "json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *read_file(const char *path) {
    struct text text = {0};
    char piece[65536];
    size_t size;
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    text_append(&text, "", 0);
    while ((size = fread(piece, 1, sizeof piece, file)) > 0) text_append(&text, piece, size);
    if (ferror(file)) text_free(&text);
    fclose(file);
    return text.bytes;
}

bool write_file(const char *path, const char *contents) {
    struct text beside = {0};
    FILE *file;
    bool done;
    text_print(&beside, path);
    text_print(&beside, ".new");
    file = fopen(beside.bytes, "wb");
    done = file != NULL && fputs(contents, file) != EOF;
    if (file != NULL && fclose(file) != 0) done = false;
    done = done && rename(beside.bytes, path) == 0;
    if (!done) unlink(beside.bytes);
    text_free(&beside);
    return done;
}

bool exists(const char *path) { return access(path, F_OK) == 0; }

const char *find_schema(const char *given) {
    static const char *const places[] = {"prisma/schema.prisma", "schema.prisma", "prisma/schema"};
    size_t place;
    if (given != NULL) return given;
    for (place = 0; place < sizeof places / sizeof *places; place++)
        if (exists(places[place])) return places[place];
    return NULL;
}

/* Replaces `${NAME}` by what the environment has under it. */
static char *expand(const char *value) {
    struct text text = {0};
    text_append(&text, "", 0);
    while (*value != '\0') {
        const char *end = value[0] == '$' && value[1] == '{' ? strchr(value, '}') : NULL;
        if (end != NULL) {
            struct text name = {0};
            const char *found;
            text_append(&name, value + 2, (size_t)(end - value - 2));
            found = getenv(name.bytes);
            if (found != NULL) text_print(&text, found);
            text_free(&name);
            value = end + 1;
        } else {
            text_append(&text, value++, 1);
        }
    }
    return text.bytes;
}

/* The value of a line: in quotes of either kind, or up to a comment. Double quotes know \n. */
static char *value_of(const char *at, char *quote) {
    struct text text = {0};
    text_append(&text, "", 0);
    while (*at == ' ' || *at == '\t') at++;
    *quote = *at == '"' || *at == '\'' || *at == '`' ? *at : '\0';
    if (*quote != '\0') {
        for (at++; *at != *quote && *at != '\0'; at++) {
            if (*quote == '"' && at[0] == '\\' && at[1] == 'n') {
                text_print(&text, "\n");
                at++;
            } else {
                text_append(&text, at, 1);
            }
        }
    } else {
        while (*at != '\0' && !(*at == '#' && (text.size == 0 || at[-1] == ' '))) text_append(&text, at++, 1);
        while (text.size > 0 && isspace((unsigned char)text.bytes[text.size - 1])) text.bytes[--text.size] = '\0';
    }
    return text.bytes;
}

static void load_line(char *line) {
    char *name = line, *equals, *end, quote;
    while (isspace((unsigned char)*name)) name++;
    if (strncmp(name, "export ", 7) == 0) name += 7;
    equals = strchr(name, '=');
    if (*name == '#' || equals == NULL) return;
    end = equals;
    while (end > name && isspace((unsigned char)end[-1])) end--;
    *end = '\0';
    if (end > name && getenv(name) == NULL) {
        char *value = value_of(equals + 1, &quote);
        char *expanded = quote == '\'' ? NULL : expand(value);
        setenv(name, expanded != NULL ? expanded : value, 1);
        free(value);
        free(expanded);
    }
}

static void load(const char *path) {
    char *text = read_file(path), *line, *rest;
    if (text == NULL) return;
    for (line = strtok_r(text, "\r\n", &rest); line != NULL; line = strtok_r(NULL, "\r\n", &rest)) load_line(line);
    free(text);
}

void load_environment(const char *schema) {
    const char *slash = schema == NULL ? NULL : strrchr(schema, '/');
    load(".env");
    load("prisma/.env");
    if (slash != NULL) {
        struct text path = {0};
        text_append(&path, schema, (size_t)(slash - schema));
        text_print(&path, "/.env");
        load(path.bytes);
        text_free(&path);
    }
}

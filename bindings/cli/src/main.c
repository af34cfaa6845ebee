/* accelerant: the library's tools for schemas, and its queries, from a shell. */
#define _POSIX_C_SOURCE 200809L
#include "files.h"
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Shows a member of an object that is a string. */
static void show(const struct session *session, const char *object, const char *member, const char *colour) {
    char *text = json_string(json_member(object, member));
    if (text != NULL) paint(session, colour, text);
    free(text);
}

/* A value as people read it: a string without quotes, null as "nothing", others as JSON. */
static void show_value(const char *value) {
    char *text = json_string(value);
    if (text != NULL) fputs(text, stdout);
    else if (value == NULL || strncmp(value, "null", 4) == 0) fputs("nothing", stdout);
    else printf("%.*s", (int)json_size(value), value);
    free(text);
}

/* The list of what a change may lose. Gives how many there are. */
static int show_risks(const struct session *session, const char *answer) {
    const char *risk;
    int count = 0;
    for (risk = json_first(json_member(answer, "risks")); risk != NULL; risk = json_next(risk), count++) {
        paint(session, "33", "warning: ");
        show(session, risk, "path", "1");
        fputs(": ", stdout);
        show(session, risk, "reason", "0");
        fputs("\n", stdout);
    }
    return count;
}

/* What the schema wants and PostgreSQL does not allow. */
static void show_left(const struct session *session, const char *answer) {
    const char *left;
    for (left = json_first(json_member(answer, "left")); left != NULL; left = json_next(left)) {
        paint(session, "33", "stays: ");
        show(session, left, "path", "1");
        fputs(": ", stdout);
        show(session, left, "reason", "0");
        fputs("\n", stdout);
    }
}

static int check(struct session *session) {
    const char *answer = ask(session, "$schema.check", "{}", "Comparing …"), *item;
    int count = 0;
    for (item = json_first(json_member(answer, "differences")); item != NULL; item = json_next(item), count++) {
        if (session->options->is_json) continue;
        show(session, item, "path", "1");
        fputs(": ", stdout);
        show(session, item, "kind", "33");
        fputs(" (schema: ", stdout);
        show_value(json_member(item, "schema"));
        fputs(", database: ", stdout);
        show_value(json_member(item, "database"));
        fputs(")\n", stdout);
    }
    if (session->options->is_json) return count > 0;
    for (item = json_first(json_member(answer, "unseen")); item != NULL; item = json_next(item)) {
        fputs("not visible to this role: ", stdout);
        show_value(item);
        fputs("\n", stdout);
    }
    if (count == 0) paint(session, "32", "The schema and the database agree.\n");
    else printf("%d difference%s.\n", count, count == 1 ? "" : "s");
    return count > 0;
}

/* The path that a schema is written to, with its folder made where that is missing. */
static const char *target_path(const struct session *session) {
    const char *path = session->schema != NULL ? session->schema : session->options->schema != NULL ? session->options->schema : "prisma/schema.prisma";
    const char *slash = strrchr(path, '/');
    if (slash != NULL) {
        struct text folder = {0};
        text_append(&folder, path, (size_t)(slash - path));
        if (mkdir(folder.bytes, 0777) != 0 && errno != EEXIST) {
            fprintf(stderr, "accelerant: the folder `%s` cannot be made: %s\n", folder.bytes, strerror(errno));
            exit(1);
        }
        text_free(&folder);
    }
    return path;
}

static void list_schemas(struct text *args, const char *names) {
    const char *at = names;
    text_print(args, "{\"schemas\": [");
    while (*at != '\0') {
        struct text name = {0};
        size_t size = strcspn(at, ",");
        text_append(&name, at, size);
        if (at != names) text_print(args, ", ");
        text_quote(args, name.bytes);
        text_free(&name);
        at += size + (at[size] == ',');
    }
    text_print(args, "]}");
}

static int pull(struct session *session) {
    struct text args = {0};
    const char *answer, *warning, *path;
    char *schema;
    struct stat facts;
    if (session->options->schemas != NULL) list_schemas(&args, session->options->schemas);
    else text_print(&args, "{}");
    answer = ask(session, "$schema.pull", args.bytes, "Reading the database …");
    text_free(&args);
    if (session->options->is_json) return 0;
    schema = json_string(json_member(answer, "schema"));
    if (schema == NULL) return 1;
    if (session->options->prints) {
        fputs(schema, stdout);
    } else {
        path = target_path(session);
        if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) {
            fprintf(stderr, "accelerant: `%s` is a folder of several files; use --print, or --schema with a file\n", path);
            exit(2);
        }
        if (!write_file(path, schema)) {
            fprintf(stderr, "accelerant: `%s` cannot be written: %s\n", path, strerror(errno));
            exit(1);
        }
        printf("Wrote the schema to ");
        paint(session, "1", path);
        puts(".");
    }
    for (warning = json_first(json_member(answer, "warnings")); warning != NULL; warning = json_next(warning)) {
        char *where = json_string(json_member(warning, "path")), *text = json_string(json_member(warning, "text"));
        bool is_placed = where != NULL && *where != '\0';
        fprintf(stderr, "warning: %s%s%s\n", is_placed ? where : "", is_placed ? ": " : "", text != NULL ? text : "");
        free(where);
        free(text);
    }
    free(schema);
    return 0;
}

/* `database`, `empty` and `schema` are words of the library; anything else is a file. */
static void add_state(struct text *args, const char *name, const char *state) {
    text_print(args, name);
    if (strcmp(state, "database") == 0 || strcmp(state, "empty") == 0 || strcmp(state, "schema") == 0) {
        text_quote(args, state);
    } else {
        char *contents = read_file(state);
        if (contents == NULL) {
            fprintf(stderr, "accelerant: `%s` cannot be read: %s\n", state, strerror(errno));
            exit(2);
        }
        text_quote(args, contents);
        free(contents);
    }
}

static int diff(struct session *session) {
    const struct options *options = session->options;
    struct text args = {0};
    const char *answer;
    char *sql;
    int is_different;
    add_state(&args, "{\"from\": ", options->from != NULL ? options->from : "database");
    add_state(&args, ", \"to\": ", options->to != NULL ? options->to : "schema");
    text_print(&args, "}");
    answer = ask(session, "$schema.diff", args.bytes, "Comparing …");
    text_free(&args);
    sql = json_string(json_member(answer, "sql"));
    is_different = sql != NULL && *sql != '\0';
    if (!options->is_json) {
        const char *risk;
        if (sql != NULL) fputs(is_different ? sql : "-- This is an empty migration.\n", stdout);
        for (risk = json_first(json_member(answer, "risks")); risk != NULL; risk = json_next(risk)) {
            fputs("-- Warning: ", stdout);
            show(session, risk, "reason", "0");
            fputs("\n", stdout);
        }
        for (risk = json_first(json_member(answer, "left")); risk != NULL; risk = json_next(risk)) {
            fputs("-- Stays: ", stdout);
            show(session, risk, "path", "0");
            fputs(": ", stdout);
            show(session, risk, "reason", "0");
            fputs("\n", stdout);
        }
    }
    free(sql);
    return is_different && options->is_exit_code ? 2 : 0;
}

static int push(struct session *session) {
    const struct options *options = session->options;
    struct text args = {0};
    const char *answer;
    char *sql;
    bool executed;
    text_print(&args, options->accepts_data_loss ? "{\"acceptDataLoss\": true" : "{\"acceptDataLoss\": false");
    text_print(&args, options->is_dry_run ? ", \"dryRun\": true}" : ", \"dryRun\": false}");
    answer = ask(session, "$schema.push", args.bytes, "Changing the database …");
    text_free(&args);
    executed = json_is_true(json_member(answer, "executed"));
    if (options->is_json) return !executed && !options->is_dry_run;
    sql = json_string(json_member(answer, "sql"));
    show_risks(session, answer);
    show_left(session, answer);
    if (options->is_dry_run) {
        fputs(sql != NULL && *sql != '\0' ? sql : "-- This is an empty migration.\n", stdout);
    } else if (!executed) {
        paint(session, "31", "Nothing was changed.");
        puts(" Use --accept-data-loss to go on.");
    } else if (sql == NULL || *sql == '\0') {
        puts("The database is as the schema says already.");
    } else {
        paint(session, "32", "The database is as the schema says now.\n");
    }
    free(sql);
    return !executed && !options->is_dry_run;
}

static int deploy(struct session *session) {
    struct text args = {0};
    const char *answer, *name;
    const char *folder = session->options->argument != NULL ? session->options->argument : "prisma/migrations";
    int count = 0;
    if (!exists(folder)) {
        fprintf(stderr, "accelerant: the folder of migrations `%s` is not there (accelerant deploy FOLDER)\n", folder);
        return 2;
    }
    text_print(&args, "{\"path\": ");
    text_quote(&args, folder);
    text_print(&args, "}");
    answer = ask(session, "$schema.deploy", args.bytes, "Running migrations …");
    text_free(&args);
    if (session->options->is_json) return 0;
    for (name = json_first(json_member(answer, "edited")); name != NULL; name = json_next(name)) {
        paint(session, "33", "warning: ");
        show_value(name);
        puts(" was applied, and its file is another one now");
    }
    for (name = json_first(json_member(answer, "applied")); name != NULL; name = json_next(name), count++) {
        fputs("applied ", stdout);
        show_value(name);
        fputs("\n", stdout);
    }
    if (count == 0) puts("No pending migrations to apply.");
    return 0;
}

static int query(struct session *session) {
    const char *given = session->options->argument;
    char *text;
    if (given == NULL) {
        fputs("accelerant: query needs a request: accelerant query '{\"model\": \"User\", \"operation\": \"findMany\"}'\n", stderr);
        return 2;
    }
    text = strcmp(given, "-") == 0 ? read_file("/dev/stdin") : strdup(given);
    if (text == NULL || *text == '\0') {
        fputs(text == NULL ? "accelerant: standard input cannot be read\n" : "accelerant: the request is empty\n", stderr);
        free(text);
        return 2;
    }
    puts(ask_text(session, text));
    free(text);
    return 0;
}

static int metrics(struct session *session) {
    const char *answer = ask(session, "$metrics", session->options->is_json ? "{\"format\": \"json\"}" : "{\"format\": \"prometheus\"}", NULL);
    char *text = json_string(answer);
    if (text != NULL) fputs(text, stdout);
    free(text);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct session *);
    bool needs_schema;
} COMMANDS[] = {
    {"check", check, true}, {"pull", pull, false}, {"diff", diff, false}, {"push", push, true},
    {"deploy", deploy, false}, {"query", query, false}, {"metrics", metrics, false},
};

/* The code to exit with: a full disk is no success. */
static int flushed(int code) {
    bool is_lost = fflush(stdout) != 0 || ferror(stdout);
    if (!is_lost) return code;
    fputs("accelerant: the output cannot be written\n", stderr);
    return code != 0 ? code : 1;
}

int main(int count, char **words) {
    struct options options = read_options(count, words);
    struct session session;
    size_t at;
    int code = 2;
    if (strcmp(options.command, "--version") == 0) {
        unsigned version = library_version();
        printf("accelerant %u.%u.%u\n", version / 1000000, version / 1000 % 1000, version % 1000);
        return flushed(0);
    }
    for (at = 0; at < sizeof COMMANDS / sizeof *COMMANDS; at++) {
        if (strcmp(options.command, COMMANDS[at].name) != 0) continue;
        open_session(&session, &options, COMMANDS[at].needs_schema);
        code = COMMANDS[at].run(&session);
        close_session(&session);
    }
    return flushed(code);
}

#define _POSIX_C_SOURCE 200809L
#include "session.h"

#include "accelerant_load.h"

#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The library: where ACCELERANT_LIBRARY says, else beside the program, in ../lib, or where the system has it. */
static const struct accelerant_library *load_library(void) {
    static struct accelerant_library library;
    const char *named = getenv("ACCELERANT_LIBRARY");
    const char *reason = accelerant_load(&library, named != NULL ? named : "libaccelerant.so.1");
    if (reason != NULL) {
        fprintf(stderr, "accelerant: the library cannot be loaded: %s (ACCELERANT_LIBRARY names another place)\n", reason);
        exit(1);
    }
    return &library;
}

unsigned library_version(void) { return load_library()->version(); }

void paint(const struct session *session, const char *colour, const char *text) {
    if (session->has_colours) printf("\033[%sm%s\033[0m", colour, text);
    else fputs(text, stdout);
}

void fail(const struct session *session, const accelerant_reply *reply) {
    const char *error = session->library->reply_error(reply, NULL);
    char *code = json_string(json_member(error, "code")), *message = json_string(json_member(error, "message"));
    if (session->options->is_json) puts(error != NULL ? error : "null");
    else fprintf(stderr, "accelerant: %s%s%s\n", code != NULL ? code : "", code != NULL ? ": " : "", message != NULL ? message : "no answer");
    free(code);
    free(message);
    exit(1);
}

/* The configuration: where the schema and the database are. */
static void configure(struct text *config, const struct session *session) {
    const struct options *options = session->options;
    const char *url = options->url != NULL ? options->url : getenv("DATABASE_URL");
    char number[32];
    text_print(config, "{\"cache\": {\"maxBytes\": 0}");
    if (session->schema != NULL) {
        text_print(config, ", \"schemaPath\": ");
        text_quote(config, session->schema);
    }
    if (url != NULL) {
        text_print(config, ", \"datasourceUrl\": ");
        text_quote(config, url);
    }
    if (options->timeout_ms > 0) {
        snprintf(number, sizeof number, "%ld", options->timeout_ms);
        text_print(config, ", \"limits\": {\"queryTimeoutMs\": ");
        text_print(config, number);
        text_print(config, "}");
    }
    text_print(config, "}");
}

void open_session(struct session *session, const struct options *options, bool needs_schema) {
    struct text config = {0};
    accelerant_reply *reply;
    memset(session, 0, sizeof *session);
    session->options = options;
    session->library = load_library();
    session->has_colours = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL && !options->is_plain && !options->is_json;
    session->has_progress = isatty(STDERR_FILENO) && !options->is_json;
    session->schema = find_schema(options->schema);
    load_environment(session->schema);
    if (session->schema == NULL && needs_schema) {
        fputs("accelerant: there is no schema: neither prisma/schema.prisma nor schema.prisma nor prisma/schema is here (--schema PATH)\n", stderr);
        exit(2);
    }
    /* Why: pull writes the schema that is not there yet. */
    if (session->schema != NULL && !exists(session->schema)) {
        if (needs_schema) {
            fprintf(stderr, "accelerant: the schema `%s` is not there\n", session->schema);
            exit(2);
        }
        session->schema = NULL;
    }
    if (session->schema == NULL && options->url == NULL && getenv("DATABASE_URL") == NULL) {
        fputs("accelerant: no database is named: give --url URL, or DATABASE_URL in the environment or in .env\n", stderr);
        exit(2);
    }
    configure(&config, session);
    if (session->library->open(config.bytes, config.size, &session->client, &reply) != ACCELERANT_OK) fail(session, reply);
    text_free(&config);
}

void close_session(struct session *session) { session->library->close(session->client); }

static void show_progress(const struct session *session, const char *text) {
    if (session->has_progress && text != NULL) fprintf(stderr, "\r\033[K%s", text);
}

const char *ask_text(struct session *session, const char *request) {
    accelerant_reply *reply;
    int32_t status = session->library->query(session->client, request, strlen(request), &reply);
    show_progress(session, "");
    if (status != ACCELERANT_OK) fail(session, reply);
    return session->library->reply_data(reply, NULL);
}

const char *ask(struct session *session, const char *operation, const char *args, const char *progress) {
    struct text request = {0};
    const char *answer;
    text_print(&request, "{\"operation\": ");
    text_quote(&request, operation);
    text_print(&request, ", \"args\": ");
    text_print(&request, args);
    text_print(&request, "}");
    show_progress(session, progress);
    answer = ask_text(session, request.bytes);
    text_free(&request);
    if (session->options->is_json) puts(answer);
    return answer;
}

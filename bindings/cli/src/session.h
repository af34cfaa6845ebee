/* A client of the library, and how what it says is shown. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "json.h"
#include "options.h"

#include <accelerant.h>

struct accelerant_library;

struct session {
    const struct options *options;
    const struct accelerant_library *library; /* loaded by open_session() */
    const char *schema; /* the path of the schema, NULL when there is none */
    accelerant_client *client;
    bool has_colours, has_progress;
};

/* Opens a client. Ends the program with a sentence when that fails. */
void open_session(struct session *session, const struct options *options, bool needs_schema);
void close_session(struct session *session);

/* Runs one request and gives its answer, which lives until the session is closed. Ends the program when it fails. With --json the
 * answer is printed as it is. `args` is a JSON object. */
const char *ask(struct session *session, const char *operation, const char *args, const char *progress);

/* The version of the library. Ends the program with a sentence when it cannot be loaded. */
unsigned library_version(void);

/* Runs a request as it is, and gives its answer. Ends the program when it fails. */
const char *ask_text(struct session *session, const char *request);

/* Ends the program with the error of a reply. */
void fail(const struct session *session, const accelerant_reply *reply);

/* A line in a colour on a terminal, plain elsewhere: "31" red, "32" green, "33" yellow, "1" bold. */
void paint(const struct session *session, const char *colour, const char *text);

#endif

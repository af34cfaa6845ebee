/* The command line. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *command;
    const char *argument; /* what stands behind the command: a request, a path */
    const char *url;
    const char *schema;
    const char *schemas; /* of the database, with commas between them */
    const char *from, *to;
    long timeout_ms; /* 0: the library's own */
    bool is_json, is_exit_code, accepts_data_loss, is_dry_run, prints, is_plain;
};

/* Reads the command line. Ends the program with 2 and a sentence for what it does not know, and with 0 for --help. */
struct options read_options(int count, char **words);

#endif

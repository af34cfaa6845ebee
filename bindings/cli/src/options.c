#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "accelerant: a PostgreSQL database, its Prisma schema, and queries\n"
    "\n"
    "  accelerant check                 where schema and database differ; exits with 1 if they do\n"
    "  accelerant pull                  writes the schema of an existing database (--print: shows it)\n"
    "  accelerant diff                  the SQL that leads from the database to the schema\n"
    "  accelerant push                  makes the database as the schema says\n"
    "  accelerant deploy [FOLDER]       runs the migrations of a folder that are not applied yet (prisma/migrations)\n"
    "  accelerant query 'JSON'          one request; `-` reads it from standard input\n"
    "  accelerant metrics               the library's metrics, as Prometheus reads them\n"
    "\n"
    "  --url URL             the database; else DATABASE_URL, which .env may set, or what the schema names\n"
    "  --schema PATH         a schema file or folder; else prisma/schema.prisma, schema.prisma, prisma/schema\n"
    "  --schemas a,b         pull: the schemas of the database\n"
    "  --from X, --to X      diff: `database`, `empty`, `schema`, or the path of a schema file\n"
    "  --exit-code           diff: exits with 2 if there is a difference\n"
    "  --accept-data-loss    push: goes on where data would be lost\n"
    "  --dry-run             push: shows what would be done\n"
    "  --print               pull: to standard output\n"
    "  --timeout SECONDS     how long an answer may take\n"
    "  --json                the library's answer as it is\n"
    "  --help, --version\n"
    "\n"
    "Exit codes: 0 done; 1 a difference, a refusal or an error of the database; 2 wrong usage, or a difference with diff --exit-code.\n";

static void usage(const char *what, const char *word) {
    fprintf(stderr, "accelerant: %s%s%s (accelerant --help)\n", what, word != NULL ? ": " : "", word != NULL ? word : "");
    exit(2);
}

static const char *value_of(int count, char **words, int *at) {
    if (*at + 1 >= count) usage("a value is missing after", words[*at]);
    return words[++*at];
}

static long milliseconds(const char *seconds) {
    char *end;
    double number = strtod(seconds, &end);
    if (end == seconds || *end != '\0' || !(number >= 0.001 && number <= 1e9)) usage("--timeout takes a number of seconds, and not", seconds);
    return (long)(number * 1000);
}

static bool is_command(const char *word) {
    static const char *const commands[] = {"check", "pull", "diff", "push", "deploy", "query", "metrics"};
    size_t at;
    for (at = 0; at < sizeof commands / sizeof *commands; at++)
        if (strcmp(word, commands[at]) == 0) return true;
    return false;
}

static bool read_flag(struct options *options, const char *word) {
    if (strcmp(word, "--json") == 0) return options->is_json = true;
    if (strcmp(word, "--exit-code") == 0) return options->is_exit_code = true;
    if (strcmp(word, "--accept-data-loss") == 0) return options->accepts_data_loss = true;
    if (strcmp(word, "--dry-run") == 0) return options->is_dry_run = true;
    if (strcmp(word, "--print") == 0) return options->prints = true;
    if (strcmp(word, "--no-color") == 0) return options->is_plain = true;
    return false;
}

struct options read_options(int count, char **words) {
    struct options options = {0};
    int at;
    for (at = 1; at < count; at++) {
        const char *word = words[at];
        if (read_flag(&options, word)) continue;
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            fputs(HELP, stdout);
            exit(0);
        } else if (strcmp(word, "--version") == 0) {
            options.command = word;
        } else if (strcmp(word, "--url") == 0) {
            options.url = value_of(count, words, &at);
        } else if (strcmp(word, "--schema") == 0) {
            options.schema = value_of(count, words, &at);
        } else if (strcmp(word, "--schemas") == 0) {
            options.schemas = value_of(count, words, &at);
        } else if (strcmp(word, "--from") == 0) {
            options.from = value_of(count, words, &at);
        } else if (strcmp(word, "--to") == 0) {
            options.to = value_of(count, words, &at);
        } else if (strcmp(word, "--timeout") == 0) {
            options.timeout_ms = milliseconds(value_of(count, words, &at));
        } else if (word[0] == '-' && word[1] != '\0') {
            usage("unknown option", word);
        } else if (options.command == NULL) {
            if (!is_command(word)) usage("unknown command", word);
            options.command = word;
        } else if (options.argument == NULL) {
            options.argument = word;
        } else {
            usage("too many arguments", word);
        }
    }
    if (options.command == NULL) {
        fputs(HELP, stderr);
        exit(2);
    }
    return options;
}

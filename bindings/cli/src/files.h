/* Files that the program reads and writes, and where it looks for them. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <stdbool.h>

/* The whole of a file, for free(); NULL when it cannot be read. */
char *read_file(const char *path);
/* Writes a file beside its place and then renames it, so that there is never half of one. False when that failed. */
bool write_file(const char *path, const char *contents);
bool exists(const char *path);

/* Where Prisma's tools look for a schema: `given` if that is not NULL, else prisma/schema.prisma, schema.prisma, prisma/schema
 * (a folder). NULL when there is none. Static or given text. */
const char *find_schema(const char *given);

/* Sets what .env says and the environment does not: from ./.env, prisma/.env and the schema's folder, the first to name a variable counts. */
void load_environment(const char *schema);

#endif

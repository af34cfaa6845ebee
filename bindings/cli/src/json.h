/* Just enough JSON for requests that are built and answers that are looked through. Answers come from the library, so they are valid. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* A growing text. Ends the program when there is no memory left. */
struct text {
    char *bytes; /* always with a NUL behind it, once something was appended */
    size_t size;
    size_t room;
};

void text_append(struct text *text, const char *bytes, size_t size);
void text_print(struct text *text, const char *string);
/* In quotes, with what JSON wants escaped. */
void text_quote(struct text *text, const char *string);
void text_free(struct text *text);

/* The value of a member of an object, or NULL. `object` points to the value's first byte; so does what is returned. */
const char *json_member(const char *object, const char *name);
/* The first element of a list, and the next after one; NULL when there is none. */
const char *json_first(const char *list);
const char *json_next(const char *element);
/* The text of a string, for free(); NULL for any other value. */
char *json_string(const char *value);
bool json_is_true(const char *value);
/* The bytes of a value, whatever it is. */
size_t json_size(const char *value);

#endif

/* A session that uses everything a client offers, and judges each answer. */
#ifndef TORTURE_SESSION_H
#define TORTURE_SESSION_H

/* What the session may see: every answer right, or right answers and honest errors. */
enum expectation { all_is_well, errors_are_allowed };

/* Opens a client, asks all it can, and closes it. Returns how many answers were wrong; each is told on standard error. */
extern int run_session(const char *configuration, enum expectation expectation);

/* Opens a client, which has to succeed, and closes it. */
extern void open_and_close(const char *configuration);

/* Whether each write of the last session happened, or not, as its status said. Opens a client of its own; returns how many did not. */
extern int check_marks(const char *configuration);

/* How many requests of the session succeeded, and how many failed, so far. */
extern long session_successes, session_failures;
/* The longest that a request took, in milliseconds. */
extern long session_slowest;
/* What takes longer, in milliseconds, hangs. */
extern long session_patience;

#endif

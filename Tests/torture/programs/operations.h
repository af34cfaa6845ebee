/* Operations of a client that are called without number. */
#ifndef TORTURE_OPERATIONS_H
#define TORTURE_OPERATIONS_H

/* Opens the client that all of them use. Whether it could. */
extern int begin_operations(const char *configuration);
extern void end_operations(void);

/* The number of an operation, or -1. */
extern int find_operation(const char *name);

/* Calls an operation with the numbers from `first` to before `end`, as one of several callers that may run at the same time. A status
 * that is not the one that has to come ends the program. */
extern void run_operation(int operation, int caller, long first, long end);

/* Takes what the client has logged. */
extern void drop_log(void);

#endif

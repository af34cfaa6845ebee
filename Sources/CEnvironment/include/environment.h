/* The environment that the Swift runtime sees. */
#ifndef ACCELERANT_ENVIRONMENT_H
#define ACCELERANT_ENVIRONMENT_H

extern char **__wrap_environ;

#endif

/* Bytes to and from a socket, with a deadline and without SIGPIPE. Times are nanoseconds of CLOCK_MONOTONIC. */
#ifndef ACCELERANT_TRANSPORT_H
#define ACCELERANT_TRANSPORT_H

#include "../CTier/engine.h"

/* Waits until the socket is ready for `events`; TIER_TIMED_OUT at the deadline. */
int32_t transport_await(int descriptor, short events, int64_t deadline);
int32_t transport_send(int descriptor, const char *bytes, size_t size, int64_t deadline);
/* Gives one byte or more. `awaits`: nothing can have come yet, so that there is no need to look before waiting. */
int32_t transport_receive(int descriptor, char *bytes, size_t room, size_t *size, int awaits, int64_t deadline);

#endif

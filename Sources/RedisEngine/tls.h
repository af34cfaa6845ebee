/* A TLS connection over a socket that somebody else owns: by OpenSSL, where that was there to build with. */
#ifndef ACCELERANT_TLS_H
#define ACCELERANT_TLS_H

#include "../CTier/engine.h"

struct tls;

/* Why there is no TLS; NULL where there is. */
const char *tls_refusal(void);
/* Shakes hands, and verifies the server's certificate and its name. NULL, a reason, and whether that is a mistake of the configuration, when it
 * could not by the deadline. A server that refuses the client's certificate may tell only at the first `tls_receive`. */
struct tls *tls_start(int descriptor, const struct tier_address *address, int64_t deadline, char *reason, size_t size, int32_t *is_mistake);
int32_t tls_send(struct tls *tls, const char *bytes, size_t size, int64_t deadline);
/* Gives one byte or more. */
int32_t tls_receive(struct tls *tls, char *bytes, size_t room, size_t *size, int64_t deadline);
/* Why the session failed, where the server or OpenSSL told; NULL otherwise. The words stay as long as the session. */
const char *tls_trouble(const struct tls *tls, int32_t *is_mistake);
void tls_end(struct tls *tls);

#endif

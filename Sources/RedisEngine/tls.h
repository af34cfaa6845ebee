/* A TLS connection over a socket that somebody else owns: by OpenSSL, where that was there to build with. */
#ifndef ACCELERANT_TLS_H
#define ACCELERANT_TLS_H

#include "../CTier/engine.h"

struct tls;

/* Why there is no TLS; NULL where there is. */
const char *tls_refusal(void);
/* Shakes hands, and verifies the server's certificate and its name. NULL, a reason, and whether that is a mistake of the configuration, when it
 * could not by the deadline. */
struct tls *tls_start(int descriptor, const struct tier_address *address, int64_t deadline, char *reason, size_t size, int32_t *is_mistake);
int32_t tls_send(struct tls *tls, const char *bytes, size_t size, int64_t deadline);
/* Gives one byte or more. */
int32_t tls_receive(struct tls *tls, char *bytes, size_t room, size_t *size, int64_t deadline);
void tls_end(struct tls *tls);

#endif

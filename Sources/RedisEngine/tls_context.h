/* What TLS connections of one configuration share: the trusted certificates, and the client's own. */
#ifndef ACCELERANT_TLS_CONTEXT_H
#define ACCELERANT_TLS_CONTEXT_H

#include "../CTier/engine.h"

#include <openssl/ssl.h>

/* Gives a reference that the caller frees. NULL where there is no memory, or a file that the address names cannot be used: then `mistake` says
 * which one, and `is_mistake` is 0 if only memory was lacking. Any thread may call it. */
SSL_CTX *tls_context(const struct tier_address *address, const char **mistake, int32_t *is_mistake);

#endif

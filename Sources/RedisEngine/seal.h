/* Sealing by libsodium, which is loaded when the first key is given; see `tier_engine`. */
#ifndef ACCELERANT_SEAL_H
#define ACCELERANT_SEAL_H

#include "../CTier/engine.h"

const char *sealing_refusal(void);
void *make_sealer(const uint8_t *key);
void free_sealer(void *sealer);
void seal_name(const void *sealer, struct tier_text text, uint8_t *name);
void seal(const void *sealer, struct tier_text bound, struct tier_text text, uint8_t *sealed);
int32_t unseal(const void *sealer, struct tier_text bound, struct tier_text sealed, uint8_t *text);

#endif

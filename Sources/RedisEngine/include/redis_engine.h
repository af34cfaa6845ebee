#ifndef ACCELERANT_REDIS_ENGINE_H
#define ACCELERANT_REDIS_ENGINE_H

#include "../../CTier/engine.h"

const struct tier_engine *accelerant_tier_engine(void);

#endif

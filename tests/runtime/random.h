/* For tests: reproducible random numbers (xorshift64*). */
#ifndef CAWS_TEST_RANDOM_H
#define CAWS_TEST_RANDOM_H

#include <stdint.h>

/* state must not be 0. */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545F4914F6CDD1D);
}

/* From 0 to limit - 1. */
static inline unsigned random_below(uint64_t *state, unsigned limit)
{
    return (unsigned)(next_random(state) % limit);
}

#endif

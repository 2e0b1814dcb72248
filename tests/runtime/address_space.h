/*
 * For tests of what happens when there is no more memory: 64 bits have no room for SIZE_MAX / 8
 * bytes, but 32 bits have, a few times.
 */
#ifndef CAWS_TESTS_ADDRESS_SPACE_H
#define CAWS_TESTS_ADDRESS_SPACE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Volatile: compilers leave out what is only allocated and freed. */
typedef struct address_space {
    void *volatile pieces[16];
    size_t count;
} address_space;

/* Afterwards there are no SIZE_MAX / 8 bytes in one piece. Nothing is written to what is taken. */
static inline void address_space_take(address_space *space)
{
    space->count = 0;
    while (space->count < 16) {
        space->pieces[space->count] = malloc(SIZE_MAX / 8);
        if (space->pieces[space->count] == NULL)
            return;
        space->count++;
    }
}

static inline void address_space_give_back(address_space *space)
{
    while (space->count > 0)
        free(space->pieces[--space->count]);
}

#endif

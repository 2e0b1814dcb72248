/* An arena: many small allocations that are freed as one. */
#ifndef CAWS_ARENA_H
#define CAWS_ARENA_H

#include <stddef.h>

#include <caws/export.h>

typedef struct caws_arena_block caws_arena_block;

typedef struct caws_arena {
    caws_arena_block *blocks; /* newest first */
    size_t used;              /* of the newest block */
} caws_arena;

#define CAWS_ARENA_INIT {NULL, 0}

/* Aligned for any type, zeroed; NULL when out of memory. size may be 0. */
CAWS_MUST_USE void *caws_arena_alloc(caws_arena *arena, size_t size);

/* A NUL-terminated copy of length bytes; NULL when out of memory. */
CAWS_MUST_USE char *caws_arena_copy(caws_arena *arena, const char *text, size_t length);

/* Gives the newest allocation of old_size bytes another size, in place where it can; NULL when out
 * of memory, and the old one stays valid. Added bytes are zeroed. */
CAWS_MUST_USE void *caws_arena_grow(caws_arena *arena, void *old, size_t old_size, size_t size);

/* Frees everything and makes the arena empty. */
void caws_arena_clear(caws_arena *arena);

#endif

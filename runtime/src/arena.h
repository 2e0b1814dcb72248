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

/*
 * An output: the arena that owns it stands in front of it, so that one pointer frees all.
 * caws_output_new gives a zeroed struct of size bytes (NULL when out of memory); caws_output_arena
 * is where its members are allocated; caws_output_free (public) frees it.
 */
CAWS_MUST_USE void *caws_output_new(size_t size);
caws_arena *caws_output_arena(void *output);

/* Frees everything and makes the arena empty. */
void caws_arena_clear(caws_arena *arena);

#endif

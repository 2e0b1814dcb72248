/* An arena: many small allocations that are freed as one. */
#ifndef CAWS_ARENA_H
#define CAWS_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include <caws/export.h>

typedef struct caws_arena_block caws_arena_block;

typedef struct caws_arena {
    caws_arena_block *blocks; /* newest first */
    size_t used;              /* of the newest block */
    size_t total;             /* bytes of all blocks */
    size_t limit;             /* total never goes over it; 0: no limit */
    bool too_large;           /* an allocation failed at the limit, not for want of memory */
} caws_arena;

#define CAWS_ARENA_INIT {NULL, 0, 0, 0, false}

/*
 * What an answer becomes takes CAWS_ARENA_FACTOR times as much memory as its text may have bytes,
 * at most, and is always allowed CAWS_ARENA_LEAST bytes: "{}," can stand for a struct of hundreds.
 */
enum { CAWS_ARENA_FACTOR = 16, CAWS_ARENA_LEAST = 1024 * 1024 };

/* Sets the limit for an answer whose text has text_limit bytes at most. */
void caws_arena_set_limit(caws_arena *arena, size_t text_limit);

/* Aligned for any type, zeroed; NULL when out of memory or at the limit. size may be 0. */
CAWS_MUST_USE void *caws_arena_alloc(caws_arena *arena, size_t size);

/* A NUL-terminated copy of length bytes; NULL when out of memory or at the limit. */
CAWS_MUST_USE char *caws_arena_copy(caws_arena *arena, const char *text, size_t length);

/*
 * An output: the arena that owns it stands in front of it, so that one pointer frees all.
 * caws_output_new gives a zeroed struct of size bytes (NULL when out of memory); caws_output_arena
 * is where its members are allocated; caws_output_free (public) frees it.
 */
CAWS_MUST_USE void *caws_output_new(size_t size);
caws_arena *caws_output_arena(void *output);

/* Frees everything and makes the arena empty; the limit stays. */
void caws_arena_clear(caws_arena *arena);

#endif

#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <caws/values.h>

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 64 * 1024, ALIGNMENT = alignof(max_align_t) };

struct caws_arena_block {
    caws_arena_block *next;
    size_t capacity;
    alignas(max_align_t) unsigned char data[];
};

static size_t align_up(size_t size)
{
    return (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
}

/* A new block is twice the last one, up to a limit, and never smaller than what is asked for. */
static caws_arena_block *add_block(caws_arena *arena, size_t size)
{
    size_t capacity = FIRST_BLOCK;
    if (arena->blocks != NULL)
        capacity = arena->blocks->capacity < LARGEST_BLOCK / 2 ? arena->blocks->capacity * 2
                                                               : (size_t)LARGEST_BLOCK;
    if (capacity < size)
        capacity = size;
    if (arena->limit != 0 && capacity > arena->limit - arena->total) {
        arena->too_large = true;
        return NULL;
    }

    caws_arena_block *block = malloc(sizeof(*block) + capacity);
    if (block == NULL)
        return NULL;
    block->next = arena->blocks;
    block->capacity = capacity;
    arena->blocks = block;
    arena->used = 0;
    arena->total += capacity;
    return block;
}

static void *take(caws_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 4) /* malloc takes no more than half of it, block and all */
        return NULL;
    size = align_up(size == 0 ? 1 : size);
    caws_arena_block *block = arena->blocks;
    if (block == NULL || block->capacity - arena->used < size)
        block = add_block(arena, size);
    if (block == NULL)
        return NULL;
    void *start = block->data + arena->used;
    arena->used += size;
    return start;
}

void *caws_arena_alloc(caws_arena *arena, size_t size)
{
    void *start = take(arena, size);
    if (start != NULL)
        memset(start, 0, size);
    return start;
}

char *caws_arena_copy(caws_arena *arena, const char *text, size_t length)
{
    if (length == SIZE_MAX)
        return NULL;
    char *copy = take(arena, length + 1);
    if (copy == NULL)
        return NULL;
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void caws_arena_clear(caws_arena *arena)
{
    caws_arena_block *block = arena->blocks;
    while (block != NULL) {
        caws_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->blocks = NULL;
    arena->used = 0;
    arena->total = 0;
    arena->too_large = false;
}

void caws_arena_set_limit(caws_arena *arena, size_t text_limit)
{
    size_t limit =
        text_limit < SIZE_MAX / CAWS_ARENA_FACTOR ? text_limit * CAWS_ARENA_FACTOR : SIZE_MAX;
    arena->limit = limit > CAWS_ARENA_LEAST ? limit : CAWS_ARENA_LEAST;
}

/* What stands in front of an output struct, inside the arena's own first block. */
typedef struct output_header {
    alignas(max_align_t) caws_arena arena;
} output_header;

void *caws_output_new(size_t size)
{
    caws_arena arena = CAWS_ARENA_INIT;
    if (size > SIZE_MAX / 4)
        return NULL;
    output_header *header = caws_arena_alloc(&arena, sizeof(*header) + size);
    if (header == NULL)
        return NULL;
    header->arena = arena;
    return header + 1;
}

caws_arena *caws_output_arena(void *output)
{
    return &((output_header *)output - 1)->arena;
}

void caws_output_free(void *output)
{
    if (output == NULL)
        return;
    caws_arena arena =
        *caws_output_arena(output); /* a copy: the original is inside what is freed */
    caws_arena_clear(&arena);
}

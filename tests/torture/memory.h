/* The allocator that the whole process uses, libraries included: it counts, fails on demand, knows
 * every living block, and spoils what is freed. */
#ifndef TORTURE_MEMORY_H
#define TORTURE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum { MEMORY_FRAMES = 32 };

/* Which allocation fails, from memory_begin on; the first is 1. 0: none. */
typedef struct memory_plan {
    unsigned long fail_at;
    bool and_after; /* all that follow fail too, until memory_pause */
    bool trace;     /* keep the backtrace of every block: slow */
} memory_plan;

/* Blocks made from now on are the run's. */
void memory_begin(const memory_plan *plan);

/* What is allocated between these two is neither counted nor fails. It stays the run's. */
void memory_pause(void);
void memory_resume(void);

/* How many allocations were counted, and whether one of them failed. */
unsigned long memory_count(void);
bool memory_has_failed(void);

/* Where the first one failed: return addresses, innermost first. Returns their number. */
size_t memory_failure(void *const **frames);

/* Calls for each of the run's blocks that is alive; frames: where it was made, if that was traced.
 */
void memory_each_live(void (*callback)(void *context, size_t size, void *const *frames,
                                       size_t frame_count),
                      void *context);

/* NULL, or what the program did wrong: a free of what is no block. */
const char *memory_misuse(void);

#endif

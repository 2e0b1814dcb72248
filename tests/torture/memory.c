#define _GNU_SOURCE
#include "memory.h"

#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own, which stand behind the functions that this file replaces. */
extern void *__libc_malloc(size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *start);

enum {
    SLOTS = 1 << 16, /* of the table of living blocks: a power of two, never nearly full */
    MOST_TRACED = 1 << 17,
    FRESH = 0xa5, /* what new blocks are filled with, and freed ones */
    STALE = 0xdb
};

typedef struct block {
    uintptr_t address; /* 0: a free slot */
    size_t size;
    uint32_t run;   /* 1: made after memory_begin */
    uint32_t trace; /* 0: none */
} block;

typedef struct backtrace_of {
    void *frames[MEMORY_FRAMES];
    size_t count;
} backtrace_of;

static block blocks[SLOTS];
static size_t block_count;
static backtrace_of traces[MOST_TRACED];
static uint32_t trace_count = 1;
static backtrace_of failure;
static memory_plan plan;
static unsigned long counted;
static bool running; /* memory_begin was called */
static bool armed;   /* and no pause is on */
static bool has_failed;
static const char *misuse;
static atomic_flag lock = ATOMIC_FLAG_INIT;
static _Thread_local bool inside; /* backtrace() may allocate */

static void acquire(void)
{
    while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {
    }
}

static void release(void)
{
    atomic_flag_clear_explicit(&lock, memory_order_release);
}

static size_t home_of(uintptr_t address)
{
    return (size_t)((address >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (SLOTS - 1);
}

static size_t find(uintptr_t address)
{
    size_t i = home_of(address);
    while (blocks[i].address != 0 && blocks[i].address != address)
        i = (i + 1) & (SLOTS - 1);
    return i;
}

/* Moves up what would not be found any more behind an empty slot. */
static void forget(size_t hole)
{
    for (size_t i = (hole + 1) & (SLOTS - 1); blocks[i].address != 0; i = (i + 1) & (SLOTS - 1)) {
        size_t home = home_of(blocks[i].address);
        if (((i - home) & (SLOTS - 1)) >= ((i - hole) & (SLOTS - 1))) {
            blocks[hole] = blocks[i];
            hole = i;
        }
    }
    blocks[hole].address = 0;
    block_count--;
}

static void take_trace(backtrace_of *into)
{
    inside = true;
    into->count = (size_t)backtrace(into->frames, MEMORY_FRAMES);
    inside = false;
}

/* Counts, and tells whether this one may succeed. */
static bool may_allocate(void)
{
    bool ok = true;
    bool first = false;
    if (inside)
        return true;
    acquire();
    if (armed) {
        counted++;
        ok = plan.fail_at == 0 || counted < plan.fail_at ||
             (counted > plan.fail_at && !plan.and_after);
        first = !ok && !has_failed;
        has_failed = has_failed || !ok;
    }
    release();
    if (first)
        take_trace(&failure);
    if (!ok)
        errno = ENOMEM;
    return ok;
}

static void *remember(void *start, size_t size)
{
    backtrace_of trace = {.count = 0};
    if (start == NULL)
        return NULL;
    if (plan.trace && running && !inside)
        take_trace(&trace);
    acquire();
    size_t i = find((uintptr_t)start);
    if (++block_count > SLOTS / 4 * 3) {
        misuse = "more living blocks than the table has room for";
        abort();
    }
    blocks[i] = (block){(uintptr_t)start, size, running && !inside, 0};
    if (trace.count > 0 && trace_count < MOST_TRACED) {
        blocks[i].trace = trace_count;
        traces[trace_count++] = trace;
    }
    release();
    return start;
}

static void *make(size_t alignment, size_t size)
{
    if (!may_allocate())
        return NULL;
    void *start = alignment == 0 ? __libc_malloc(size) : __libc_memalign(alignment, size);
    return start != NULL ? remember(memset(start, FRESH, size), size) : NULL;
}

/* Gives the block's size, and takes it off the table. */
static bool take_off(const void *start, size_t *size)
{
    acquire();
    size_t i = find((uintptr_t)start);
    bool known = blocks[i].address != 0;
    *size = blocks[i].size;
    if (known)
        forget(i);
    release();
    return known;
}

/* The libraries are to find these before those of the C library. */
#pragma GCC visibility push(default)

void *malloc(size_t size)
{
    return make(0, size);
}

void *calloc(size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    void *start = make(0, total);
    return start != NULL ? memset(start, 0, total) : NULL;
}

void free(void *start)
{
    size_t size = 0;
    if (start == NULL)
        return;
    if (!take_off(start, &size)) {
        misuse = "free of something that is no living block";
        abort();
    }
    int number = errno;
    __libc_free(memset(start, STALE, size));
    errno = number;
}

/* Always moves, so that who keeps the old pointer is found out. */
void *realloc(void *old, size_t size)
{
    if (old == NULL)
        return make(0, size);
    if (size == 0) {
        free(old);
        return NULL;
    }
    acquire();
    size_t i = find((uintptr_t)old);
    bool known = blocks[i].address != 0;
    size_t old_size = blocks[i].size;
    release();
    if (!known) {
        misuse = "realloc of something that is no living block";
        abort();
    }
    void *start = make(0, size);
    if (start == NULL)
        return NULL;
    memcpy(start, old, old_size < size ? old_size : size);
    free(old);
    return start;
}

void *memalign(size_t alignment, size_t size)
{
    return make(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return make(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *start = make(alignment, size);
    if (start == NULL)
        return ENOMEM;
    *out = start;
    return 0;
}

#pragma GCC visibility pop

void memory_begin(const memory_plan *chosen)
{
    backtrace_of unused;
    take_trace(&unused); /* the first loads a library */
    acquire();
    plan = *chosen;
    counted = 0;
    has_failed = false;
    running = true;
    armed = true;
    release();
}

void memory_pause(void)
{
    armed = false;
}

void memory_resume(void)
{
    armed = true;
}

unsigned long memory_count(void)
{
    return counted;
}

bool memory_has_failed(void)
{
    return has_failed;
}

size_t memory_failure(void *const **frames)
{
    *frames = failure.frames;
    return failure.count;
}

void memory_each_live(void (*callback)(void *context, size_t size, void *const *frames,
                                       size_t frame_count),
                      void *context)
{
    for (size_t i = 0; i < SLOTS; i++) {
        const backtrace_of *trace = &traces[blocks[i].trace];
        if (blocks[i].address != 0 && blocks[i].run != 0)
            callback(context, blocks[i].size, trace->frames, trace->count);
    }
}

const char *memory_misuse(void)
{
    return misuse;
}

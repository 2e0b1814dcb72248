/* A growable byte buffer with a limit. */
#ifndef CAWS_BUFFER_H
#define CAWS_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <caws/export.h>

/*
 * Once an append fails, every later one fails too, so a writer may check caws_buffer_ok once at its
 * end. data is always followed by a NUL byte that length does not count; NULL before the first
 * append.
 */
typedef struct caws_buffer {
    char *data;
    size_t length;
    size_t capacity;
    size_t limit;   /* length never goes over it; 0: no limit */
    bool no_memory; /* an append failed for want of memory */
    bool too_large; /* an append failed at the limit */
} caws_buffer;

#define CAWS_BUFFER_INIT {NULL, 0, 0, 0, false, false}

static inline bool caws_buffer_ok(const caws_buffer *buffer)
{
    return !buffer->no_memory && !buffer->too_large;
}

/* Each returns whether all appends so far have succeeded. */
bool caws_buffer_append(caws_buffer *buffer, const void *data, size_t length);
bool caws_buffer_append_char(caws_buffer *buffer, char c);
bool caws_buffer_append_string(caws_buffer *buffer, const char *text);
bool caws_buffer_append_format(caws_buffer *buffer, const char *format, ...) CAWS_PRINTF(2, 3);
bool caws_buffer_append_vformat(caws_buffer *buffer, const char *format, va_list args)
    CAWS_PRINTF(2, 0);

/* Room for length more bytes at data + length, which the caller fills and then counts in
 * buffer->length; NULL when there is none. */
CAWS_MUST_USE char *caws_buffer_reserve(caws_buffer *buffer, size_t length);

/* Forgets the content and any failure; keeps the memory. */
void caws_buffer_reset(caws_buffer *buffer);

/* Frees the memory; the limit stays. */
void caws_buffer_clear(caws_buffer *buffer);

/* As caws_buffer_clear, and wipes the content first. */
void caws_buffer_wipe(caws_buffer *buffer);

#endif

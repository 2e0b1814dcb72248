/* Backtraces as text. */
#ifndef TORTURE_TRACE_H
#define TORTURE_TRACE_H

#include <stddef.h>

/* The library whose allocation it is, "torture" for caws itself: without the allocator and the C
 * library, which both allocate for others. */
const char *trace_caller(void *const *frames, size_t count);

/* "libssl.so.3+0x1234 SSL_new" a line, from the caller of the allocator on. */
void trace_format(char *out, size_t size, void *const *frames, size_t count);

#endif

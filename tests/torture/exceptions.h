/* What the libraries below caws get wrong when they are out of memory, and caws cannot help. */
#ifndef TORTURE_EXCEPTIONS_H
#define TORTURE_EXCEPTIONS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct exception {
    const char *finding; /* what is found: "wrong result", "leak" ... */
    const char *text;    /* a part of what is told about it */
    const char *caller;  /* the library whose allocation failed: "libcurl" */
    const char *frame;   /* a function in one of the backtraces */
    bool cold;           /* only while a process sets up its libraries */
    const char *reason;
} exception;

extern const exception exceptions[];
extern const size_t exception_count;

#endif

/* How the runtime fills a caws_error. */
#ifndef CAWS_FAIL_H
#define CAWS_FAIL_H

#include <caws/error.h>

#include "arena.h"

/* Both return the status, so that a failing function can end with `return caws_fail(...)`. If there
 * is no memory for the text the status becomes CAWS_ERROR_MEMORY. Fields other than status, code
 * and message keep their values. error must not be NULL. Code and message are made printable, here
 * and in caws_error_copy: control characters but '\n' and '\t' (those of C1 too), and bytes that
 * are not UTF-8, become '?'. */
caws_status caws_fail(caws_error *error, caws_status status, const char *format, ...)
    CAWS_PRINTF(3, 4);

/* With a code of its own instead of the status's text. */
caws_status caws_fail_code(caws_error *error, caws_status status, const char *code,
                           const char *format, ...) CAWS_PRINTF(4, 5);

caws_status caws_fail_memory(caws_error *error);

/* For calls without a client: an error that is there already tells why there is none, and stays. */
caws_status caws_fail_no_client(caws_error *error);

/* Where things that live as long as the error are allocated; NULL when out of memory. */
CAWS_MUST_USE caws_arena *caws_error_arena(caws_error *error);

/* A printable copy of text that lives as long as the error; "" when out of memory. */
const char *caws_error_copy(caws_error *error, const char *text);

#endif

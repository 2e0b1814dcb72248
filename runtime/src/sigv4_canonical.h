/*
 * The parts of a canonical request: path, query string and headers, each in the one form that both
 * sides hash.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
#ifndef CAWS_SIGV4_CANONICAL_H
#define CAWS_SIGV4_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "request.h"

typedef struct caws_pair {
    const char *name;
    const char *value;
    size_t name_length;
    size_t value_length;
    size_t order; /* decides between equal names before the value does; of a header: its place among
                     those given, the signer's own after them */
} caws_pair;

/* Names and values, sorted; the memory is used again and again. */
typedef struct caws_pairs {
    caws_pair *items;
    size_t count;
    size_t capacity;
    caws_buffer text;  /* what items point to where it is not the caller's */
    caws_buffer given; /* the names that were collected last, as they were given, NUL after each */
} caws_pairs;

#define CAWS_PAIRS_INIT {NULL, 0, 0, CAWS_BUFFER_INIT, CAWS_BUFFER_INIT}

/* Wipes and frees. */
void caws_pairs_clear(caws_pairs *pairs);

/* Whether a header's name is lower_name but for the case of its letters. */
bool caws_header_is(const char *name, const char *lower_name);

/* All of these return false for want of memory only. */

/* Appends the canonical form of a path as it is sent ("" counts as "/"). normalize: without empty
 * and dot segments. encode_twice: escapes in it are encoded once more; otherwise they stay. */
CAWS_MUST_USE bool caws_canonical_path(caws_buffer *out, caws_buffer *scratch, const char *path,
                                       bool normalize, bool encode_twice);

/*
 * Appends the canonical form of a query string: parameters split at '&' and the first '=', decoded
 * and encoded again, sorted by name, then value, by bytes. One without '=' gets one; an empty one
 * ("a&&b") is no parameter.
 */
CAWS_MUST_USE bool caws_canonical_query(caws_buffer *out, caws_pairs *scratch, const char *query,
                                        size_t length);

/*
 * Collects the headers to sign, names in lower case, sorted: the signer's own (already in lower
 * case), and those given but the ones that change on the way and the ones that the signer itself
 * makes. Equal names stay in the order given. Everything is borrowed until pairs is used again.
 */
CAWS_MUST_USE bool caws_canonical_collect(caws_pairs *pairs, const caws_header *own,
                                          size_t own_count, const caws_header *given,
                                          size_t given_count);

/* Whether the headers have the names that pairs were collected from last, in the same order; if
 * so, pairs are these headers from now on. Requests of a program are mostly alike. */
bool caws_canonical_collect_again(caws_pairs *pairs, const caws_header *own, size_t own_count,
                                  const caws_header *given, size_t given_count);

/* Appends a line for each name: values without outer white space, inner runs of it as one space,
 * those of equal names joined with ','. */
bool caws_canonical_headers(caws_buffer *out, const caws_pairs *headers);

/* Appends the names, joined with ';'. */
bool caws_canonical_names(caws_buffer *out, const caws_pairs *headers);

#endif

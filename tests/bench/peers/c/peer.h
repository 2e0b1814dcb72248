/*
 * What every peer does, in C:
 *
 *     peer KIND URL FLIGHT FOLDER
 *
 * makes one client of the server at URL and reads lines from standard input, a number each: that
 * many calls it makes, and then prints "done" with the sum of what the answers held. KIND: call
 * (CreateExportTask, one after the other), flight (the same, FLIGHT at a time), encode
 * (PutLogEvents of the events in FOLDER), decode (GetLogEvents). It ends with its input. Time and
 * memory are whoever's who started it.
 */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct peer peer;

/* Makes that many calls. Returns the sum of what the answers held: characters of task ids, events
 * of pages, 1 for what holds nothing; a negative number on failure. */
typedef long (*peer_calls)(peer *p, long count);

struct peer {
    const char *url;
    long flight;
    const char *folder;
    peer_calls calls;
    void *context; /* the side's */
};

typedef struct peer_kind {
    const char *name;
    peer_calls calls;
} peer_kind;

/* Fills p from the command line. kinds: up to one without a name. Returns false for a wrong one. */
bool peer_init(peer *p, int argc, char **argv, const peer_kind *kinds);

/* Until the end of the input. Returns the exit status. */
int peer_serve(peer *p);

/* The whole file, with a NUL after it; the caller frees it. NULL on failure. */
char *peer_read(const peer *p, const char *name, size_t *length);

#endif

/*
 * How far a service's clock is ahead of the system's. A signature whose time is off by some minutes
 * is refused, and the Date of the refusal says by how much it was off.
 *
 * The SDKs take over the Date of every answer. Here only that of a refusal counts, and only if it
 * would have changed the signature's time by more than four minutes: while signatures are accepted
 * there is nothing to gain, and a wrong Date (a proxy's, a cache's) cannot spoil what works. A
 * correction that has become wrong, because the system's clock was set right, heals the same way.
 */
#ifndef CAWS_SKEW_H
#define CAWS_SKEW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <caws/error.h>

enum {
    CAWS_SKEW_LEAST_MS = 4 * 60 * 1000, /* services accept five minutes at least */
    /*
     * A clock set to the local time of any zone is 14 hours off at most, and the day may be wrong
     * too. Beyond that a correction would hide a broken clock, with which no certificate can be
     * checked, and whoever forges a Date could obtain signatures for a far future.
     */
    CAWS_SKEW_MOST_MS = 24 * 60 * 60 * 1000,
    /* An answer that took longer tells too little about the clock. */
    CAWS_SKEW_MOST_ELAPSED_MS = 15 * 60 * 1000
};

/* One for a client, whose calls share it in any number of threads. */
typedef struct caws_skew {
    atomic_int ms;
} caws_skew;

/* All times are milliseconds since 1970 by the system's clock, uncorrected. */
typedef struct caws_skew_answer {
    const char *date; /* the headers of that name; NULL: none */
    const char *age;
    int64_t sent_ms;
    int64_t received_ms;
    int32_t signed_skew_ms; /* what caws_skew_ms said when the request was signed */
} caws_skew_answer;

void caws_skew_init(caws_skew *skew);

/* What to add to the system's time, before a request is signed. */
int32_t caws_skew_ms(const caws_skew *skew);

/* By how much the service's clock is ahead of the system's; false, and *skew_ms as before, if the
 * answer does not tell, or tells what is beyond belief. */
bool caws_skew_measure(const caws_skew_answer *answer, int64_t *skew_ms);

/* After an answer that is an error: if it tells that the request's time was wrong, corrects skew
 * and returns true: the same request, signed anew, is worth another attempt. */
bool caws_skew_correct(caws_skew *skew, const caws_error *error, const caws_skew_answer *answer);

#endif

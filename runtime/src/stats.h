/* The counters of a client, which any number of threads add to. */
#ifndef CAWS_STATS_INTERNAL_H
#define CAWS_STATS_INTERNAL_H

#include <stdatomic.h>
#include <stdint.h>

#include <caws/stats.h>

#include "classify.h"

/* In the order of caws_client_counters. */
typedef enum caws_stat {
    CAWS_STAT_CALLS,
    CAWS_STAT_FAILURES,
    CAWS_STAT_ATTEMPTS,
    CAWS_STAT_RETRIES, /* of the first caws_retry_cause; the others follow */
    CAWS_STAT_BYTES_SENT = CAWS_STAT_RETRIES + CAWS_CAUSE_CREDENTIALS + 1,
    CAWS_STAT_BYTES_RECEIVED,
    CAWS_STAT_CONNECTIONS_OPENED,
    CAWS_STAT_CONNECTIONS_REUSED,
    CAWS_STAT_COUNT
} caws_stat;

typedef struct caws_stats {
    _Atomic(uint64_t) values[CAWS_STAT_COUNT];
} caws_stats;

/* The counters say nothing of each other, so none waits for another. */
static inline void caws_stats_add(caws_stats *stats, caws_stat stat, uint64_t amount)
{
    (void)atomic_fetch_add_explicit(&stats->values[stat], amount, memory_order_relaxed);
}

static inline void caws_stats_add_retry(caws_stats *stats, caws_retry_cause cause)
{
    caws_stats_add(stats, (caws_stat)(CAWS_STAT_RETRIES + (int)cause), 1);
}

void caws_stats_init(caws_stats *stats);
void caws_stats_read(const caws_stats *stats, caws_client_counters *counters);

#endif

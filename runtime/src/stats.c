#include "stats.h"

#include <stddef.h>
#include <string.h>

#define IS_AT(stat, member)                                                                        \
    _Static_assert((stat) * sizeof(uint64_t) == offsetof(caws_client_counters, member),            \
                   "the order is that of caws_client_counters")
IS_AT(CAWS_STAT_CALLS, calls);
IS_AT(CAWS_STAT_FAILURES, failures);
IS_AT(CAWS_STAT_ATTEMPTS, attempts);
IS_AT(CAWS_STAT_RETRIES + CAWS_CAUSE_THROTTLING, retries_throttling);
IS_AT(CAWS_STAT_RETRIES + CAWS_CAUSE_SERVER, retries_server);
IS_AT(CAWS_STAT_RETRIES + CAWS_CAUSE_TRANSPORT, retries_transport);
IS_AT(CAWS_STAT_RETRIES + CAWS_CAUSE_CLOCK_SKEW, retries_clock_skew);
IS_AT(CAWS_STAT_RETRIES + CAWS_CAUSE_CREDENTIALS, retries_credentials);
IS_AT(CAWS_STAT_BYTES_SENT, bytes_sent);
IS_AT(CAWS_STAT_BYTES_RECEIVED, bytes_received);
IS_AT(CAWS_STAT_CONNECTIONS_OPENED, connections_opened);
IS_AT(CAWS_STAT_CONNECTIONS_REUSED, connections_reused);
_Static_assert(CAWS_STAT_COUNT * sizeof(uint64_t) == sizeof(caws_client_counters),
               "every counter is read");

void caws_stats_init(caws_stats *stats)
{
    for (size_t i = 0; i < CAWS_STAT_COUNT; i++)
        atomic_init(&stats->values[i], 0);
}

void caws_stats_read(const caws_stats *stats, caws_client_counters *counters)
{
    uint64_t values[CAWS_STAT_COUNT];
    for (size_t i = 0; i < CAWS_STAT_COUNT; i++)
        values[i] = atomic_load_explicit(&stats->values[i], memory_order_relaxed);
    memcpy(counters, values, sizeof(*counters));
}

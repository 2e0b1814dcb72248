/** @file
 * What a client has done so far, in figures, for programs that watch themselves. */
#ifndef CAWS_STATS_H
#define CAWS_STATS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Figures of one client since it was made; they only grow. Each is right by itself; together they
 * are not of one instant if calls are running meanwhile. */
typedef struct caws_client_counters {
    uint64_t calls;    /**< calls of operations that are over, in whatever way */
    uint64_t failures; /**< those of them that returned an error */
    uint64_t attempts; /**< requests sent, or tried to be sent, for calls: retries included */
    /** @name Retries, by what made the attempt before fail
     * @{ */
    uint64_t retries_throttling;  /**< the service asked to slow down */
    uint64_t retries_server;      /**< HTTP 500 and the like */
    uint64_t retries_transport;   /**< no connection, no whole answer, or none in time */
    uint64_t retries_clock_skew;  /**< the system's clock is wrong; the signature's was corrected */
    uint64_t retries_credentials; /**< the credentials had expired and were fetched anew */
    /** @} */
    uint64_t bytes_sent;         /**< of request bodies, attempts included */
    uint64_t bytes_received;     /**< of answers' bodies */
    uint64_t connections_opened; /**< a handshake for each */
    uint64_t connections_reused; /**< attempts that found a connection open */
} caws_client_counters;

#ifdef __cplusplus
}
#endif

#endif

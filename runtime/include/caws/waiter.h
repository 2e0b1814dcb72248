/** @file
 * What all waiters share. The waiters themselves are generated: `caws_<service>_wait_<state>`. */
#ifndef CAWS_WAITER_H
#define CAWS_WAITER_H

#include <stdbool.h>
#include <stdint.h>

#include <caws/call.h>
#include <caws/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a waiter stands after one poll. */
typedef struct caws_wait_progress {
    int polls;          /**< how many answers came so far, this one included */
    int64_t elapsed_ms; /**< since the waiter began */
    int64_t delay_ms;   /**< until the next poll; 0: this was the last */
    /** The answer: the output struct of the operation that is polled; lives for the length of the
     * callback. NULL: the operation answered with an error that the waiter goes on after. */
    const void *output;
} caws_wait_progress;

/** Called after every poll, the last one too. Returns false to stop waiting (CAWS_ERROR_CANCELLED).
 */
typedef bool (*caws_wait_callback)(void *context, const caws_wait_progress *progress);

/** How to wait. All members are optional. */
typedef struct caws_wait_options {
    /** The deadline for the whole wait; 0: the waiter's delay times its maximum number of attempts.
     * A poll that hangs ends with it too, but not within its first second. */
    int64_t timeout_ms;
    int64_t delay_ms;            /**< between polls; 0: the waiter's own */
    caws_wait_callback progress; /**< NULL: none */
    void *context;               /**< handed to progress */
    /** Of each poll; its deadline_ms is the most that one may take. Its keep_going is asked while a
     * poll runs and between polls. NULL: none. */
    const caws_call_options *call;
} caws_wait_options;

#ifdef __cplusplus
}
#endif

#endif

/** @file
 * Calls without waiting: start any number of them, then drive them all from one thread, with
 * caws_loop_run or from an event loop of your own. caws starts no thread for it.
 *
 *     static void done(void *context, void *output, const caws_error *error) { ... }
 *
 *     caws_loop *loop = caws_loop_new(client, NULL, &error);
 *     caws_loop_start(loop, &caws_operation_logs_put_log_events, &input, NULL, done, NULL, &error);
 *     while (caws_loop_run(loop, 1000) > 0)
 *         ...;
 *     caws_loop_free(loop);
 */
#ifndef CAWS_LOOP_H
#define CAWS_LOOP_H

#include <caws/call.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Drives calls of one client. It borrows the client, which has to outlive it. A loop is for one
 * thread at a time; a client may have any number of loops, and serve calls that wait beside them.
 * After fork() a child can only free it, without callbacks.
 */
typedef struct caws_loop caws_loop;

/** A call that was started and has not ended. It belongs to its loop, and lives until its callback
 * has returned. */
typedef struct caws_pending caws_pending;

/**
 * The end of a call, well (error->status is CAWS_OK) or not. Called by caws_loop_run, caws_loop_act
 * or caws_loop_free, never by caws_loop_start. output: the operation's output struct, which is the
 * callback's to free with caws_output_free; NULL on failure, and for operations without one. error:
 * lives for the length of the callback. It may start other calls and cancel others; it must not run
 * or free the loop. Other callbacks (keep_going, a log's, a stream's) call no function of the loop.
 */
typedef void (*caws_call_done)(void *context, void *output, const caws_error *error);

/** What a socket is watched for; or, in caws_loop_act, what has happened on it. */
enum {
    CAWS_WATCH_NONE = 0, /**< watch: no longer */
    CAWS_WATCH_IN = 1,   /**< there is something to read */
    CAWS_WATCH_OUT = 2,  /**< there is room to write */
    CAWS_WATCH_ERROR = 4 /**< caws_loop_act only: an error or a hang-up */
};

/** Stands for the timer where caws_loop_act wants a socket. */
#define CAWS_LOOP_TIMER (-1)

/** How a loop is driven. All members are optional. */
typedef struct caws_loop_options {
    /** Connections at a time, at most; calls over it wait for one to become free, which counts
     * against their time-outs and deadlines. 0: 256. */
    int32_t max_connections;
    /**
     * Both or none: for an event loop of your own (epoll, libuv, libevent ...), in place of
     * caws_loop_run. watch tells what to watch a socket for, in place of what was told before; when
     * it happens, call caws_loop_act with the socket. set_timer tells after how many milliseconds
     * to call caws_loop_act with CAWS_LOOP_TIMER, once, in place of the time before; 0: at once,
     * but not from within the callback; -1: not at all. They are called by caws_loop_start,
     * caws_loop_act, caws_loop_cancel and caws_loop_free, and must not call the loop.
     */
    void (*watch)(void *context, int socket, int events);
    void (*set_timer)(void *context, int64_t timeout_ms);
    void *context; /**< handed to both */
} caws_loop_options;

/** Makes a loop. options may be NULL. Returns NULL and fills error with CAWS_ERROR_MEMORY or
 * CAWS_ERROR_CONFIGURATION. */
CAWS_API caws_loop *caws_loop_new(caws_client *client, const caws_loop_options *options,
                                  caws_error *error);

/** Ends what is still pending with CAWS_ERROR_CANCELLED, callbacks included, closes the connections
 * and frees the loop. NULL is accepted. */
CAWS_API void caws_loop_free(caws_loop *loop);

/**
 * Starts a call. input and options are borrowed for the length of this function only, except for
 * options->context, log_context and info. done may be NULL, as for caws_call_with's output. Returns
 * the call, for caws_loop_cancel; NULL and a filled error if it could not be started (its input is
 * invalid, for example): done is not called then.
 */
CAWS_API caws_pending *caws_loop_start(caws_loop *loop, const caws_operation *operation,
                                       const void *input, const caws_call_options *options,
                                       caws_call_done done, void *context, caws_error *error);

/**
 * Starts a call that answers with a stream of events, as caws_loop_start starts others. handler:
 * the operation's handler struct, copied; what its context points to has to live until done. Its
 * callbacks are called by caws_loop_run and caws_loop_act, in the order of the events; while one of
 * them runs, the loop's other calls stand still. done comes after the last of them, without output;
 * how the stream ended is told as for caws_call_stream_with. After caws_loop_cancel, and in
 * caws_loop_free, no more events come.
 */
CAWS_API caws_pending *caws_loop_start_stream(caws_loop *loop, const caws_stream *stream,
                                              const void *input, const void *handler,
                                              const caws_call_options *options, caws_call_done done,
                                              void *context, caws_error *error);

/** Ends a call that has not ended, with CAWS_ERROR_CANCELLED (after its callback the pointer may be
 * another call's: forget it there); its callback comes with the next turn of the loop. What
 * the service has got of it may be done nevertheless. */
CAWS_API void caws_loop_cancel(caws_pending *pending);

/**
 * Drives all calls until none is pending, or timeout_ms have passed (0: what can be done without
 * waiting; -1: no limit), or caws_loop_wake was called. Returns how many calls are pending. Not for
 * loops with watch and set_timer.
 */
CAWS_API size_t caws_loop_run(caws_loop *loop, int64_t timeout_ms);

/** Makes caws_loop_run return soon; for another thread, which may call nothing else of a loop. */
CAWS_API void caws_loop_wake(caws_loop *loop);

/** For loops with watch and set_timer: something has happened on a socket (events: CAWS_WATCH_...,
 * or together), or the timer has run out. Returns how many calls are pending. */
CAWS_API size_t caws_loop_act(caws_loop *loop, int socket, int events);

#ifdef __cplusplus
}
#endif

#endif

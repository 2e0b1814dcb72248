/** @file
 * Any operation by one generic function: with options for one call, or without waiting for it.
 *
 * The header of an operation declares what stands for it here, for example
 * `caws_operation_logs_create_export_task`. Input and output are the operation's own structs, which
 * no compiler checks in this form:
 *
 *     const caws_call_options options = {.deadline_ms = 2000, .max_attempts = 1};
 *     caws_logs_create_export_task_output *output = NULL;
 *     caws_call_with(client, &caws_operation_logs_create_export_task, &input, &options, &output,
 *                    &error);
 */
#ifndef CAWS_CALL_PUBLIC_H
#define CAWS_CALL_PUBLIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caws/client.h>
#include <caws/error.h>
#include <caws/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An operation of a service; a constant of the generated code. */
typedef struct caws_operation caws_operation;

/** An operation that answers with a stream of events; a constant of the generated code, for example
 * `caws_stream_logs_start_live_tail`. */
typedef struct caws_stream caws_stream;

/** A header to send besides the library's own. */
typedef struct caws_call_header {
    const char *name;  /**< letters, digits and hyphens */
    const char *value; /**< no control characters */
} caws_call_header;

/** What a call came to; a success has no caws_error to tell it. */
typedef struct caws_call_info {
    int attempts;         /**< requests sent */
    int http_status;      /**< of the last attempt's answer; 0: there was none */
    char request_id[128]; /**< of that answer; "": none; a longer one is cut */
} caws_call_info;

/** Options of one call. All members are optional. */
typedef struct caws_call_options {
    /** Milliseconds for the whole call: name look-up, every attempt and the time between them, and
     * a stream to its end; 0: no limit but those of single attempts. CAWS_ERROR_TIMEOUT when it has
     * passed; the last attempt's own error if the time left is too short for another. Below 0 is
     * CAWS_ERROR_INVALID_INPUT, as with max_attempts. */
    int32_t deadline_ms;
    int32_t max_attempts; /**< requests to send at most; 0: the client's; 1: no retries */
    /** As the client's option of that name, for this call. */
    const char *endpoint_url;
    /** Sent and signed. Those that the library, the signature or HTTP make are refused:
     * Content-Type, X-Amz-Target, Host, Authorization, X-Amz-Date, Content-Length, Connection and
     * the like. */
    const caws_call_header *headers;
    size_t header_count; /**< of headers; at most 8 */
    /** Asked every 50 ms or so while the call waits, in the thread that drives it; false ends the
     * call with CAWS_ERROR_CANCELLED, a stream too; that of a stream's handler, asked after this
     * one, ends it with CAWS_OK. It may look at what another thread or a signal handler sets. NULL:
     * never asked. */
    bool (*keep_going)(void *context);
    void *context;        /**< handed to keep_going */
    void *log_context;    /**< handed to the client's log callback; NULL: the client's */
    caws_call_info *info; /**< filled when the call has ended, well or not; NULL: not wanted */
} caws_call_options;

/**
 * Calls an operation and waits for its end.
 * input: the operation's input struct; borrowed; NULL stands for one with every member absent.
 * output: the address of a pointer to the operation's output struct. It is set to NULL first, and
 * on success to a struct that the caller frees with caws_output_free. NULL if the operation has no
 * output, or the caller does not want it.
 * options: borrowed; NULL: none. error: filled on failure; NULL is accepted. Returns error's
 * status.
 */
CAWS_API caws_status caws_call_with(caws_client *client, const caws_operation *operation,
                                    const void *input, const caws_call_options *options,
                                    void *output, caws_error *error);

/**
 * Calls an operation that answers with a stream of events, and waits for the stream's end. An
 * attempt that fails before the stream has begun may be repeated, as that of any call; a stream
 * that has begun is not. handler: the operation's handler struct, borrowed; NULL wants no events.
 * input, options, error: as in caws_call_with. Returns error's status. CAWS_OK: the service has
 * ended the stream, or the handler has. CAWS_ERROR_TIMEOUT: no answer, or a stream that was silent,
 * for the client's timeout_ms; or options->deadline_ms, which does not wait for a stream's end.
 */
CAWS_API caws_status caws_call_stream_with(caws_client *client, const caws_stream *stream,
                                           const void *input, const void *handler,
                                           const caws_call_options *options, caws_error *error);

#ifdef __cplusplus
}
#endif

#endif

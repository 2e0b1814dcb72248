/**
 * @file
 * Errors are values: a caller-owned caws_error, filled by the function that failed. There is no
 * errno, no last error, no global state.
 *
 *     caws_error error = CAWS_ERROR_INIT;
 *     if (caws_logs_create_export_task(client, &input, &output, &error) != CAWS_OK)
 *         fprintf(stderr, "%s: %s\n", error.code, error.message);
 *     caws_error_clear(&error);
 */
#ifndef CAWS_ERROR_H
#define CAWS_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caws/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What kind of thing went wrong. The text in parentheses is caws_error.code for that kind. 1 to 5
 * come before anything is sent (memory may run out later too: see attempts), 6 to 9 on the way, 10
 * to 14 are answers that are not the service's own, 15 and 16 are the service's.
 */
typedef enum caws_status {
    CAWS_OK = 0, /**< all went well */
    /** An allocation failed (OutOfMemory). */
    CAWS_ERROR_MEMORY = 1,
    /** The input breaks a constraint; see violations (InvalidInput). */
    CAWS_ERROR_INVALID_INPUT = 2,
    /** An option or environment variable is wrong (InvalidConfiguration). */
    CAWS_ERROR_CONFIGURATION = 3,
    /** There are no credentials, or unusable ones (NoCredentials). */
    CAWS_ERROR_CREDENTIALS = 4,
    /** No endpoint can be made of what is configured (NoEndpoint). */
    CAWS_ERROR_ENDPOINT = 5,
    /** Name look-up, connect, send or receive failed (ConnectionFailed). */
    CAWS_ERROR_CONNECTION = 6,
    /** A timeout or deadline passed (Timeout). */
    CAWS_ERROR_TIMEOUT = 7,
    /** The TLS handshake failed, or the certificate is not trusted (TlsFailed). */
    CAWS_ERROR_TLS = 8,
    /** The caller stopped it (Cancelled). */
    CAWS_ERROR_CANCELLED = 9,
    /** Success without the body it must have (EmptyResponse). */
    CAWS_ERROR_RESPONSE_EMPTY = 10,
    /** The answer ends early (TruncatedResponse). */
    CAWS_ERROR_RESPONSE_TRUNCATED = 11,
    /** Not JSON, or JSON of another type (MalformedResponse). */
    CAWS_ERROR_RESPONSE_MALFORMED = 12,
    /** More than max_response_bytes, an output of more than 16 times that (1 MiB is always
     * allowed), or more than 256 KiB of headers (ResponseTooLarge). */
    CAWS_ERROR_RESPONSE_TOO_LARGE = 13,
    /** An HTTP error that names no AWS error code; code is the HTTP status. */
    CAWS_ERROR_HTTP = 14,
    /** The service refused; code is AWS's error code. */
    CAWS_ERROR_SERVICE = 15,
    /** The resource came to a state that the waiter calls a failure; code is that state. */
    CAWS_ERROR_WAITER = 16
} caws_status;

/** Which constraint an input value breaks. */
typedef enum caws_constraint {
    CAWS_CONSTRAINT_REQUIRED = 1, /**< the member is absent */
    CAWS_CONSTRAINT_LENGTH = 2,   /**< a string's length in Unicode characters, a blob's in bytes */
    CAWS_CONSTRAINT_BYTES = 3,    /**< a string's length in bytes of UTF-8 */
    CAWS_CONSTRAINT_RANGE = 4,    /**< a number's value */
    CAWS_CONSTRAINT_COUNT = 5,    /**< the number of items in a list or entries in a map */
    CAWS_CONSTRAINT_PATTERN = 6,  /**< a string does not match; actual is the byte offset of the
                                     first character that cannot be part of a match */
    CAWS_CONSTRAINT_UTF8 = 7,     /**< a string is not UTF-8; actual is the byte offset */
    CAWS_CONSTRAINT_UNION = 8,    /**< a union must have exactly one member; actual is how many */
    CAWS_CONSTRAINT_DEPTH = 9,    /**< values nested too deeply; limit is the depth */
    CAWS_CONSTRAINT_JSON = 10 /**< a document is not one JSON value; actual is the byte offset */
} caws_constraint;

/** One broken constraint of an input. */
typedef struct caws_violation {
    const char *path; /**< the member, by its name in the API: "logEvents[3].message" */
    const char *text; /**< for people: "destination: 513 characters, at most 512" */
    caws_constraint constraint;
    int64_t actual; /**< the value's own figure, as the constraint counts it; 0 where it has none */
    int64_t limit;  /**< the limit it breaks; 0 where it has none */
} caws_violation;

/**
 * What went wrong. Initialize with CAWS_ERROR_INIT, free with caws_error_clear. Functions that take
 * an error clear it first, so one variable serves for many calls. All pointers belong to the error
 * and live until it is cleared or used again. Every caws function accepts NULL for its error.
 */
typedef struct caws_error {
    caws_status status; /**< the kind of failure; CAWS_OK: none */
    int exception;      /**< the service's exception enum (CAWS_LOGS_...); 0: none or unmodeled */
    int http_status;    /**< of the last attempt's answer; 0: there was none */
    int attempts;       /**< requests sent */
    bool retryable;     /**< the same call may succeed if made again later */
    bool throttling;    /**< the service asked to slow down */
    const char *code;   /**< never NULL: AWS's error code, or the status's own text */
    /** Never NULL: for people, the service's own words where it sent some; contains no secret. */
    const char *message;
    const char *request_id;           /**< never NULL: x-amzn-RequestId, or "" */
    const caws_violation *violations; /**< CAWS_ERROR_INVALID_INPUT: every broken constraint */
    size_t violation_count;
    /** The generated struct of a modeled exception that has members beyond its message, as its
     * ..._from_error function returns it; else NULL. */
    const void *detail;
    void *storage; /**< private */
} caws_error;

/** What a caws_error is before it is used. */
#define CAWS_ERROR_INIT {CAWS_OK, 0, 0, 0, false, false, "", "", "", NULL, 0, NULL, NULL}

/** Frees what the error holds and makes it CAWS_ERROR_INIT again. NULL is accepted. */
CAWS_API void caws_error_clear(caws_error *error);

/** The text of a status, for example "InvalidInput"; "OK" for CAWS_OK; static, never NULL. */
CAWS_API const char *caws_status_string(caws_status status);

#ifdef __cplusplus
}
#endif

#endif

/* One call in flight, and the loop that drives it. */
#ifndef CAWS_PENDING_H
#define CAWS_PENDING_H

#include <stdatomic.h>
#include <sys/types.h>

#include <caws/loop.h>
#include <caws/schema.h>

#include "credentials_cache.h"
#include "endpoint.h"
#include "http.h"
#include "request.h"
#include "retry.h"
#include "sigpipe.h"
#include "sigv4.h"
#include "sockets.h"
#include "user_agent.h"
#include "uuid.h"

enum { CAWS_ASK_MS = 50 }; /* between two questions to keep_going */

/* What a call waits for; attempt.c walks from one to the next. */
typedef enum caws_stage {
    CAWS_STAGE_CREDENTIALS,
    CAWS_STAGE_PROVIDER,
    CAWS_STAGE_TURN,
    CAWS_STAGE_SEND,
    CAWS_STAGE_ANSWER,
    CAWS_STAGE_HELD_BACK, /* it has failed, and its caller is told later */
    CAWS_STAGE_FINISHED
} caws_stage;

/* Handle and buffers stay for later calls: warm ones are what makes calls cheap. */
struct caws_pending {
    caws_pending *next; /* in one of its loop's lists */
    caws_pending *previous;
    caws_loop *loop;
    caws_http http;
    caws_request request;

    const caws_operation *operation;
    const caws_endpoint *endpoint; /* NULL: to be found when the credentials' account is known */
    caws_endpoint own_endpoint; /* where endpoint points if the call's differs from the client's */
    caws_endpoint_query endpoint_query; /* for that; without input */
    const char *host_prefix;            /* in front of its host; NULL: none */
    caws_http_sink *sink;        /* who takes the answer of an event stream; NULL: decoded whole */
    caws_stream_handler handler; /* how an event stream's begins */
    caws_call_options options;   /* only what outlives the start */
    caws_call_done done;         /* NULL: somebody waits for it, or nobody */
    void *done_context;
    bool detached; /* nobody waits for it: the loop takes it back by itself */
    bool output_wanted;
    void *output;
    caws_error *error;
    caws_error own_error;

    caws_stage stage;
    bool transferring; /* the handle is libcurl's */
    int sendings;      /* of its request that are left to libcurl */
    CURLcode code;     /* how the transfer ended */
    int attempts;
    struct caws_asking *asking; /* the call gets new credentials for all; NULL: it does not */
    const caws_credentials_snapshot *credentials; /* NULL: the client's own */
    uint64_t credentials_turn;
    bool renewed; /* the credentials, after the service called them expired */
    caws_retry_call retry;
    char invocation_id[CAWS_UUID_TEXT_SIZE]; /* the same for all attempts */
    char attempt_text[CAWS_ATTEMPT_HEADER_SIZE];
    caws_buffer user_agent; /* for these: */
    const caws_service *user_agent_service;
    unsigned user_agent_features;
    int64_t signed_ms; /* the system's time, uncorrected, at the last signature */
    int32_t signed_skew_ms;
    int64_t ahead_ms;     /* the service's clock, as an answer has told; INT64_MAX: none has */
    size_t header_count;  /* of the request, before an attempt adds its own */
    int64_t wake_ms;      /* when to look at it again; INT64_MAX: when its transfer ends */
    int64_t resume_ms;    /* when its stage goes on; INT64_MAX: not by time */
    int64_t ask_ms;       /* when to ask keep_going again */
    int64_t deadline_ms;  /* INT64_MAX: none */
    int64_t late_ms;      /* when its transfer has to be over; INT64_MAX: not by time */
    int64_t attempted_ms; /* when the last attempt began; for the log */
};

struct caws_loop {
    caws_client *client;
    caws_loop *next; /* in the client's list of idle ones */
    CURLM *multi;
    caws_signer signer; /* its headers are copied before another call signs */
    caws_uuid_pool uuids;
    caws_loop_options options;
    caws_pending *active;
    caws_pending *idle;
    caws_pending *finished; /* whose callbacks are due; first come first */
    caws_pending **finished_end;
    size_t pending_count; /* active and finished ones */
    int idle_count;
    int64_t wake_ms;      /* no active call is to be looked at before */
    int64_t curl_wake_ms; /* nor libcurl; loops with set_timer only */
    int64_t timer_ms;     /* that set_timer was told */
    atomic_bool woken;
    bool tls;                 /* a call went over TLS */
    caws_sigpipe_guard guard; /* while libcurl works; callbacks of the caller's pause it */
    bool http2;               /* an answer came in HTTP/2 */
    bool closing;             /* no further calls */
    caws_sockets sockets;
    pid_t pid; /* of the process that made it; in a child the connections are its parent's */
};

/* What calls of all kinds begin with. */
typedef struct caws_start {
    const caws_operation *operation;
    const void *input;
    const caws_call_options *options; /* NULL: none */
    bool output_wanted;
    /* Streams of events only. open makes the call's sink, which caws_pending_recycle frees; NULL:
     * no memory. It keeps programs that have no streams from linking what reads them. */
    caws_http_sink *(*open)(const struct caws_start *start, caws_loop *loop);
    const caws_stream *stream;
    const void *handler; /* copied; NULL: none */
} caws_start;

/* --- call.c: the steps of a call --- */

/* validate, encode, endpoint unless it depends on the account; what is left of options. */
caws_status caws_call_prepare(caws_pending *pending, const void *input,
                              const caws_call_options *options);

/* The endpoint, if it has not been found yet: once a call, with the account of the credentials that
 * the call then has. */
caws_status caws_call_find_endpoint(caws_pending *pending);

/* The headers of this attempt, which is given up after timeout_ms; the signature among them. */
caws_status caws_call_sign(caws_pending *pending, int64_t timeout_ms);

/* The answer, which came whole: fills output, or error. */
caws_status caws_call_decode(caws_pending *pending);

/* What every kind of end has: the log, info, facts of the last answer in the error. */
void caws_call_log_attempt(const caws_pending *pending);
void caws_call_note_end(caws_pending *pending);

/* As caws_call_once, for streams too. */
caws_status caws_call_and_wait(caws_client *client, const caws_start *start, void **output,
                               caws_error *error);

/* --- attempt.c --- */

/* Goes on with a call whose transfer has ended or whose time has come, until it waits again or is
 * finished. */
void caws_attempt_go_on(caws_pending *pending, int64_t now_ms);

/* The transfer is over, whatever libcurl thinks. */
void caws_attempt_end_transfer(caws_pending *pending, CURLcode code, int64_t now_ms);

/* Ends it with CAWS_ERROR_CANCELLED. */
void caws_attempt_cancel(caws_pending *pending);

/* Looks at a call that waits: its time, its caller's wish, its silence. */
void caws_attempt_look_at(caws_pending *pending, int64_t now_ms);

/* --- pending.c --- */

/* The call, finished already if it fails at once; error is its own from now on. NULL when there is
 * no memory for it, with error filled. */
caws_pending *caws_pending_begin(caws_loop *loop, const caws_start *start, caws_error *error);

/* After anything that may have moved a call on: notes when to look at it, or that it is finished.
 */
void caws_pending_settle(caws_pending *pending);

/* Ends it with CAWS_ERROR_CANCELLED, if it has not ended. */
void caws_pending_cancel(caws_pending *pending);

/* Takes back a finished call. */
void caws_pending_recycle(caws_pending *pending);

/* One that was taken back. */
void caws_pending_free(caws_pending *pending);

/* --- loop_life.c --- */

caws_loop *caws_loop_make(caws_client *client, const caws_loop_options *options, caws_error *error);

/* --- loop.c --- */

/* caws_loop_start, for streams too. error may be NULL. */
caws_pending *caws_loop_start_call(caws_loop *loop, const caws_start *start, caws_call_done done,
                                   void *context, caws_error *error);

/* Drives the loop until the call is finished. */
void caws_loop_finish(caws_loop *loop, caws_pending *pending);

/* Callbacks come last, when nothing else holds a call: they may start and cancel. */
void caws_loop_deliver(caws_loop *loop);

/* Hands the handle to libcurl, or takes it back. */
caws_status caws_loop_transfer(caws_pending *pending, const caws_endpoint *endpoint,
                               int64_t now_ms);
void caws_loop_stop_transfer(caws_pending *pending);

#endif

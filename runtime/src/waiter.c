#include <inttypes.h>
#include <string.h>

#include <caws/schema.h>

#include "call.h"
#include "clock.h"
#include "fail.h"
#include "path.h"
#include "pending.h"
#include "value.h"

/* One poll: the answer or the error, as acceptors see them. */
typedef struct poll {
    const caws_operation *operation;
    const void *output; /* NULL: there was an error, or the operation has no output */
    const caws_error *error;
} poll;

static const char *text_of(const caws_type *type, const void *value)
{
    if (type->kind == CAWS_KIND_BOOLEAN)
        return *(const bool *)value ? "true" : "false";
    return type->kind == CAWS_KIND_STRING ? caws_load_string(value) : NULL;
}

typedef struct tally {
    const char *expected;
    size_t seen;
    size_t equal;
} tally;

static bool count_equal(void *context, const caws_type *type, const void *value)
{
    tally *t = context;
    const char *text = text_of(type, value);
    t->seen++;
    if (text != NULL && strcmp(text, t->expected) == 0)
        t->equal++;
    return true;
}

static bool matches_path(const caws_acceptor *acceptor, const poll *p)
{
    if (p->output == NULL)
        return false;
    tally t = {acceptor->expected, 0, 0};
    (void)caws_visit(p->operation->output, p->output, acceptor->argument, count_equal, &t);
    if (acceptor->matcher == CAWS_MATCH_PATH_ANY)
        return t.equal > 0;
    return t.equal > 0 && t.equal == t.seen;
}

/* Whether the error is an answer, and not a call that failed on the way. */
static bool is_answer(const caws_error *error)
{
    return error->status == CAWS_ERROR_SERVICE || error->status == CAWS_ERROR_HTTP;
}

static bool matches(const caws_acceptor *acceptor, const poll *p)
{
    bool failed = p->error->status != CAWS_OK;
    switch ((caws_matcher)acceptor->matcher) {
    case CAWS_MATCH_PATH:
    case CAWS_MATCH_PATH_ALL:
    case CAWS_MATCH_PATH_ANY:
        return matches_path(acceptor, p);
    case CAWS_MATCH_STATUS:
        return failed ? is_answer(p->error) && p->error->http_status == acceptor->expected_status
                      : acceptor->expected_status == 200;
    case CAWS_MATCH_ERROR:
        return is_answer(p->error) && strcmp(p->error->code, acceptor->expected) == 0;
    case CAWS_MATCH_SUCCESS:
        return !failed;
    case CAWS_MATCH_ANY_ERROR:
        return is_answer(p->error);
    }
    return false;
}

static const caws_acceptor *find_acceptor(const caws_waiter *waiter, const poll *p)
{
    for (uint16_t i = 0; i < waiter->acceptor_count; i++)
        if (matches(&waiter->acceptors[i], p))
            return &waiter->acceptors[i];
    return NULL;
}

/* Finds the structure that holds the state, and takes the text beside it. */
typedef struct search {
    const caws_acceptor *acceptor;
    const char *text;
} search;

static uint16_t last_step(const caws_path *path)
{
    return path->steps[path->step_count - 1];
}

static bool take_message(void *context, const caws_type *type, const void *structure)
{
    search *s = context;
    const caws_member *state = &type->members[last_step(&s->acceptor->argument)];
    const caws_member *message = &type->members[last_step(&s->acceptor->message)];
    const void *state_value = caws_member_value(state, structure);
    const void *message_value = caws_member_value(message, structure);
    const char *text = state_value != NULL ? text_of(state->type, state_value) : NULL;
    if (text == NULL || strcmp(text, s->acceptor->expected) != 0)
        return true;
    s->text = message_value != NULL ? text_of(message->type, message_value) : NULL;
    return false;
}

static caws_status fail_state(const caws_waiter *waiter, const caws_acceptor *acceptor,
                              const poll *p, caws_error *error)
{
    if (error->status != CAWS_OK) /* the operation's own error says it */
        return error->status;
    search s = {acceptor, NULL};
    if (acceptor->message.step_count > 0 && p->output != NULL) {
        caws_path structure = acceptor->argument;
        structure.step_count--;
        (void)caws_visit(p->operation->output, p->output, structure, take_message, &s);
    }
    const char *state = acceptor->expected != NULL ? acceptor->expected : "Success";
    return caws_fail_code(error, CAWS_ERROR_WAITER, state, "%s: %s", waiter->name,
                          s.text != NULL && s.text[0] != '\0' ? s.text : state);
}

/* Tells the caller where things stand; false if the caller wants to stop. */
static bool report(const caws_wait_options *options, const poll *p, int polls, int64_t elapsed_ms,
                   int64_t delay_ms)
{
    if (options->progress == NULL)
        return true;
    const caws_wait_progress progress = {polls, elapsed_ms, delay_ms, p->output};
    return options->progress(options->context, &progress);
}

typedef struct wait {
    const caws_waiter *waiter;
    const caws_wait_options *options;
    int64_t began;
    int64_t timeout_ms;
    int64_t delay_ms;
    int polls;
} wait;

/* Whether the caller wants to go on after it. */
static bool sleep_on(const caws_call_options *options, int64_t delay_ms)
{
    if (options == NULL || options->keep_going == NULL) {
        caws_sleep_ms(delay_ms);
        return true;
    }
    int64_t now = caws_monotonic_ms();
    int64_t until = delay_ms < INT64_MAX - now ? now + delay_ms : INT64_MAX;
    for (int64_t left = delay_ms; left > 0; left = until - caws_monotonic_ms()) {
        if (!options->keep_going(options->context))
            return false;
        caws_sleep_ms(left < CAWS_ASK_MS ? left : CAWS_ASK_MS);
    }
    return true;
}

/* What one poll means. Sets *done unless the waiter goes on. */
static caws_status decide(wait *w, const poll *p, caws_error *error, bool *done)
{
    const caws_acceptor *acceptor = find_acceptor(w->waiter, p);
    bool failed = error->status != CAWS_OK;
    bool go_on = acceptor != NULL ? acceptor->state == CAWS_WAIT_RETRY : !failed;
    int64_t elapsed = caws_monotonic_ms() - w->began;
    int64_t left = w->timeout_ms - elapsed;
    int64_t delay = go_on && left > 0 ? (w->delay_ms < left ? w->delay_ms : left) : 0;
    bool wanted = report(w->options, p, w->polls, elapsed, delay);

    *done = true;
    if (!go_on) {
        if (acceptor == NULL)
            return error->status;
        if (acceptor->state == CAWS_WAIT_FAILURE)
            return fail_state(w->waiter, acceptor, p, error);
        caws_error_clear(error); /* an error may be the state that was waited for */
        return CAWS_OK;
    }
    caws_error_clear(error);
    if (!wanted)
        return caws_fail(error, CAWS_ERROR_CANCELLED, "%s: the progress callback stopped it",
                         w->waiter->name);
    if (delay == 0)
        return caws_fail(error, CAWS_ERROR_TIMEOUT,
                         "%s: not reached within %" PRId64 " ms; asked %d time%s", w->waiter->name,
                         w->timeout_ms, w->polls, w->polls == 1 ? "" : "s");
    if (!sleep_on(w->options->call, delay))
        return caws_fail(error, CAWS_ERROR_CANCELLED, "%s: the caller stopped it", w->waiter->name);
    *done = false;
    return CAWS_OK;
}

/* A poll ends with the wait; the last, which comes at its end, gets a second. */
static caws_call_options poll_options(const wait *w)
{
    static const caws_call_options none = {0};
    caws_call_options options = w->options->call != NULL ? *w->options->call : none;
    int64_t left_ms = w->timeout_ms - (caws_monotonic_ms() - w->began);
    if (left_ms < 1000)
        left_ms = 1000;
    if (left_ms > INT32_MAX)
        left_ms = INT32_MAX;
    if (options.deadline_ms <= 0 || options.deadline_ms > left_ms)
        options.deadline_ms = (int32_t)left_ms;
    return options;
}

static caws_status run(caws_client *client, wait *w, const void *input, void **output,
                       caws_error *error)
{
    for (bool done = false; !done;) {
        void *answer = NULL;
        const caws_call_options options = poll_options(w);
        w->polls++;
        caws_error_clear(error);
        (void)caws_call_once(client, w->waiter->operation, input, &options, &answer, error);
        const poll p = {w->waiter->operation, answer, error};
        caws_status status = decide(w, &p, error, &done);
        if (done && status == CAWS_OK)
            *output = answer;
        else
            caws_output_free(answer);
    }
    return error->status;
}

static caws_status check_options(const caws_wait_options *options, caws_error *error)
{
    const int64_t values[] = {options->timeout_ms, options->delay_ms};
    static const char *const names[] = {"timeout_ms", "delay_ms"};
    for (int i = 0; i < 2; i++)
        if (values[i] < 0)
            return caws_fail(error, CAWS_ERROR_INVALID_INPUT, "option %s: %" PRId64 ", at least 0",
                             names[i], values[i]);
    return CAWS_OK;
}

caws_status caws_wait(caws_client *client, const caws_waiter *waiter, const void *input,
                      const caws_wait_options *options, void *output, caws_error *error)
{
    static const caws_wait_options none = {0};
    caws_error own_error = CAWS_ERROR_INIT;
    caws_error *e = error != NULL ? error : &own_error;
    void *answer = NULL;
    if (options == NULL)
        options = &none;
    if (client != NULL)
        caws_error_clear(e);

    caws_status status = client != NULL ? check_options(options, e) : caws_fail_no_client(e);
    if (status == CAWS_OK) {
        int64_t delay_ms = options->delay_ms != 0 ? options->delay_ms : waiter->delay_ms;
        int64_t timeout_ms = options->timeout_ms != 0
                                 ? options->timeout_ms
                                 : (int64_t)waiter->delay_ms * waiter->max_attempts;
        wait w = {waiter, options, caws_monotonic_ms(), timeout_ms, delay_ms, 0};
        status = run(client, &w, input, &answer, e);
    }
    if (output != NULL)
        memcpy(output, &answer, sizeof(answer));
    else
        caws_output_free(answer);
    caws_error_clear(&own_error);
    return status;
}

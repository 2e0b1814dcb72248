/* For tests of waiters: a scripted caws_call_once, which the linker takes for the runtime's own. */
#ifndef CAWS_TEST_SCRIPTED_CALL_H
#define CAWS_TEST_SCRIPTED_CALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <caws/schema.h>

#include "arena.h"
#include "call.h"
#include "clock.h"
#include "fail.h"

/* An operation that answers {tasks: [{status: {code, message}}], done, state}. */
typedef struct task_status {
    const char *code;
    const char *message;
} task_status;

typedef struct task {
    const char *id;
    const task_status *status;
} task;

typedef struct task_list {
    const task *items;
    size_t count;
} task_list;

typedef struct tasks_output {
    task_list tasks;
    caws_opt_bool done;
    const char *state;
} tasks_output;

static const caws_member status_members[] = {
    {"code", &caws_type_string, offsetof(task_status, code), 0, NULL},
    {"message", &caws_type_string, offsetof(task_status, message), 0, NULL},
};
static const caws_type status_type = {.kind = CAWS_KIND_STRUCTURE,
                                      .members = status_members,
                                      .member_count = 2,
                                      .size = sizeof(task_status)};
static const caws_member task_members[] = {
    {"id", &caws_type_string, offsetof(task, id), 0, NULL},
    {"status", &status_type, offsetof(task, status), 0, NULL},
};
static const caws_type task_type = {
    .kind = CAWS_KIND_STRUCTURE, .members = task_members, .member_count = 2, .size = sizeof(task)};
static const caws_member task_list_members[] = {{"member", &task_type, 0, 0, NULL}};
static const caws_type task_list_type = {
    .kind = CAWS_KIND_LIST, .members = task_list_members, .member_count = 1, .size = sizeof(task)};
static const caws_member output_members[] = {
    {"tasks", &task_list_type, offsetof(tasks_output, tasks), 0, NULL},
    {"done", &caws_type_boolean, offsetof(tasks_output, done), 0, NULL},
    {"state", &caws_type_string, offsetof(tasks_output, state), 0, NULL},
};
static const caws_type output_type = {.kind = CAWS_KIND_STRUCTURE,
                                      .members = output_members,
                                      .member_count = 3,
                                      .size = sizeof(tasks_output)};
static const caws_operation operation = {.name = "DescribeTasks", .output = &output_type};
static const caws_operation void_operation = {.name = "HeadTask"};

static const uint16_t code_steps[] = {0, 1, 0};    /* tasks[].status.code */
static const uint16_t message_steps[] = {0, 1, 1}; /* tasks[].status.message */
static const uint16_t done_steps[] = {1};
static const uint16_t state_steps[] = {2};

#define CODE_PATH    {code_steps, 3}
#define MESSAGE_PATH {message_steps, 3}
#define NO_PATH      {NULL, 0}

/* One answer of the fake: an error, or an output. */
typedef struct step {
    caws_status status;
    const char *code;
    int http_status;
    task_status tasks[3]; /* up to the first without code and message */
    const char *done;     /* "true", "false" or NULL */
    const char *state;
    int64_t lasts_ms;
} step;

static struct {
    const step *steps; /* the last one stays */
    size_t count;
    size_t calls;
    int32_t deadline_ms; /* of the last call */
} script;

static caws_client *const client = (caws_client *)&script;
static const char input[] = "input";

static inline const char *copy(void *output, const char *text)
{
    return text != NULL ? caws_arena_copy(caws_output_arena(output), text, strlen(text)) : NULL;
}

static inline tasks_output *make_output(const step *s)
{
    tasks_output *output = caws_output_new(sizeof(*output));
    assert_non_null(output);
    task *tasks = caws_arena_alloc(caws_output_arena(output), sizeof(task) * 3);
    assert_non_null(tasks);
    output->tasks.items = tasks;
    while (output->tasks.count < 3) {
        const task_status *from = &s->tasks[output->tasks.count];
        if (from->code == NULL && from->message == NULL)
            break;
        task_status *status = caws_arena_alloc(caws_output_arena(output), sizeof(*status));
        assert_non_null(status);
        *status = (task_status){copy(output, from->code), copy(output, from->message)};
        tasks[output->tasks.count++].status = status;
    }
    if (s->done != NULL)
        output->done = caws_bool(strcmp(s->done, "true") == 0);
    output->state = copy(output, s->state);
    return output;
}

caws_status caws_call_once(caws_client *called_client, const caws_operation *called,
                           const void *called_input, const caws_call_options *options,
                           void **output, caws_error *error)
{
    script.deadline_ms = options->deadline_ms;
    assert_ptr_equal(called_client, client);
    assert_ptr_equal(called_input, input);
    assert_int_equal(error->status, CAWS_OK);
    assert_null(error->storage);
    const step *s = &script.steps[script.calls < script.count ? script.calls : script.count - 1];
    script.calls++;
    if (s->lasts_ms > 0)
        caws_sleep_ms(s->lasts_ms);
    *output = NULL;
    if (s->status != CAWS_OK) {
        error->http_status = s->http_status;
        error->attempts = 1;
        return caws_fail_code(error, s->status, s->code, "the operation's own text");
    }
    if (called->output != NULL)
        *output = make_output(s);
    return CAWS_OK;
}

static inline void answer(const step *steps, size_t count)
{
    script.steps = steps;
    script.count = count;
    script.calls = 0;
}

#define ANSWER(steps) answer(steps, sizeof(steps) / sizeof((steps)[0]))

static void *const garbage = &script; /* what an output variable holds before the call */

/* Waits and expects this failure; message NULL: any. */
static inline void fails(const caws_waiter *w, const caws_wait_options *options, caws_status status,
                         const char *code, const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    tasks_output *output = garbage;
    assert_int_equal(caws_wait(client, w, input, options, &output, &error), status);
    assert_int_equal(error.status, status);
    assert_string_equal(error.code, code);
    if (message != NULL)
        assert_string_equal(error.message, message);
    assert_null(output);
    caws_error_clear(&error);
}

#endif

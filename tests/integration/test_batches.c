/* Batches and pages as large as the API allows: 10,000 events, 1 MB. Memory stays bounded. */
#include "servers.h"

#if defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define HAS_MALLINFO2 1
#endif
#endif

/* The process has the sanitizer's memory, or that of the emulator with what it translated, too. */
#if defined(__SANITIZE_ADDRESS__) || defined(CAWS_EMULATED)
#define NOT_ALONE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NOT_ALONE 1
#endif
#endif
#ifndef NOT_ALONE
#define NOT_ALONE 0
#endif

/* A batch may have 10,000 events and 1,048,576 bytes, 26 of them counted for each event. */
enum { EVENTS = 10000, MESSAGE = 1048576 / EVENTS - 26, CALLS = 50 };

static const int64_t first_time = 1441490400000;

/* Bytes of this process in memory, at the most so far (VmHWM) or now (VmRSS); 0: not measurable. */
static long memory(const char *field)
{
    char line[128];
    long kilobytes = 0;
    size_t length = strlen(field);
    FILE *status = NOT_ALONE ? NULL : fopen("/proc/self/status", "r");
    if (status == NULL)
        return 0;
    while (kilobytes == 0 && fgets(line, sizeof(line), status) != NULL)
        if (strncmp(line, field, length) == 0 && line[length] == ':')
            kilobytes = strtol(line + length + 1, NULL, 10);
    fclose(status);
    return kilobytes * 1024;
}

/* Bytes of the heap in use; 0: not measurable. */
static long in_use(void)
{
#ifdef HAS_MALLINFO2
    struct mallinfo2 heap = mallinfo2();
    return NOT_ALONE ? 0 : (long)(heap.uordblks + heap.hblkhd);
#else
    return 0;
#endif
}

typedef struct figures {
    long baseline; /* VmRSS before the first call */
    long peak_of_first;
    long resident_after_tenth;
    long in_use_after_tenth;
} figures;

static figures begin(void)
{
    return (figures){.baseline = memory("VmRSS")};
}

static void note(figures *f, int call)
{
    if (call == 0)
        f->peak_of_first = memory("VmHWM");
    if (call == 9) {
        f->resident_after_tenth = memory("VmRSS");
        f->in_use_after_tenth = in_use();
    }
}

/* No call may take more than most bytes beyond what there was; the calls after the tenth leave
 * nothing behind. The slack is for the allocator's own habits: what is resident swings by an answer
 * that was freed; what is in use tells whether it was. */
static void check(const figures *f, const char *what, long most)
{
    long peak = memory("VmHWM");
    long resident = memory("VmRSS");
    long used = in_use();
    if (f->baseline == 0 || peak == 0) {
        print_message("%s: memory cannot be measured here\n", what);
        return;
    }
    print_message("%s: %ld KB before, peak +%ld KB after one call, +%ld KB after %d; heap in use "
                  "%+ld bytes since the tenth\n",
                  what, f->baseline / 1024, (f->peak_of_first - f->baseline) / 1024,
                  (peak - f->baseline) / 1024, CALLS, used - f->in_use_after_tenth);
    assert_true(f->peak_of_first - f->baseline <= most);
    assert_true(peak - f->peak_of_first <= most / 4);
    assert_true(resident - f->resident_after_tenth <= 2 * 1024 * 1024L);
    if (used != 0) /* freed blocks that a thread keeps at hand count as used */
        assert_true(used - f->in_use_after_tenth <= 32 * 1024L);
}

typedef struct batch {
    caws_logs_input_log_event events[EVENTS];
    char messages[EVENTS][MESSAGE + 1];
} batch;

static batch *new_batch(void)
{
    batch *b = malloc(sizeof(*b));
    assert_non_null(b);
    for (int i = 0; i < EVENTS; i++) {
        int length = snprintf(b->messages[i], MESSAGE + 1, "event %d \"quoted\" ", i);
        memset(b->messages[i] + length, 'x', (size_t)(MESSAGE - length));
        b->messages[i][MESSAGE] = '\0';
        b->events[i] = (caws_logs_input_log_event){.timestamp = caws_i64(first_time + i),
                                                   .message = b->messages[i]};
    }
    return b;
}

/* The answer repeats what was received: how many events, and the first and the last of them. */
static void batches_of_10000_events(void **state)
{
    char wanted[512];
    batch *b = new_batch();
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("put-summary", NULL);
    const caws_logs_put_log_events_input input = {
        .log_group_name = "/caws/group",
        .log_stream_name = "stream-1",
        .log_events = {b->events, EVENTS},
    };
    (void)state;
    snprintf(wanted, sizeof(wanted), "%d %lld %s %lld %s", EVENTS, (long long)first_time,
             b->messages[0], (long long)(first_time + EVENTS - 1), b->messages[EVENTS - 1]);
    figures f = begin();
    for (int i = 0; i < CALLS; i++) {
        caws_logs_put_log_events_output *out = NULL;
        if (caws_logs_put_log_events(client, &input, &out, &error) != CAWS_OK)
            fail_msg("%s: %s", error.code, error.message);
        assert_string_equal(out->next_sequence_token, wanted);
        caws_output_free(out);
        note(&f, i);
    }
    /* The body is 1.3 MB, in a buffer that grows by doubling. */
    check(&f, "PutLogEvents", 4 * 1024 * 1024L);

    /* One more is refused before anything is sent, and named. */
    caws_logs_input_log_event *more = malloc((EVENTS + 1) * sizeof(*more));
    assert_non_null(more);
    memcpy(more, b->events, sizeof(b->events));
    more[EVENTS] = more[0];
    caws_logs_put_log_events_input longer = input;
    longer.log_events = (caws_logs_input_log_events){more, EVENTS + 1};
    assert_int_equal(caws_logs_put_log_events(client, &longer, NULL, &error),
                     CAWS_ERROR_INVALID_INPUT);
    assert_string_equal(error.message, "logEvents: 10001 items, at most 10000");
    free(more);
    caws_error_clear(&error);
    caws_client_free(client);
    free(b);
}

static void check_page(const caws_logs_get_log_events_output *page)
{
    assert_int_equal(page->events.count, EVENTS);
    for (int i = 0; i < EVENTS; i += EVENTS - 1) {
        char start[64];
        const caws_logs_output_log_event *event = &page->events.items[i];
        int length = snprintf(start, sizeof(start), "event %d \"quoted\" ", i);
        assert_int_equal(event->timestamp.value, first_time + i);
        assert_int_equal(event->ingestion_time.value, first_time + EVENTS + i);
        assert_int_equal(strlen(event->message), MESSAGE);
        assert_memory_equal(event->message, start, (size_t)length);
        assert_int_equal(event->message[MESSAGE - 1], 'x');
    }
}

static void pages_of_10000_events(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    char scenario[64];
    snprintf(scenario, sizeof(scenario), "get-events/%d-%d", EVENTS, MESSAGE);
    caws_client *client = new_fault_client(scenario, NULL);
    const caws_logs_get_log_events_input input = {.log_group_name = "/caws/group",
                                                  .log_stream_name = "stream-1"};
    (void)state;
    figures f = begin();
    for (int i = 0; i < CALLS; i++) {
        caws_logs_get_log_events_output *out = NULL;
        if (caws_logs_get_log_events(client, &input, &out, &error) != CAWS_OK)
            fail_msg("%s: %s", error.code, error.message);
        check_page(out);
        caws_output_free(out);
        note(&f, i);
    }
    /* The body is 1.6 MB; beside it stand the tree that it is parsed to and the output. */
    check(&f, "GetLogEvents", 12 * 1024 * 1024L);
    caws_client_free(client);
}

/* A paginator holds one page, not those before. */
static void paginators_hold_one_page(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    char scenario[64];
    int count = 0;
    snprintf(scenario, sizeof(scenario), "get-events/%d-%d", EVENTS, MESSAGE);
    caws_client *client = new_fault_client(scenario, NULL);
    const caws_logs_get_log_events_input input = {.log_group_name = "/caws/group",
                                                  .log_stream_name = "stream-1"};
    const caws_logs_get_log_events_output *page = NULL;
    (void)state;
    figures f = begin();
    caws_paginator *pages = caws_logs_paginate_get_log_events(client, &input, &error);
    while (count < CALLS && caws_logs_paginate_get_log_events_next(pages, &page, &error)) {
        check_page(page);
        note(&f, count++);
    }
    assert_int_equal(count, CALLS);
    check(&f, "pages of GetLogEvents", 12 * 1024 * 1024L);
    caws_paginator_free(pages);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_of_10000_events),
        cmocka_unit_test(pages_of_10000_events),
        cmocka_unit_test(paginators_hold_one_page),
    };
    return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}

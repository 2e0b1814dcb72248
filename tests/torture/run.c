#define _GNU_SOURCE
#include "run.h"

#include <dirent.h>
#include <execinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "locks.h"
#include "trace.h"

static report *current; /* for signal handlers */

/* --- findings --- */

static void add_text(report *r, const char *format, ...)
{
    size_t used = strlen(r->text);
    va_list args;
    va_start(args, format);
    vsnprintf(r->text + used, sizeof(r->text) - used, format, args);
    va_end(args);
}

static void add_trace(report *r, const char *title, void *const *frames, size_t count)
{
    add_text(r, "  %s:\n", title);
    size_t used = strlen(r->text);
    trace_format(r->text + used, sizeof(r->text) - used, frames, count);
}

/* The first counts; the others are told. */
static void find(report *r, const char *finding, const char *text)
{
    if (r->finding[0] == '\0')
        snprintf(r->finding, sizeof(r->finding), "%s", finding);
    add_text(r, "  %s: %s\n", finding, text);
}

static void note_failure(report *r)
{
    void *const *frames = NULL;
    size_t count = memory_failure(&frames);
    snprintf(r->caller, sizeof(r->caller), "%s", trace_caller(frames, count));
    if (r->finding[0] != '\0')
        add_trace(r, "the allocation that failed", frames, count);
}

/* A crash, or no end. */
static void on_signal(int number)
{
    void *frames[MEMORY_FRAMES];
    report *r = current;
    char text[128];
    snprintf(text, sizeof(text), "signal %d%s%s", number, memory_misuse() != NULL ? ", " : "",
             memory_misuse() != NULL ? memory_misuse() : "");
    memory_pause();
    find(r, number == SIGALRM ? "no end" : "crash", text);
    add_trace(r, "there", frames, (size_t)backtrace(frames, MEMORY_FRAMES));
    r->failed = memory_has_failed();
    note_failure(r);
    r->finished = true;
    _exit(0);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM, SIGPIPE};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        (void)signal(numbers[i], on_signal);
    (void)alarm(RUN_SECONDS);
}

/* --- steps --- */

static const char *step_named_as(const life *l, const char *step)
{
    size_t length = strcspn(step, ":") + 1;
    for (size_t i = 0; i < l->step_count; i++)
        if (strncmp(l->steps[i], step, length) == 0)
            return l->steps[i];
    return NULL;
}

static bool is_no_memory(const char *step)
{
    return strncmp(step + strcspn(step, ":"), ": OutOfMemory OutOfMemory ", 26) == 0;
}

/* Each step is as without the failure, or for lack of memory; none is missing but those that such a
 * step stands in front of. */
static void compare(report *r, const life *l, const life *baseline)
{
    bool shortened = false;
    for (size_t i = 0; i < l->step_count; i++) {
        const char *wanted = step_named_as(baseline, l->steps[i]);
        if (is_no_memory(l->steps[i])) {
            r->no_memory = true;
            shortened = shortened || wanted == NULL;
        } else if (wanted == NULL || strcmp(wanted, l->steps[i]) != 0) {
            find(r, "wrong result", l->steps[i]);
        }
    }
    for (size_t i = 0; i < baseline->step_count; i++)
        if (!shortened && step_named_as(l, baseline->steps[i]) == NULL)
            find(r, "missing result", baseline->steps[i]);
}

/* The same again with all the memory there is. */
static void check_usable(report *r, const scenario *s, caws_client *client, const report *baseline)
{
    static life again;
    char text[LIFE_TEXT];
    again = (life){.client = client, .run = r->life.run};
    s->body(&again);
    for (size_t i = 0; i < again.step_count; i++) {
        const char *wanted = step_named_as(&baseline->life, again.steps[i]);
        if (wanted == NULL || strcmp(wanted, again.steps[i]) != 0)
            find(r, "unusable", again.steps[i]);
    }
    if (baseline->calls_well && !scenario_call_well(client, text, sizeof(text)))
        find(r, "unusable", text);
}

static void check_new_client(report *r, const scenario *s, const report *baseline)
{
    static life fresh;
    fresh = (life){.run = r->life.run};
    fresh.client = scenario_client(s, &fresh);
    if (fresh.client != NULL)
        check_usable(r, s, fresh.client, baseline);
    else if (baseline->life.step_count != 1 || strcmp(fresh.steps[0], baseline->life.steps[0]) != 0)
        find(r, "unusable", fresh.steps[0]);
    caws_client_free(fresh.client);
}

/* --- what is left --- */

typedef struct left {
    report *report;
    size_t blocks;
    size_t bytes;
} left;

static void count_left(void *context, size_t size, void *const *frames, size_t count)
{
    enum { SHOWN = 4 };
    left *sum = context;
    sum->blocks++;
    sum->bytes += size;
    if (count > 0 && sum->blocks <= SHOWN) {
        char title[64];
        snprintf(title, sizeof(title), "left: %zu bytes from", size);
        add_trace(sum->report, title, frames, count);
    }
}

static void check_left(report *r)
{
    left sum = {.report = r};
    char text[64];
    memory_each_live(count_left, &sum);
    snprintf(text, sizeof(text), "%zu blocks, %zu bytes", sum.blocks, sum.bytes);
    if (sum.blocks > 0)
        find(r, "leak", text);
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

/* libcurl's, which look up names and which it does not wait for. */
static void wait_for_threads(void)
{
    for (int i = 0; i < 500; i++) {
        int count = 0;
        DIR *folder = opendir("/proc/self/task");
        for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
            count += entry->d_name[0] != '.';
        if (folder != NULL)
            closedir(folder);
        if (count == 1)
            return;
        (void)usleep(10000);
    }
}

/* --- the run --- */

void run_set_environment(const scenario *s, unsigned run)
{
    for (size_t i = 0; s->variables[i] != NULL; i++) {
        char text[512];
        scenarios_fill(text, sizeof(text), s->variables[i], run);
        char *value = strchr(text, '=');
        *value = '\0';
        (void)setenv(text, value + 1, 1);
    }
}

void run_warm_up(const scenario *s, unsigned run)
{
    static life l;
    for (int i = 0; i < 2; i++) {
        l = (life){.run = run};
        run_set_environment(s, run);
        l.client = scenario_client(s, &l);
        if (l.client != NULL)
            s->body(&l);
        caws_client_free(l.client);
    }
    OPENSSL_thread_stop();
}

/* Returns whether an allocation failed only when the client was freed. */
static bool live(report *r, const scenario *s, const report *baseline)
{
    char text[LIFE_TEXT];
    life *l = &r->life;
    l->client = scenario_client(s, l);
    r->created = memory_count();
    if (l->client != NULL)
        s->body(l);
    memory_pause();
    if (baseline == NULL && l->client != NULL)
        r->calls_well = scenario_call_well(l->client, text, sizeof(text));
    if (baseline != NULL)
        compare(r, l, &baseline->life);
    if (baseline != NULL && l->client != NULL && memory_has_failed())
        check_usable(r, s, l->client, baseline);
    bool early = memory_has_failed();
    memory_resume();
    caws_client_free(l->client);
    memory_pause();
    return memory_has_failed() && !early;
}

_Noreturn void run_child(const scenario *s, unsigned run, const memory_plan *plan,
                         const report *baseline, report *r)
{
    current = r;
    *r = (report){.life = {.run = run}};
    run_set_environment(s, run);
    locks_init();
    catch_signals();
    int descriptors = open_descriptors();
    long held = locks_held();
    memory_begin(plan);
    bool late = live(r, s, baseline);
    r->count = memory_count();
    r->failed = memory_has_failed();
    if (r->failed && (late || r->life.client == NULL))
        check_new_client(r, s, baseline);
    if (open_descriptors() != descriptors)
        find(r, "descriptor", "one is left open");
    if (locks_held() != held)
        find(r, "lock", "one is held");
    wait_for_threads();
    /* What stays beyond this is nobody's any more. */
    OPENSSL_thread_stop();
    OPENSSL_cleanup();
    check_left(r);
    note_failure(r);
    r->finished = true;
    _exit(0);
}

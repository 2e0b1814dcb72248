/*
 * Many calls at once in one thread, driven by an event loop of the program's own: Linux's epoll.
 *
 *     epoll COUNT [PREFIX]
 *
 * asks COUNT times at once for the log groups whose names begin with PREFIX and another letter each
 * time, and prints what came, in the order of the answers. Region, credentials and endpoint come
 * from the environment. Exit status: 0 done, 1 a call failed, 2 wrong usage.
 */
#define _POSIX_C_SOURCE 200809L

#include <caws/logs.h>
#include <caws/loop.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CALLS = 100000, EVENTS_A_TURN = 64 };

/* What a program has anyway: a poller and a timer. */
typedef struct event_loop {
    int epoll;
    int64_t timer_ms; /* when it runs out; -1: it is off */
} event_loop;

typedef struct totals {
    int left;
    int failed;
} totals;

typedef struct question {
    totals *totals;
    char prefix[64];
} question;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- between caws and epoll --- */

static void watch(void *context, int socket, int events)
{
    const event_loop *loop = context;
    struct epoll_event event = {.data.fd = socket};
    if ((events & CAWS_WATCH_IN) != 0)
        event.events |= EPOLLIN;
    if ((events & CAWS_WATCH_OUT) != 0)
        event.events |= EPOLLOUT;
    if (events == CAWS_WATCH_NONE)
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
    else if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, socket, &event) != 0 &&
             epoll_ctl(loop->epoll, EPOLL_CTL_ADD, socket, &event) != 0)
        perror("epoll_ctl"); /* the call ends by its timeout */
}

static void set_timer(void *context, int64_t timeout_ms)
{
    event_loop *loop = context;
    loop->timer_ms = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
}

static int happened(uint32_t events)
{
    int told = 0;
    if ((events & EPOLLIN) != 0)
        told |= CAWS_WATCH_IN;
    if ((events & EPOLLOUT) != 0)
        told |= CAWS_WATCH_OUT;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        told |= CAWS_WATCH_ERROR;
    return told;
}

static void turn(event_loop *loop, caws_loop *calls)
{
    struct epoll_event events[EVENTS_A_TURN];
    int64_t wait_ms = -1;
    if (loop->timer_ms >= 0) {
        wait_ms = loop->timer_ms - now_ms();
        if (wait_ms < 0)
            wait_ms = 0;
        if (wait_ms > 60000)
            wait_ms = 60000;
    }
    int count = epoll_wait(loop->epoll, events, EVENTS_A_TURN, (int)wait_ms);
    for (int i = 0; i < count; i++) /* the program's own sockets would be here too */
        caws_loop_act(calls, events[i].data.fd, happened(events[i].events));
    if (loop->timer_ms >= 0 && now_ms() >= loop->timer_ms) {
        loop->timer_ms = -1;
        caws_loop_act(calls, CAWS_LOOP_TIMER, 0);
    }
}

/* --- the calls --- */

static void print_answer(void *context, void *output, const caws_error *error)
{
    const question *q = context;
    const caws_logs_describe_log_groups_output *out = output;
    q->totals->left--;
    if (error->status != CAWS_OK) {
        q->totals->failed++;
        printf("%s*: %s: %s\n", q->prefix, error->code, error->message);
        return;
    }
    printf("%s*: %zu groups\n", q->prefix, out->log_groups.count);
    caws_output_free(output);
}

/* Input is borrowed for the start alone; what the callback needs lives longer. */
static bool start(caws_loop *calls, question *q, caws_error *error)
{
    const caws_logs_describe_log_groups_input input = {.log_group_name_prefix = q->prefix};
    if (caws_loop_start(calls, &caws_operation_logs_describe_log_groups, &input, NULL, print_answer,
                        q, error) != NULL)
        return true;
    fprintf(stderr, "%s*: %s: %s\n", q->prefix, error->code, error->message);
    return false;
}

static int ask(event_loop *loop, caws_loop *calls, const char *prefix, int count, caws_error *error)
{
    totals all = {0, 0};
    question *questions = calloc((size_t)count, sizeof(*questions));
    if (questions == NULL)
        return 1;
    for (int i = 0; i < count; i++) {
        questions[i].totals = &all;
        snprintf(questions[i].prefix, sizeof(questions[i].prefix), "%.60s%c", prefix, 'a' + i % 26);
        if (start(calls, &questions[i], error))
            all.left++;
        else
            all.failed++;
    }
    while (all.left > 0)
        turn(loop, calls);
    printf("%d calls, %d failed\n", count, all.failed);
    free(questions);
    return all.failed > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    long count = argc == 2 || argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    if (count < 1 || count > MOST_CALLS) {
        fputs("usage: epoll COUNT [PREFIX]\n", stderr);
        return 2;
    }

    int result = 1;
    caws_error error = CAWS_ERROR_INIT;
    event_loop loop = {.epoll = epoll_create1(EPOLL_CLOEXEC), .timer_ms = -1};
    const caws_loop_options options = {.watch = watch, .set_timer = set_timer, .context = &loop};
    caws_client *client = caws_client_new(NULL, &error);
    caws_loop *calls = client != NULL ? caws_loop_new(client, &options, &error) : NULL;
    if (loop.epoll < 0)
        perror("epoll_create1");
    else if (calls == NULL)
        fprintf(stderr, "%s: %s\n", error.code, error.message);
    else
        result = ask(&loop, calls, argc == 3 ? argv[2] : "", (int)count, &error);

    caws_loop_free(calls);
    caws_client_free(client);
    caws_error_clear(&error);
    if (loop.epoll >= 0)
        close(loop.epoll);
    return result;
}

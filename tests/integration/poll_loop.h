/* An event loop of a program's own, over poll(2), with good manners or bad ones. */
#ifndef POLL_LOOP_H
#define POLL_LOOP_H

#include <poll.h>

#include "loop_calls.h"

enum { MAX_SOCKETS = 512, A_WHILE_MS = 20000 };

/* What an event loop may do to a caws_loop. */
typedef enum manners {
    POLITE = 0,
    SPURIOUS = 1, /* acts for nothing: timer before its time, sockets without events, others' */
    LATE = 2,     /* the timer runs out 40 ms late */
    NOISY = 4     /* what has happened is told with more than that */
} manners;

typedef struct driver {
    caws_loop *loop;
    int manners;
    struct pollfd items[MAX_SOCKETS];
    nfds_t count;
    int64_t timer_ms; /* INT64_MAX: off */
    bool within;      /* the loop calls */
    int acts;
    int timer_acts;
} driver;

static inline struct pollfd *find_socket(driver *d, int socket)
{
    for (nfds_t i = 0; i < d->count; i++)
        if (d->items[i].fd == socket)
            return &d->items[i];
    return NULL;
}

static inline void watch(void *context, int socket, int events)
{
    driver *d = context;
    struct pollfd *item = find_socket(d, socket);
    assert_true(socket >= 0);
    assert_true((events & ~(CAWS_WATCH_IN | CAWS_WATCH_OUT)) == 0);
    if (events == CAWS_WATCH_NONE) {
        assert_non_null(item); /* it was watched before */
        *item = d->items[--d->count];
        return;
    }
    if (item == NULL) {
        assert_true(d->count < MAX_SOCKETS);
        item = &d->items[d->count++];
    }
    *item = (struct pollfd){.fd = socket,
                            .events = (short)(((events & CAWS_WATCH_IN) != 0 ? POLLIN : 0) |
                                              ((events & CAWS_WATCH_OUT) != 0 ? POLLOUT : 0))};
}

static inline void set_timer(void *context, int64_t timeout_ms)
{
    driver *d = context;
    assert_true(timeout_ms >= -1);
    d->timer_ms = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;
    if (timeout_ms > 0 && (d->manners & LATE) != 0)
        d->timer_ms += 40;
}

static inline driver *new_driver(caws_client *client, int manner)
{
    driver *d = calloc(1, sizeof(*d));
    assert_non_null(d);
    d->manners = manner;
    d->timer_ms = INT64_MAX;
    d->loop = new_loop(
        client, &(caws_loop_options){
                    .max_connections = 100, .watch = watch, .set_timer = set_timer, .context = d});
    return d;
}

/* Nothing may be left behind in the event loop, which lives on. */
static inline void free_driver(driver *d)
{
    caws_loop_free(d->loop);
    assert_int_equal(d->count, 0);
    assert_true(d->timer_ms == INT64_MAX);
    free(d);
}

static inline void annoy(driver *d)
{
    static const int strangers[] = {0, 1, 2, 9999, 1 << 30, -2};
    (void)caws_loop_act(d->loop, CAWS_LOOP_TIMER, 0);
    (void)caws_loop_act(d->loop, CAWS_LOOP_TIMER, CAWS_WATCH_IN);
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
        (void)caws_loop_act(d->loop, strangers[i], CAWS_WATCH_IN | CAWS_WATCH_ERROR);
    for (nfds_t i = 0; i < d->count; i++)
        (void)caws_loop_act(d->loop, d->items[i].fd, (int)(i % 4)); /* NONE, IN, OUT, both */
}

static inline void act_on_sockets(driver *d, const struct pollfd *ready, nfds_t count)
{
    for (nfds_t i = 0; i < count; i++) {
        const short what = ready[i].revents;
        if (what == 0 || find_socket(d, ready[i].fd) == NULL)
            continue;
        assert_true((what & POLLNVAL) == 0); /* it was closed, and nobody told */
        int events = ((what & POLLIN) != 0 ? CAWS_WATCH_IN : 0) |
                     ((what & POLLOUT) != 0 ? CAWS_WATCH_OUT : 0) |
                     ((what & (POLLERR | POLLHUP)) != 0 ? CAWS_WATCH_ERROR : 0);
        if ((d->manners & NOISY) != 0)
            events |= CAWS_WATCH_IN | CAWS_WATCH_OUT;
        d->acts++;
        (void)caws_loop_act(d->loop, ready[i].fd, events);
    }
}

static inline void turn(driver *d, int64_t until_ms)
{
    static struct pollfd ready[MAX_SOCKETS];
    int64_t next = d->timer_ms < until_ms ? d->timer_ms : until_ms;
    int64_t wait = next - now_ms();
    memcpy(ready, d->items, sizeof(ready));
    const nfds_t count = d->count;
    assert_true(poll(ready, count, wait > 0 ? (int)wait : 0) >= 0);
    act_on_sockets(d, ready, count);
    if (now_ms() >= d->timer_ms) {
        d->timer_ms = INT64_MAX; /* once */
        d->timer_acts++;
        (void)caws_loop_act(d->loop, CAWS_LOOP_TIMER, 0);
    }
    if ((d->manners & SPURIOUS) != 0)
        annoy(d);
}

/* Returns how many are pending, without help from the loop. */
static inline int drive(driver *d, const ending *calls, int count, int64_t most_ms)
{
    int64_t until_ms = now_ms() + most_ms;
    for (;;) {
        int pending = 0;
        for (int i = 0; i < count; i++)
            pending += calls[i].times == 0;
        if (pending == 0 || now_ms() >= until_ms)
            return pending;
        turn(d, until_ms);
    }
}

#endif

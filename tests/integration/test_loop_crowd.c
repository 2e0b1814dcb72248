/* Very many calls in one thread, in bounded memory; and loops in several threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loop_calls.h"

enum {
    CROWD = 1000,
    A_WHILE_MS = 60000,
    WAVES = 5,
    MOST_KILOBYTES_A_CALL = 64, /* connection, handle, buffers: 26 at first, 38 in the end */
    MOST_GROWTH = 2048          /* kilobytes, in the last wave; about 300 */
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

static void allow_many_files(void)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < 2 * CROWD) {
        print_message("only %llu open files are allowed\n", (unsigned long long)limit.rlim_max);
        skip();
    }
}

/* A figure of /proc/self/status in kilobytes. */
static long memory_of(const char *what)
{
    char line[256];
    long found = -1;
    FILE *file = fopen("/proc/self/status", "r");
    if (file == NULL)
        return -1;
    while (found < 0 && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, what, strlen(what)) == 0 && line[strlen(what)] == ':')
            found = strtol(line + strlen(what) + 1, NULL, 10);
    fclose(file);
    return found;
}

/* valgrind and sanitizers keep what was freed, and take their time. */
static bool is_undisturbed(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return !SANITIZED && (preloaded == NULL || strstr(preloaded, "valgrind") == NULL);
}

/* --- one thread --- */

static void start_crowd(caws_loop *loop, ending *calls, const char *path)
{
    for (int i = 0; i < CROWD; i++) {
        calls[i] = (ending){.times = 0};
        snprintf(calls[i].name, sizeof(calls[i].name), "crowd-%d", i);
        start_at(loop, &calls[i], path);
    }
}

/* The first wave takes memory, the next few what is lost between its pieces, the others nothing. */
typedef void (*drive_function)(caws_loop *loop, void *driver, const ending *calls);

static void expect_bounded_memory(caws_loop *loop, drive_function drive, void *driver,
                                  const char *label)
{
    static ending calls[CROWD];
    caws_client *observer = new_crowd_client(NULL);
    char path[64];
    int seen[3];
    long before = memory_of("VmRSS");
    long most[WAVES];
    snprintf(path, sizeof(path), "delay/1500/%s", label);
    for (int wave = 0; wave < WAVES; wave++) {
        int64_t began = now_ms();
        start_crowd(loop, calls, path);
        drive(loop, driver, calls);
        for (int i = 0; i < CROWD; i++)
            assert_ended_well(&calls[i]);
        most[wave] = memory_of("VmHWM");
        print_message("%s: %d calls of 1500 ms in %d ms; %ld kB of memory, %ld kB before\n", label,
                      CROWD, (int)(now_ms() - began), most[wave], before);
    }
    ask_what_was_seen(observer, label, seen);
    caws_client_free(observer);
    assert_int_equal(seen[2], WAVES * CROWD);
    if (!is_undisturbed())
        return;
    assert_int_equal(seen[0], CROWD);                /* a connection each, kept for the next wave */
    assert_in_range(seen[1], CROWD * 9 / 10, CROWD); /* really in flight at the same time */
    assert_in_range(most[WAVES - 1] - before, 0, CROWD * MOST_KILOBYTES_A_CALL);
    assert_in_range(most[WAVES - 1] - most[WAVES - 2], 0, MOST_GROWTH);
}

static void drive_by_run(caws_loop *loop, void *driver, const ending *calls)
{
    (void)driver;
    (void)calls;
    run_all(loop, A_WHILE_MS);
}

static void a_crowd_driven_by_run(void **state)
{
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = CROWD});
    (void)state;
    allow_many_files();
    expect_bounded_memory(loop, drive_by_run, NULL, "run");
    caws_loop_free(loop);
    caws_client_free(client);
}

typedef struct epoll_driver {
    int epoll;
    int64_t timer_ms;
    int watched;
} epoll_driver;

static void watch_by_epoll(void *context, int socket, int events)
{
    epoll_driver *d = context;
    struct epoll_event event = {.events = ((events & CAWS_WATCH_IN) != 0 ? EPOLLIN : 0u) |
                                          ((events & CAWS_WATCH_OUT) != 0 ? EPOLLOUT : 0u),
                                .data.fd = socket};
    if (events == CAWS_WATCH_NONE) {
        assert_int_equal(epoll_ctl(d->epoll, EPOLL_CTL_DEL, socket, NULL), 0);
        d->watched--;
    } else if (epoll_ctl(d->epoll, EPOLL_CTL_MOD, socket, &event) != 0) {
        assert_int_equal(epoll_ctl(d->epoll, EPOLL_CTL_ADD, socket, &event), 0);
        d->watched++;
    }
}

static void set_timer(void *context, int64_t timeout_ms)
{
    epoll_driver *d = context;
    d->timer_ms = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;
}

static void turn_epoll(caws_loop *loop, epoll_driver *d)
{
    struct epoll_event happened[64];
    int64_t wait = d->timer_ms == INT64_MAX ? 1000 : d->timer_ms - now_ms();
    int count = epoll_wait(d->epoll, happened, 64, wait > 0 ? (int)wait : 0);
    for (int i = 0; i < count; i++) {
        const uint32_t what = happened[i].events;
        (void)caws_loop_act(loop, happened[i].data.fd,
                            ((what & EPOLLIN) != 0 ? CAWS_WATCH_IN : 0) |
                                ((what & EPOLLOUT) != 0 ? CAWS_WATCH_OUT : 0) |
                                ((what & (EPOLLERR | EPOLLHUP)) != 0 ? CAWS_WATCH_ERROR : 0));
    }
    if (now_ms() >= d->timer_ms) {
        d->timer_ms = INT64_MAX;
        (void)caws_loop_act(loop, CAWS_LOOP_TIMER, 0);
    }
}

static void drive_by_epoll(caws_loop *loop, void *driver, const ending *calls)
{
    int64_t until_ms = now_ms() + A_WHILE_MS;
    int ended = 0;
    while (ended < CROWD && now_ms() < until_ms) {
        turn_epoll(loop, driver);
        while (ended < CROWD && calls[ended].times > 0)
            ended++;
    }
}

static void a_crowd_driven_by_epoll(void **state)
{
    epoll_driver d = {.epoll = epoll_create1(EPOLL_CLOEXEC), .timer_ms = INT64_MAX};
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = CROWD,
                                                            .watch = watch_by_epoll,
                                                            .set_timer = set_timer,
                                                            .context = &d});
    (void)state;
    allow_many_files();
    expect_bounded_memory(loop, drive_by_epoll, &d, "epoll");
    caws_loop_free(loop);
    assert_int_equal(d.watched, 0);
    assert_true(d.timer_ms == INT64_MAX);
    close(d.epoll);
    caws_client_free(client);
}

/* Far more calls than connections: none is forgotten. */
static void a_crowd_over_few_connections(void **state)
{
    static ending calls[CROWD];
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = 8});
    int seen[3];
    (void)state;
    start_crowd(loop, calls, "delay/1/few");
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < CROWD; i++)
        assert_ended_well(&calls[i]);
    ask_what_was_seen(client, "few", seen);
    assert_int_equal(seen[0], 8);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void a_crowd_is_freed(void **state)
{
    static ending calls[CROWD];
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = CROWD});
    (void)state;
    allow_many_files();
    start_crowd(loop, calls, "silent");
    assert_int_equal(caws_loop_run(loop, 500), CROWD);
    int64_t began = now_ms();
    caws_loop_free(loop);
    assert_in_range(now_ms() - began, 0, 5000);
    for (int i = 0; i < CROWD; i++)
        assert_ended(&calls[i], CAWS_ERROR_CANCELLED);
    caws_client_free(client);
}

/* --- several threads --- */

typedef struct waker {
    caws_loop *loop;
    atomic_bool stop;
    atomic_int times;
} waker;

static void *wake_once(void *context)
{
    waker *w = context;
    sleep_ms(200);
    atomic_fetch_add(&w->times, 1);
    caws_loop_wake(w->loop);
    return NULL;
}

static void *wake_often(void *context)
{
    waker *w = context;
    while (!atomic_load(&w->stop)) {
        atomic_fetch_add(&w->times, 1);
        caws_loop_wake(w->loop);
    }
    return NULL;
}

static void other_threads_wake_a_loop(void **state)
{
    ending silent = {0};
    pthread_t thread;
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    waker w = {.loop = loop};
    (void)state;
    start_at(loop, &silent, "silent");
    assert_int_equal(pthread_create(&thread, NULL, wake_once, &w), 0);
    int64_t began = now_ms();
    assert_int_equal(caws_loop_run(loop, -1), 1);
    assert_in_range(now_ms() - began, 150, 1500);
    pthread_join(thread, NULL);
    assert_int_equal(silent.times, 0);

    /* One that came before the run counts; it counts once. */
    caws_loop_wake(loop);
    caws_loop_wake(loop);
    began = now_ms();
    assert_int_equal(caws_loop_run(loop, 5000), 1);
    assert_in_range(now_ms() - began, 0, 1000);
    assert_int_equal(caws_loop_run(loop, 200), 1);
    assert_in_range(now_ms() - began, 200, 2000);

    /* Any number of them does no harm. */
    ending calls[50] = {0};
    for (int i = 0; i < 50; i++)
        start_at(loop, &calls[i], "delay/200");
    assert_int_equal(pthread_create(&thread, NULL, wake_often, &w), 0);
    began = now_ms();
    while (caws_loop_run(loop, 1000) > 1 && now_ms() - began < A_WHILE_MS)
        continue;
    atomic_store(&w.stop, true);
    pthread_join(thread, NULL);
    for (int i = 0; i < 50; i++)
        assert_ended_well(&calls[i]);
    caws_loop_free(loop);
    assert_ended(&silent, CAWS_ERROR_CANCELLED);
    caws_client_free(client);
}

/* cmocka's asserts belong to the main thread: the others count. */
typedef struct worker {
    caws_client *client;
    pthread_t thread;
    int rounds;
    int good;
    int bad;
} worker;

enum { CALLS_A_ROUND = 30 };

static void count_end(void *context, void *output, const caws_error *error)
{
    worker *w = context;
    if (error->status == CAWS_OK && output != NULL)
        w->good++;
    else
        w->bad++;
    caws_output_free(output);
}

static void *work_with_a_loop(void *context)
{
    worker *w = context;
    const caws_logs_create_export_task_input input = valid_input();
    for (int round = 0; round < w->rounds; round++) {
        caws_loop *loop = caws_loop_new(w->client, NULL, NULL);
        for (int i = 0; i < CALLS_A_ROUND; i++)
            if (caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, NULL,
                                count_end, w, NULL) == NULL)
                w->bad++;
        if (caws_loop_run(loop, A_WHILE_MS) != 0)
            w->bad++;
        caws_loop_free(loop);
    }
    return NULL;
}

static void *work_by_waiting(void *context)
{
    worker *w = context;
    const caws_logs_create_export_task_input input = valid_input();
    for (int i = 0; i < w->rounds * CALLS_A_ROUND; i++) {
        caws_logs_create_export_task_output *out = NULL;
        caws_error error = CAWS_ERROR_INIT;
        (void)caws_call_with(w->client, &caws_operation_logs_create_export_task, &input, NULL, &out,
                             &error);
        count_end(w, out, &error);
        caws_error_clear(&error);
    }
    return NULL;
}

static void threads_share_a_client(void **state)
{
    enum { THREADS = 6 };
    worker workers[THREADS];
    caws_client *client = new_crowd_client(&(caws_client_options){.max_attempts = 3});
    caws_client_counters counters;
    (void)state;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.client = client, .rounds = 5};
        assert_int_equal(pthread_create(&workers[i].thread, NULL,
                                        i % 3 == 2 ? work_by_waiting : work_with_a_loop,
                                        &workers[i]),
                         0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].bad, 0);
        assert_int_equal(workers[i].good, 5 * CALLS_A_ROUND);
    }
    caws_client_count(client, &counters);
    assert_int_equal(counters.calls, THREADS * 5 * CALLS_A_ROUND);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crowd_driven_by_run),        cmocka_unit_test(a_crowd_driven_by_epoll),
        cmocka_unit_test(a_crowd_over_few_connections), cmocka_unit_test(a_crowd_is_freed),
        cmocka_unit_test(other_threads_wake_a_loop),    cmocka_unit_test(threads_share_a_client),
    };
    /* One at a time: the high-water mark of memory is that of all tests before. */
    if (getenv("CAWS_TEST_FILTER") != NULL)
        cmocka_set_test_filter(getenv("CAWS_TEST_FILTER"));
    return cmocka_run_group_tests_name("loop crowd", tests, NULL, NULL);
}

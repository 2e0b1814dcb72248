/*
 * Calls for a long time, and looks whether anything grows:
 *
 *     soak CALLS URL
 *
 * In each of ROUNDS rounds threads that wait for their calls and a loop that does not share one
 * client, whose credentials expire; the server answers well, with errors, half, or not at all, as
 * soak.py has set it up. Between the rounds nothing is in flight: what is in use then must not grow
 * once the first rounds are over. Prints a line a round. The exit status is 1 if a call ended
 * otherwise than it should, or something grew.
 */
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <caws/logs.h>
#include <caws/loop.h>

enum {
    ROUNDS = 20,
    FIRST_ROUNDS = 5, /* in which memory and connections come to be */
    WAITERS = 4,
    FLIGHT = 100,
    CREDENTIALS_LIFE = 1,
    HEAP_SLACK = 512 * 1024, /* bytes: some 100 connections are open or not, of 3 KB each */
    RSS_SLACK = 4 * 1024     /* KiB: freed memory is not always given back */
};

typedef struct scenario {
    const char *path;
    int weight; /* of 1,000 calls */
    caws_status status;
    const char *code; /* NULL: whatever it is */
    int max_attempts;
    int deadline_ms;
} scenario;

static const scenario scenarios[] = {
    {"", 880, CAWS_OK, NULL, 1, 0},
    {"large", 20, CAWS_OK, NULL, 1, 0},
    {"500", 30, CAWS_ERROR_SERVICE, "InternalFailure", 1, 0},
    {"500", 4, CAWS_ERROR_SERVICE, "InternalFailure", 2, 0},
    {"throttle", 20, CAWS_ERROR_SERVICE, "ThrottlingException", 1, 0},
    {"throttle", 1, CAWS_ERROR_SERVICE, "ThrottlingException", 2, 0},
    {"refuse", 10, CAWS_ERROR_SERVICE, "ResourceNotFoundException", 3, 0},
    {"reset", 15, CAWS_ERROR_CONNECTION, NULL, 1, 0},
    {"reset", 2, CAWS_ERROR_CONNECTION, NULL, 2, 0},
    {"expired", 2, CAWS_ERROR_SERVICE, "ExpiredTokenException", 2, 0},
    {"garbage", 10, CAWS_ERROR_RESPONSE_MALFORMED, NULL, 1, 0},
    {"drip", 2, CAWS_ERROR_TIMEOUT, NULL, 1, 20},
    {"cancel", 2, CAWS_ERROR_CANCELLED, NULL, 1, 0}, /* a drip, too */
    {"invalid", 2, CAWS_ERROR_INVALID_INPUT, NULL, 1, 0},
};

enum { SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]) };

typedef struct soak {
    caws_client *client;
    caws_loop *loop;
    char urls[SCENARIOS][256];
    atomic_long refreshes;
    atomic_long wrong; /* calls that ended otherwise than their scenario has it */
    long per_driver;   /* calls of a round: of each waiter, and WAITERS times that of the loop */
    long left;         /* for the loop to start */
    uint32_t random;
} soak;

typedef struct flown {
    soak *owner;
    const scenario *scenario;
} flown;

/* xorshift: the same calls in every run. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static const scenario *choose(uint32_t *state)
{
    int at = (int)(next_random(state) % 1000);
    const scenario *s = scenarios;
    while (at >= s->weight) {
        at -= s->weight;
        s++;
    }
    return s;
}

static caws_logs_create_export_task_input input_of(const scenario *s)
{
    return (caws_logs_create_export_task_input){
        .log_group_name = strcmp(s->path, "invalid") == 0 ? NULL : "my-log-group",
        .from = caws_i64(1441490400000),
        .to = caws_i64(1441494000000),
        .destination = "my-exported-logs",
    };
}

static bool stop_at_once(void *context)
{
    (void)context;
    return false;
}

static caws_call_options options_of(const soak *k, const scenario *s)
{
    return (caws_call_options){.endpoint_url = k->urls[s - scenarios],
                               .max_attempts = s->max_attempts,
                               .deadline_ms = s->deadline_ms,
                               .keep_going =
                                   s->status == CAWS_ERROR_CANCELLED ? stop_at_once : NULL};
}

static void check(soak *k, const scenario *s, const caws_error *error)
{
    if (error->status == s->status && (s->code == NULL || strcmp(error->code, s->code) == 0))
        return;
    if (atomic_fetch_add(&k->wrong, 1) < 20)
        fprintf(stderr, "soak: /%s: %s: %s\n", s->path, error->code, error->message);
}

/* Not the same twice, so that signing keys come and go too. */
static bool give_credentials(void *context, caws_provided_credentials *credentials)
{
    static _Thread_local char secret[64];
    soak *k = context;
    long number = atomic_fetch_add(&k->refreshes, 1);
    snprintf(secret, sizeof(secret), "secret-%ld", number);
    credentials->credentials = (caws_credentials){"AKIDEXAMPLE", secret, "token"};
    credentials->expires = (int64_t)time(NULL) + CREDENTIALS_LIFE;
    return true;
}

typedef struct waiter {
    pthread_t thread;
    soak *owner;
    uint32_t random;
} waiter;

static void *wait_for_calls(void *context)
{
    waiter *w = context;
    soak *k = w->owner;
    caws_error error = CAWS_ERROR_INIT;
    for (long i = 0; i < k->per_driver; i++) {
        const scenario *s = choose(&w->random);
        caws_logs_create_export_task_input input = input_of(s);
        caws_call_options options = options_of(k, s);
        caws_logs_create_export_task_output *output = NULL;
        (void)caws_call_with(k->client, &caws_operation_logs_create_export_task, &input, &options,
                             &output, &error);
        check(k, s, &error);
        caws_output_free(output);
    }
    caws_error_clear(&error);
    return NULL;
}

static void start_next(soak *k);

static void done(void *context, void *output, const caws_error *error)
{
    flown *call = context;
    caws_output_free(output);
    check(call->owner, call->scenario, error);
    start_next(call->owner);
    free(call);
}

/* Until one has been started, for those that fail at once have no callback. */
static void start_next(soak *k)
{
    caws_error error = CAWS_ERROR_INIT;
    bool started = false;
    while (!started && k->left > 0) {
        const scenario *s = choose(&k->random);
        caws_logs_create_export_task_input input = input_of(s);
        caws_call_options options = options_of(k, s);
        flown *call = malloc(sizeof(*call));
        if (call == NULL)
            abort();
        *call = (flown){k, s};
        k->left--;
        started = caws_loop_start(k->loop, &caws_operation_logs_create_export_task, &input,
                                  &options, done, call, &error) != NULL;
        if (!started) {
            check(k, s, &error);
            free(call);
        }
    }
    caws_error_clear(&error);
}

/* A client of its own, made and freed, with one call each way. */
static void come_and_go(soak *k)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.region = "us-east-1",
                                         .endpoint_url = k->urls[0],
                                         .credentials_callback = give_credentials,
                                         .credentials_context = k};
    soak own = *k;
    own.client = caws_client_new(&options, &error);
    own.loop = caws_loop_new(own.client, NULL, &error);
    own.per_driver = 1;
    own.left = 1;
    waiter w = {.owner = &own, .random = k->random};
    (void)wait_for_calls(&w);
    start_next(&own);
    while (caws_loop_run(own.loop, 1000) > 0)
        ;
    caws_loop_free(own.loop);
    caws_client_free(own.client);
    caws_error_clear(&error);
    atomic_store(&k->refreshes, atomic_load(&own.refreshes));
    atomic_fetch_add(&k->wrong, atomic_load(&own.wrong) - atomic_load(&k->wrong));
}

static void run_round(soak *k, int round)
{
    waiter waiters[WAITERS];
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] =
            (waiter){.owner = k, .random = (uint32_t)(round * WAITERS + i + 1) * 2654435761U};
        if (pthread_create(&waiters[i].thread, NULL, wait_for_calls, &waiters[i]) != 0)
            abort();
    }
    k->left = k->per_driver * WAITERS;
    for (int i = 0; i < FLIGHT; i++)
        start_next(k);
    while (caws_loop_run(k->loop, 1000) > 0)
        ;
    for (int i = 0; i < WAITERS; i++)
        (void)pthread_join(waiters[i].thread, NULL);
    for (int i = 0; i < 20; i++)
        come_and_go(k);
}

typedef struct usage {
    size_t heap; /* bytes in use */
    long rss;    /* KiB */
    int fds;
} usage;

static usage measure(void)
{
    char line[256];
    usage u = {.fds = -3}; /* ".", ".." and the folder itself */
    struct mallinfo2 info = mallinfo2();
    u.heap = info.uordblks + info.hblkhd;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        (void)sscanf(line, "VmRSS: %ld", &u.rss);
    if (file != NULL)
        (void)fclose(file);
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL)
        u.fds++;
    if (folder != NULL)
        (void)closedir(folder);
    return u;
}

static void print_line(const soak *k, usage u)
{
    caws_client_counters c;
    caws_client_count(k->client, &c);
    printf("%9llu %9.1f %9.1f %5d %9llu %9llu %9llu %9llu %9llu %9ld\n",
           (unsigned long long)c.calls, (double)u.rss / 1024, (double)u.heap / 1024 / 1024, u.fds,
           (unsigned long long)c.failures,
           (unsigned long long)(c.retries_throttling + c.retries_server + c.retries_transport),
           (unsigned long long)c.retries_credentials, (unsigned long long)c.connections_opened,
           (unsigned long long)c.connections_reused, atomic_load(&k->refreshes));
    (void)fflush(stdout);
}

/* The most of the first rounds is what the later ones may use. */
static bool run(soak *k)
{
    usage most = {0};
    bool grew = false;
    printf("%9s %9s %9s %5s %9s %9s %9s %9s %9s %9s\n", "calls", "RSS MiB", "heap MiB", "fds",
           "failures", "retries", "renewals", "opened", "reused", "refreshes");
    for (int round = 0; round < ROUNDS; round++) {
        run_round(k, round);
        usage u = measure();
        print_line(k, u);
        if (round < FIRST_ROUNDS) {
            most.heap = u.heap > most.heap ? u.heap : most.heap;
            most.rss = u.rss > most.rss ? u.rss : most.rss;
        }
        if (round >= FIRST_ROUNDS &&
            (u.heap > most.heap + HEAP_SLACK || u.rss > most.rss + RSS_SLACK))
            grew = true;
        /* A pair and a connection each loop: the waiters', the one of many, no others. */
        if (u.fds > 3 + 3 * WAITERS + 2 + FLIGHT + 8)
            grew = true;
    }
    if (grew)
        fputs("soak: memory or file descriptors have grown\n", stderr);
    if (atomic_load(&k->wrong) > 0)
        fprintf(stderr, "soak: %ld calls ended otherwise than they should\n",
                atomic_load(&k->wrong));
    return !grew && atomic_load(&k->wrong) == 0;
}

int main(int argc, char **argv)
{
    static soak k = {.random = 1};
    long calls = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    if (calls < 1) {
        fputs("usage: soak CALLS URL\n", stderr);
        return 2;
    }
    for (int i = 0; i < SCENARIOS; i++)
        snprintf(k.urls[i], sizeof(k.urls[i]), "%s%s", argv[2], scenarios[i].path);
    k.per_driver = (calls + ROUNDS * WAITERS * 2 - 1) / (ROUNDS * WAITERS * 2);
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.region = "us-east-1",
                                         .endpoint_url = k.urls[0],
                                         .credentials_callback = give_credentials,
                                         .credentials_context = &k};
    k.client = caws_client_new(&options, &error);
    k.loop = caws_loop_new(k.client, NULL, &error);
    bool ok = k.loop != NULL && run(&k);
    caws_loop_free(k.loop);
    caws_client_free(k.client);
    caws_error_clear(&error);
    return !ok;
}

/*
 * 16 threads share a client while credentials run out, are called expired, and answers fail; for
 * test_threads.py, which builds all of it with ThreadSanitizer and starts the servers.
 *
 *     threads_driver SECONDS
 *
 * Prints the client's counters. Status 1: a call ended in a way that it should not.
 */
#define _GNU_SOURCE /* syscall */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <caws/logs/create_export_task.h>
#include <caws/loop.h>

enum {
    THREADS = 16,
    BATCH = 8,   /* calls at a time of a thread that has a loop */
    SPEED = 1000 /* of the date: credentials are due in fractions of a second */
};

static atomic_bool over;
static atomic_int good;
static atomic_int bad;
static atomic_int cancelled;
static struct timespec began;

/* The whole process has it. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    long result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME && began.tv_sec != 0) {
        int64_t ms = (now->tv_sec - began.tv_sec) * 1000 + (now->tv_nsec - began.tv_nsec) / 1000000;
        now->tv_sec = began.tv_sec + ms * SPEED / 1000;
    }
    return (int)result;
}

static void check(const caws_logs_create_export_task_output *output, const caws_error *error)
{
    bool ok = error->status == CAWS_OK && output != NULL &&
              strncmp(output->task_id, "AKIDCONTAINER", 13) == 0;
    bool expected = error->status == CAWS_ERROR_CANCELLED ||
                    error->status == CAWS_ERROR_CONNECTION || error->http_status >= 500 ||
                    strcmp(error->code, "ExpiredTokenException") == 0;
    atomic_fetch_add(ok ? &good : error->status == CAWS_ERROR_CANCELLED ? &cancelled : &bad, 1);
    if (!ok && !expected) {
        fprintf(stderr, "%s: %s\n", error->code, error->message);
        exit(1);
    }
}

static const caws_logs_create_export_task_input input = {
    .log_group_name = "group",
    .from = {true, 1},
    .to = {true, 2},
    .destination = "bucket",
};

static bool sometimes(void *context)
{
    unsigned *asked = context;
    return ++*asked % 97 != 0;
}

/* Calls that wait, now and then given up. */
static void *call_and_wait(void *context)
{
    unsigned asked = 0;
    const caws_call_options options = {.keep_going = sometimes, .context = &asked};
    while (!atomic_load(&over)) {
        caws_error error = CAWS_ERROR_INIT;
        caws_logs_create_export_task_output *output = NULL;
        caws_call_with(context, &caws_operation_logs_create_export_task, &input, &options, &output,
                       &error);
        check(output, &error);
        caws_output_free(output);
        caws_error_clear(&error);
    }
    return NULL;
}

static void done(void *context, void *output, const caws_error *error)
{
    (void)context;
    check(output, error);
    caws_output_free(output);
}

/* Calls in a loop, of which every other batch is left before its end. */
static void *call_in_loop(void *context)
{
    for (int batch = 0; !atomic_load(&over); batch++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_loop *loop = caws_loop_new(context, NULL, &error);
        for (int i = 0; loop != NULL && i < BATCH; i++)
            caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, NULL, done, NULL,
                            &error);
        while (loop != NULL && caws_loop_run(loop, 20) > 0 && batch % 2 == 0)
            ;
        caws_loop_free(loop);
        caws_error_clear(&error);
    }
    return NULL;
}

static void ignore_setting(void *context, const char *name, const char *value, const char *source)
{
    *(size_t *)context += strlen(name) + strlen(value) + strlen(source);
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    caws_client_counters counters;
    size_t told = 0;
    caws_error error = CAWS_ERROR_INIT;
    int ticks = argc > 1 ? atoi(argv[1]) * 50 : 0;
    clock_gettime(CLOCK_REALTIME, &began);
    caws_client *client = caws_client_new(NULL, &error);
    if (client == NULL)
        return 1;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, i % 4 == 3 ? call_in_loop : call_and_wait, client) !=
            0)
            return 1;
    for (; ticks > 0; ticks--) {
        nanosleep(&(struct timespec){0, 20000000}, NULL);
        caws_client_describe(client, ignore_setting, &told);
        caws_client_count(client, &counters);
    }
    atomic_store(&over, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    caws_client_count(client, &counters);
    printf("good=%d bad=%d cancelled=%d retries_server=%d retries_transport=%d "
           "retries_credentials=%d\n",
           atomic_load(&good), atomic_load(&bad), atomic_load(&cancelled),
           (int)counters.retries_server, (int)counters.retries_transport,
           (int)counters.retries_credentials);
    caws_client_free(client);
    caws_error_clear(&error);
    return 0;
}

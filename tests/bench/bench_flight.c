/*
 * Times calls of which many are in flight on one thread: each that ends starts the next.
 *
 *     bench_flight caws|bare COUNT URL FLIGHT
 *
 * caws: on one caws_loop. bare: handles of libcurl's in one multi handle, driven by
 * curl_multi_perform and curl_multi_poll. A connection each. Prints CPU and wall time per call in
 * microseconds, and the most memory in KiB.
 */
#include <caws/loop.h>

#include "caws_side.h"
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct flight {
    caws_loop *loop;
    long left; /* to be started */
    bool failed;
} flight;

static void start_next(flight *f);

static void done(void *context, void *output, const caws_error *error)
{
    flight *f = context;
    caws_output_free(output);
    if (!is_well(error))
        f->failed = true;
    else
        start_next(f);
}

static void start_next(flight *f)
{
    caws_error error = CAWS_ERROR_INIT;
    if (f->left > 0 && caws_loop_start(f->loop, &caws_operation_logs_create_export_task,
                                       &task_input, NULL, done, f, &error) == NULL)
        f->failed = !is_well(&error);
    f->left--;
    caws_error_clear(&error);
}

static bool fly_caws(const char *url, long count, long most)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_loop_options options = {.max_connections = (int32_t)most};
    caws_client *client = new_client(url, &error);
    flight f = {.loop = client != NULL ? caws_loop_new(client, &options, &error) : NULL,
                .left = count};
    bool ok = is_well(&error);
    for (long i = 0; ok && i < most; i++)
        start_next(&f);
    while (ok && !f.failed && caws_loop_run(f.loop, 1000) > 0)
        ;
    caws_loop_free(f.loop);
    caws_client_free(client);
    caws_error_clear(&error);
    return ok && !f.failed;
}

/* Of the transfers that have ended. Returns false if one has failed. */
static bool restart_ended(CURLM *multi, long *left)
{
    int queued = 0;
    for (const CURLMsg *message; (message = curl_multi_info_read(multi, &queued)) != NULL;) {
        bare *side = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&side);
        curl_multi_remove_handle(multi, side->curl);
        side->length = 0;
        if (code != CURLE_OK)
            return false;
        if (*left > 0)
            curl_multi_add_handle(multi, side->curl);
        (*left)--;
    }
    return true;
}

static bool fly_bare(const char *url, long count, long most)
{
    CURLM *multi = curl_multi_init();
    bare *sides = calloc((size_t)most, sizeof(*sides));
    long left = count - most;
    int running = 1;
    bool ok = multi != NULL && sides != NULL;
    if (!ok)
        return false;
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, most);
    for (long i = 0; ok && i < most; i++) {
        ok = bare_init(&sides[i], url);
        curl_multi_add_handle(multi, sides[i].curl);
    }
    while (ok && running > 0) {
        curl_multi_perform(multi, &running);
        ok = restart_ended(multi, &left);
        if (left > -most)
            running = 1;
        if (running > 0 && left > -most)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    for (long i = 0; i < most; i++) {
        curl_multi_remove_handle(multi, sides[i].curl);
        bare_clear(&sides[i]);
    }
    curl_multi_cleanup(multi);
    free(sides);
    return ok;
}

int main(int argc, char **argv)
{
    bool caws = argc > 1 && strcmp(argv[1], "caws") == 0;
    long count = argc == 5 ? strtol(argv[2], NULL, 10) : 0;
    long most = argc == 5 ? strtol(argv[4], NULL, 10) : 0;
    if (most < 1 || count < most) {
        fputs("usage: bench_flight caws|bare COUNT URL FLIGHT\n", stderr);
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    times began = now();
    bool ok = caws ? fly_caws(argv[3], count, most) : fly_bare(argv[3], count, most);
    times spent = since(began, count);
    printf("%.3f %.3f %ld\n", spent.cpu, spent.wall, peak_kib());
    curl_global_cleanup();
    return !ok;
}

/*
 * Times calls to a server that answers at once, one after the other and from many threads:
 *
 *     bench_calls COUNT URL [THREADS]
 *
 * Both sides (see floor.h) live in this process and take turns, a block of calls each, so that
 * whatever else the machine does meets both alike. Threads share one client of caws's; each has a
 * handle of libcurl's of its own. Prints a line a turn: CPU and wall time per call in microseconds,
 * of caws and of bare.
 */
#include "caws_side.h"
#include "floor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 100, MAX_THREADS = 64 };

typedef struct worker {
    pthread_t thread;
    caws_client *client; /* NULL: the turn is libcurl's */
    bare side;
    bool failed;
} worker;

static void *work(void *context)
{
    worker *w = context;
    caws_error error = CAWS_ERROR_INIT;
    for (int i = 0; i < BLOCK && !w->failed; i++)
        w->failed = w->client != NULL ? !call_caws(w->client, &error) : !call_bare(&w->side);
    if (!is_well(&error))
        w->failed = true;
    caws_error_clear(&error);
    return NULL;
}

/* One thread is this one. */
static bool take_turn(worker *workers, long threads, caws_client *client, times *spent)
{
    bool ok = true;
    times began = now();
    for (long i = 0; i < threads; i++) {
        workers[i].client = client;
        if (threads == 1)
            (void)work(&workers[i]);
        else if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            abort();
    }
    for (long i = 0; i < threads; i++) {
        if (threads > 1)
            (void)pthread_join(workers[i].thread, NULL);
        ok = ok && !workers[i].failed;
    }
    *spent = since(began, threads * BLOCK);
    return ok;
}

static bool take_turns(long turns, caws_client *client, worker *workers, long threads)
{
    for (long turn = -1; turn < turns; turn++) { /* the first is the warm-up */
        times caws;
        times floor;
        if (!take_turn(workers, threads, client, &caws) ||
            !take_turn(workers, threads, NULL, &floor))
            return false;
        if (turn >= 0)
            printf("%.3f %.3f %.3f %.3f\n", caws.cpu, caws.wall, floor.cpu, floor.wall);
    }
    return true;
}

int main(int argc, char **argv)
{
    static worker workers[MAX_THREADS];
    long count = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    long threads = argc > 3 ? strtol(argv[3], NULL, 10) : 1;
    if (threads < 1 || threads > MAX_THREADS || count < threads * BLOCK) {
        fputs("usage: bench_calls COUNT URL [THREADS], with a COUNT of 100 or more a thread\n",
              stderr);
        return 2;
    }
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(argv[2], &error);
    bool ok = is_well(&error);
    for (long i = 0; i < threads; i++)
        ok = bare_init(&workers[i].side, argv[2]) && ok;
    ok = ok && take_turns(count / threads / BLOCK, client, workers, threads);
    for (long i = 0; i < threads; i++)
        bare_clear(&workers[i].side);
    caws_client_free(client);
    caws_error_clear(&error);
    return !ok;
}

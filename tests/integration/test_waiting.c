/* What a call does while it waits for its answer: nothing. */
#include "servers.h"

#include <time.h>

#include <caws/loop.h>

enum { SLOW_MS = 500, MOST_CPU_MS = 100 };

static double cpu_ms(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void assert_idle_since(double began_ms)
{
    double spent_ms = cpu_ms() - began_ms;
    if (spent_ms > MOST_CPU_MS)
        fail_msg("%.0f ms of CPU time while %d ms pass", spent_ms, SLOW_MS);
}

static void a_call_that_waits_takes_no_cpu_time(void **state)
{
    (void)state;
    caws_client *client = new_fault_client("slow/0.5", NULL);
    caws_error error = CAWS_ERROR_INIT;
    char *task_id = NULL;
    double began_ms = cpu_ms();
    assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_CONNECTION);
    assert_idle_since(began_ms);
    caws_error_clear(&error);
    caws_client_free(client);
}

static void count_end(void *context, void *output, const caws_error *error)
{
    int *ended = context;
    assert_null(output);
    assert_int_equal(error->status, CAWS_ERROR_CONNECTION);
    (*ended)++;
}

static void nor_does_a_loop(void **state)
{
    (void)state;
    int ended = 0;
    const caws_logs_create_export_task_input input = valid_input();
    caws_client *client = new_fault_client("slow/0.5", NULL);
    caws_loop *loop = caws_loop_new(client, NULL, NULL);
    double began_ms = cpu_ms();
    assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, NULL,
                                    count_end, &ended, NULL));
    assert_int_equal(caws_loop_run(loop, -1), 0);
    assert_int_equal(ended, 1);
    assert_idle_since(began_ms);
    caws_loop_free(loop);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_waits_takes_no_cpu_time),
        cmocka_unit_test(nor_does_a_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

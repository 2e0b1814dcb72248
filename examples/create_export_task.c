/*
 * Exports a log group to an S3 bucket and waits until it is done:
 *
 *     create_export_task LOG_GROUP BUCKET FROM_MS TO_MS
 *
 * Region, credentials and endpoint come from the environment (AWS_REGION, AWS_ACCESS_KEY_ID,
 * AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL). FROM_MS and TO_MS are milliseconds since
 * 1970-01-01 00:00 UTC. Exit status: 0 done, 1 failed, 2 wrong usage.
 */
#include <caws/logs.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool parse_ms(const char *text, int64_t *ms)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0')
        return false;
    *ms = value;
    return true;
}

static int print_error(const char *what, const caws_error *error)
{
    fprintf(stderr, "%s: %s: %s", what, error->code, error->message);
    if (error->request_id[0] != '\0')
        fprintf(stderr, " (request %s)", error->request_id);
    fputc('\n', stderr);
    if (error->exception == CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION)
        fputs("An account can have one export task at a time: wait for the other, or cancel it.\n",
              stderr);
    return 1;
}

/* Prints one line a poll. */
static bool print_progress(void *context, const caws_wait_progress *progress)
{
    const caws_logs_describe_export_tasks_output *answer = progress->output;
    (void)context;
    if (answer == NULL || answer->export_tasks.count == 0)
        return true;
    const caws_logs_export_task_status *status = answer->export_tasks.items[0].status;
    printf("%6.1f s  %s%s%s\n", (double)progress->elapsed_ms / 1000,
           status != NULL && status->code != NULL ? status->code : "no status",
           status != NULL && status->message != NULL ? ": " : "",
           status != NULL && status->message != NULL ? status->message : "");
    fflush(stdout);
    return true;
}

static int wait_until_done(caws_client *client, const char *task_id, caws_error *error)
{
    const caws_logs_describe_export_tasks_input input = {.task_id = task_id};
    const caws_wait_options options = {
        .timeout_ms = 30 * 60 * 1000,
        .progress = print_progress,
    };
    if (caws_logs_wait_export_task_completed(client, &input, &options, NULL, error) != CAWS_OK)
        return print_error("export", error);
    puts("the export is complete");
    return 0;
}

int main(int argc, char **argv)
{
    int64_t from = 0;
    int64_t to = 0;
    if (argc != 5 || !parse_ms(argv[3], &from) || !parse_ms(argv[4], &to)) {
        fputs("usage: create_export_task LOG_GROUP BUCKET FROM_MS TO_MS\n", stderr);
        return 2;
    }

    caws_error error = CAWS_ERROR_INIT;
    caws_logs_create_export_task_output *task = NULL;
    const caws_logs_create_export_task_input input = {
        .log_group_name = argv[1],
        .destination = argv[2],
        .from = caws_i64(from),
        .to = caws_i64(to),
    };
    int result = 1;
    caws_client *client = caws_client_new(NULL, &error);
    if (client == NULL) {
        print_error("client", &error);
    } else if (caws_logs_create_export_task(client, &input, &task, &error) != CAWS_OK) {
        print_error("CreateExportTask", &error);
    } else {
        printf("taskId: %s\n", task->task_id);
        fflush(stdout);
        result = wait_until_done(client, task->task_id, &error);
    }

    caws_output_free(task);
    caws_client_free(client);
    caws_error_clear(&error);
    return result;
}

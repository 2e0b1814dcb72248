/* A program from outside: knows only what is installed. Without any network, it goes through all of
 * the layers that linking can get wrong: typed functions and tables of the service, and the runtime
 * that reads them. */
#include <stdio.h>
#include <string.h>

#include <caws/logs.h>

static int has(const caws_error *error, const char *path)
{
    for (size_t i = 0; i < error->violation_count; i++)
        if (strcmp(error->violations[i].path, path) == 0)
            return 1;
    return 0;
}

int main(void)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.region = "eu-central-1"};
    caws_client *client = caws_client_new(&options, &error);
    if (client == NULL) {
        fprintf(stderr, "%s: %s\n", error.code, error.message);
        return 2;
    }

    const caws_logs_create_export_task_input input = {
        .log_group_name = "no:colons", .from = caws_i64(1), .destination = "bucket"};
    caws_logs_create_export_task_output *output = NULL;
    caws_status status = caws_logs_create_export_task(client, &input, &output, &error);
    printf("%s\n", caws_status_string(status));
    for (size_t i = 0; i < error.violation_count; i++)
        printf("%s\n", error.violations[i].text);

    int as_expected = status == CAWS_ERROR_INVALID_INPUT && output == NULL &&
                      error.violation_count == 2 && has(&error, "to") &&
                      has(&error, "logGroupName");
    caws_error_clear(&error);
    caws_client_free(client);
    return !as_expected;
}

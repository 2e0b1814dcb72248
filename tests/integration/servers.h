/* Clients for the servers that with_servers.py has started. */
#ifndef SERVERS_H
#define SERVERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <caws/logs.h>

static inline const char *required_environment(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL)
        fail_msg("%s is not set: run this through with_servers.py", name);
    return value;
}

/* A client for one URL; options may be NULL. Region and keys come from the environment. One attempt
 * a call unless options say otherwise: most tests look at what a single answer does. */
static inline caws_client *new_client_at(const char *url, const caws_client_options *options)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client_options own = options != NULL ? *options : (caws_client_options){0};
    own.endpoint_url = url;
    if (own.max_attempts == 0)
        own.max_attempts = 1;
    caws_client *client = caws_client_new(&own, &error);
    if (client == NULL)
        fail_msg("%s: %s", error.code, error.message);
    return client;
}

static inline caws_client *new_moto_client(const caws_client_options *options)
{
    return new_client_at(required_environment("CAWS_TEST_MOTO_URL"), options);
}

/* A client whose every call gets one scenario of the fault server: "ok", "task-status/FAILED". */
static inline caws_client *new_fault_client(const char *scenario,
                                            const caws_client_options *options)
{
    char url[256];
    snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_FAULT_URL"), scenario);
    return new_client_at(url, options);
}

/* An input that passes validation. */
static inline caws_logs_create_export_task_input valid_input(void)
{
    return (caws_logs_create_export_task_input){
        .log_group_name = "my-log-group",
        .from = caws_i64(1441490400000),
        .to = caws_i64(1441494000000),
        .destination = "my-exported-logs",
    };
}

/* Calls CreateExportTask and returns its status; *task_id receives a copy of the answer's, which
 * the test frees, or NULL. */
static inline caws_status create_task(caws_client *client, char **task_id, caws_error *error)
{
    caws_logs_create_export_task_output *out = NULL;
    const caws_logs_create_export_task_input input = valid_input();
    caws_status status = caws_logs_create_export_task(client, &input, &out, error);
    assert_true((status == CAWS_OK) == (out != NULL));
    *task_id = out != NULL && out->task_id != NULL ? strdup(out->task_id) : NULL;
    caws_output_free(out);
    return status;
}

#endif

#include "caws_side.h"

#include <stdio.h>

bool is_well(const caws_error *error)
{
    if (error->status == CAWS_OK)
        return true;
    fprintf(stderr, "%s: %s\n", error->code, error->message);
    return false;
}

caws_client *new_client(const char *url, caws_error *error)
{
    const caws_credentials credentials = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                          NULL};
    const caws_client_options options = {
        .region = "us-east-1", .endpoint_url = url, .credentials = &credentials};
    return caws_client_new(&options, error);
}

const caws_logs_create_export_task_input task_input = {
    .task_name = "nightly",
    .log_group_name = "my-log-group",
    .from = {true, 1441490400000},
    .to = {true, 1441494000000},
    .destination = "my-exported-logs",
    .destination_prefix = "exports",
};

bool call_caws(caws_client *client, caws_error *error)
{
    caws_logs_create_export_task_output *out = NULL;
    bool ok = caws_logs_create_export_task(client, &task_input, &out, error) == CAWS_OK;
    caws_output_free(out);
    return ok;
}

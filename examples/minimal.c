/* The smallest whole program: exports an hour of a log group to an S3 bucket, prints the task id.
 */
#include <caws/logs.h>
#include <stdio.h>

int main(void)
{
    caws_error error = CAWS_ERROR_INIT;
    /* Region: the environment or shared files. Keys: those too, a container or the instance. */
    caws_client *client = caws_client_new(NULL, &error);
    caws_logs_create_export_task_output *out = NULL;

    if (client != NULL)
        caws_logs_create_export_task(client,
                                     &(caws_logs_create_export_task_input){
                                         .log_group_name = "my-log-group",
                                         .from = caws_i64(1441490400000), /* ms since 1970 */
                                         .to = caws_i64(1441494000000),
                                         .destination = "my-exported-logs",
                                     },
                                     &out, &error);

    int failed = out == NULL;
    if (failed)
        fprintf(stderr, "%s: %s\n", error.code, error.message);
    else
        puts(out->task_id);

    caws_output_free(out);
    caws_client_free(client);
    caws_error_clear(&error);
    return failed;
}

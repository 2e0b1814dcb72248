/*
 * Follows log groups as events come in, several at once in one thread.
 *
 *     tail SECONDS GROUP-ARN...
 *
 * prints each event with its group, for so long; every group has a stream of its own. Region,
 * credentials and endpoint come from the environment. Exit status: 0 done, 1 a stream failed, 2
 * wrong usage.
 */
#include <caws/logs.h>
#include <caws/loop.h>

#include <stdio.h>
#include <stdlib.h>

enum { MOST_SECONDS = 3 * 60 * 60 }; /* the service ends its streams after three hours */

static int failures;

static bool on_update(void *context, const caws_logs_live_tail_session_update *event)
{
    const char *group = context;
    for (size_t i = 0; i < event->session_results.count; i++) {
        const char *message = event->session_results.items[i].message;
        printf("%s: %s\n", group, message != NULL ? message : "");
    }
    return fflush(stdout) == 0; /* whoever reads wants them now */
}

static void done(void *context, void *output, const caws_error *error)
{
    const char *group = context;
    (void)output; /* a stream has none */
    if (error->status == CAWS_OK || error->status == CAWS_ERROR_CANCELLED)
        return;
    fprintf(stderr, "%s: %s: %s\n", group, error->code, error->message);
    failures++;
}

static void follow(caws_loop *loop, char *group)
{
    caws_error error = CAWS_ERROR_INIT;
    const char *groups[] = {group};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    const caws_logs_start_live_tail_handler handler = {.context = group,
                                                       .session_update = on_update};

    if (caws_loop_start_stream(loop, &caws_stream_logs_start_live_tail, &input, &handler, NULL,
                               done, group, &error) == NULL)
        done(group, NULL, &error);
    caws_error_clear(&error);
}

int main(int argc, char **argv)
{
    char *end = NULL;
    long seconds = argc >= 3 ? strtol(argv[1], &end, 10) : 0;
    if (seconds < 1 || seconds > MOST_SECONDS || *end != '\0') {
        fprintf(stderr, "usage: tail SECONDS GROUP-ARN...\n");
        return 2;
    }
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = caws_client_new(NULL, &error);
    caws_loop *loop = client != NULL ? caws_loop_new(client, NULL, &error) : NULL;
    if (loop == NULL) {
        fprintf(stderr, "%s: %s\n", error.code, error.message);
        failures++;
    } else {
        for (int i = 2; i < argc; i++)
            follow(loop, argv[i]);
        caws_loop_run(loop, seconds * 1000);
    }
    caws_loop_free(loop); /* cancels the streams that go on */
    caws_client_free(client);
    caws_error_clear(&error);
    return failures > 0 ? 1 : 0;
}

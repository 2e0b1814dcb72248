/*
 * Where calls of DynamoDB go: prints the host that DescribeTable is sent to, or why it is sent
 * nowhere, for a call that waits and for one in a loop, whose input is gone before the call is.
 *
 * usage: account_driver TABLE [OPTION=VALUE...]
 *
 * TABLE "" stands for ListTables. Options: mode, key (explicit credentials), account (of these),
 * callback (the account that it gives), url (of the call).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <caws/dynamodb.h>
#include <caws/loop.h>

static char host[512];

static void keep_host(void *context, caws_log_level level, const char *line)
{
    const char *found = strstr(line, " host=");
    (void)context;
    (void)level;
    if (found != NULL)
        (void)sscanf(found, " host=%511s", host);
}

static const char *option(char **arguments, const char *name)
{
    size_t length = strlen(name);
    for (; *arguments != NULL; arguments++)
        if (strncmp(*arguments, name, length) == 0 && (*arguments)[length] == '=')
            return *arguments + length + 1;
    return NULL;
}

static bool give(void *context, caws_provided_credentials *provided)
{
    provided->credentials =
        (caws_credentials){.access_key_id = "AKIDCALLBACK", .secret_access_key = "secret"};
    provided->account_id = context;
    return true;
}

static void print(const char *what, const caws_error *error)
{
    printf("%s: %s\n", what, host[0] != '\0' ? host : error->message);
    host[0] = '\0';
}

static void print_end(void *context, void *output, const caws_error *error)
{
    (void)context;
    caws_output_free(output);
    print("loop", error);
}

static const caws_operation *operation_for(const char *table)
{
    return table[0] != '\0' ? &caws_operation_dynamodb_describe_table
                            : &caws_operation_dynamodb_list_tables;
}

static void call_in_loop(caws_client *client, const char *table, caws_call_options options)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_loop *loop = caws_loop_new(client, NULL, &error);
    char *own_table = strdup(table);
    char *own_url = options.endpoint_url != NULL ? strdup(options.endpoint_url) : NULL;
    const caws_dynamodb_describe_table_input input = {.table_name = own_table};
    options.endpoint_url = own_url;
    if (caws_loop_start(loop, operation_for(table), table[0] != '\0' ? &input : NULL, &options,
                        print_end, NULL, &error) == NULL)
        print("loop", &error);
    memset(own_table, '#', strlen(own_table));
    free(own_table);
    free(own_url);
    (void)caws_loop_run(loop, -1);
    caws_loop_free(loop);
    caws_error_clear(&error);
}

int main(int count, char **arguments)
{
    const char *table = count > 1 ? arguments[1] : "table";
    char account[64] = "";
    const caws_credentials keys = {.access_key_id = option(arguments, "key"),
                                   .secret_access_key = "secret"};
    if (option(arguments, "callback") != NULL)
        (void)snprintf(account, sizeof(account), "%s", option(arguments, "callback"));
    const caws_client_options options = {
        .account_id_endpoint_mode = option(arguments, "mode"),
        .credentials = keys.access_key_id != NULL ? &keys : NULL,
        .account_id = option(arguments, "account"),
        .credentials_callback = account[0] != '\0' ? give : NULL,
        .credentials_context = account,
        .proxy = "http://127.0.0.1:1", /* where nobody is: nothing leaves the machine */
        .max_attempts = 1,
        .log = keep_host,
    };
    const caws_call_options call = {.endpoint_url = option(arguments, "url")};
    for (int i = 0; i < 2; i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_client *client = caws_client_new(&options, &error);
        const caws_dynamodb_describe_table_input input = {.table_name = table};
        if (client != NULL && i == 1) {
            call_in_loop(client, table, call);
        } else {
            (void)caws_call_with(client, operation_for(table), table[0] != '\0' ? &input : NULL,
                                 &call, NULL, &error);
            print(i == 0 ? "waits" : "loop", &error);
        }
        caws_client_free(client);
        caws_error_clear(&error);
    }
    return 0;
}

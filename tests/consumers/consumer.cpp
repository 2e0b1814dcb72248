// consumer.c in C++17: the headers compile, and the functions have C linkage.
#include <cstdio>
#include <string>

#include <caws/logs.h>

int main()
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client_options options = {};
    options.region = "eu-central-1";
    caws_client *client = caws_client_new(&options, &error);
    if (client == nullptr) {
        std::fprintf(stderr, "%s: %s\n", error.code, error.message);
        return 2;
    }

    caws_logs_create_export_task_input input = {};
    input.log_group_name = "no:colons";
    input.from = caws_i64(1);
    input.destination = "bucket";
    caws_logs_create_export_task_output *output = nullptr;
    caws_status status = caws_logs_create_export_task(client, &input, &output, &error);
    std::printf("%s\n", caws_status_string(status));
    for (std::size_t i = 0; i < error.violation_count; i++)
        std::printf("%s\n", error.violations[i].text);

    bool as_expected = status == CAWS_ERROR_INVALID_INPUT && output == nullptr &&
                       error.violation_count == 2 &&
                       error.violations[0].path == std::string("logGroupName");
    caws_error_clear(&error);
    caws_client_free(client);
    return as_expected ? 0 : 1;
}

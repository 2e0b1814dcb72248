/* A program that has generated code of its own: tables that point at constants of the runtime. How
 * the linker lets a constant of a program point into a shared library depends on how the program is
 * compiled (position-independent or not); the runtime must read the same values either way. */
#include <stdio.h>
#include <string.h>

#include <caws/schema.h>

typedef struct note_input {
    const char *text;
    struct {
        const char *const *items;
        size_t count;
    } tags;
} note_input;

static const caws_member tag_members[] = {{.name = "member", .type = &caws_type_string}};
static const caws_type tags_type = {.name = "Tags",
                                    .kind = CAWS_KIND_LIST,
                                    .members = tag_members,
                                    .member_count = 1,
                                    .size = sizeof(const char *)};
static const caws_member input_members[] = {
    {.name = "text",
     .type = &caws_type_string,
     .offset = offsetof(note_input, text),
     .flags = CAWS_MEMBER_REQUIRED},
    {.name = "tags", .type = &tags_type, .offset = offsetof(note_input, tags)},
};
static const caws_type input_type = {.name = "NoteInput",
                                     .kind = CAWS_KIND_STRUCTURE,
                                     .members = input_members,
                                     .member_count = 2,
                                     .size = sizeof(note_input)};
static const caws_service service = {.service_id = "Notes",
                                     .endpoint_prefix = "notes",
                                     .signing_name = "notes",
                                     .target_prefix = "Notes",
                                     .json_version = "1.1",
                                     .protocol = &caws_protocol_json};
static const caws_operation operation = {.name = "PutNote",
                                         .service = &service,
                                         .input = &input_type,
                                         .http_method = "POST",
                                         .request_uri = "/"};

int main(void)
{
    caws_error error = CAWS_ERROR_INIT;
    /* Nothing listens on port 1: the call gets through validation and encoding to the network. */
    const caws_client_options options = {.region = "eu-central-1",
                                         .credentials =
                                             &(caws_credentials){"AKIDEXAMPLE", "secret", NULL},
                                         .endpoint_url = "http://127.0.0.1:1"};
    caws_client *client = caws_client_new(&options, &error);
    if (client == NULL)
        return 2;

    const char *const tags[] = {"fine", "not UTF-8: \xff"};
    const note_input invalid = {.tags = {tags, 2}};
    caws_status status = caws_call(client, &operation, &invalid, NULL, &error);
    printf("%s\n", caws_status_string(status));
    for (size_t i = 0; i < error.violation_count; i++)
        printf("%s\n", error.violations[i].text);
    int failed = status != CAWS_ERROR_INVALID_INPUT || error.violation_count != 2;

    const note_input valid = {.text = "text", .tags = {tags, 1}};
    status = caws_call(client, &operation, &valid, NULL, &error);
    printf("%s\n", caws_status_string(status));
    failed |= status != CAWS_ERROR_CONNECTION || strcmp(caws_type_string.name, "String") != 0;

    caws_error_clear(&error);
    caws_client_free(client);
    return failed;
}

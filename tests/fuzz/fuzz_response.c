/* Bodies of answers: the first byte chooses the operation, whose output the rest is read as. cJSON
 * is the judge: what is taken it takes too, and the strings of the first member that is one are
 * equal. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "json_decode.h"
#include "protocol.h"

static const char *no_header(const caws_response *response, const char *name)
{
    (void)response, (void)name;
    return NULL;
}

/* cJSON loses what is behind U+0000, where there is U+FFFD in ours. */
static void compare_strings(const caws_operation *operation, const unsigned char *output,
                            const cJSON *tree, const char *body)
{
    for (uint16_t i = 0; i < operation->output->member_count; i++) {
        const caws_member *member = &operation->output->members[i];
        if (member->type->kind != CAWS_KIND_STRING || strstr(body, "\\u") != NULL)
            continue;
        const char *text = NULL;
        memcpy(&text, output + member->offset, sizeof(text));
        const cJSON *last = NULL; /* of equal names the last counts, but for null */
        for (const cJSON *child = tree->child; child != NULL; child = child->next)
            if (strcmp(child->string, member->name) == 0 && !cJSON_IsNull(child))
                last = child;
        must((text == NULL) == (last == NULL));
        must(text == NULL || strcmp(text, cJSON_GetStringValue(last)) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = {data, size};
    const caws_operation *operation = fuzz_operation(&input);
    if (operation->output == NULL)
        return -1;
    caws_response response = {.http_status = 200, .header = no_header};
    size_t length = 0;
    char *body = fuzz_rest(&input, &length);
    if (length > 0)
        must(caws_buffer_append(&response.body, body, length));

    caws_error error = CAWS_ERROR_INIT;
    void *output = caws_output_new(operation->output->size);
    must(output != NULL);
    caws_status status =
        operation->service->protocol->decode_response(operation, &response, output, &error);
    must(status == error.status && status != CAWS_ERROR_MEMORY);
    must(length == 0 || memcmp(response.body.data, body, length) == 0);
    if (status == CAWS_OK) {
        cJSON *tree = cJSON_ParseWithLength(body, length);
        must(tree == NULL || cJSON_IsObject(tree));
        if (tree != NULL)
            compare_strings(operation, output, tree, body);
        else
            must(strstr(body, "\\u") != NULL); /* it refuses half a surrogate pair */
        cJSON_Delete(tree);
    } else {
        must(error.message[0] != '\0');
    }
    caws_output_free(output);
    caws_error_clear(&error);
    caws_buffer_clear(&response.body);
    free(body);
    return 0;
}

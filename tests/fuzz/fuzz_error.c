/* Answers that are errors: status, two headers that may name the error, and a body of JSON, XML or
 * neither. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "classify.h"
#include "protocol.h"

typedef struct headers {
    const char *type;
    const char *query_error;
} headers;

static const char *find_header(const caws_response *response, const char *name)
{
    const headers *given = response->transport;
    if (strcasecmp(name, "x-amzn-ErrorType") == 0)
        return given->type[0] != '\0' ? given->type : NULL;
    if (strcasecmp(name, "x-amzn-query-error") == 0)
        return given->query_error;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {400, 403, 429, 500, 503, 301, 404, 100};
    fuzz_input input = {data, size};
    const caws_operation *operation = fuzz_operation(&input);
    int http_status = statuses[fuzz_byte(&input) % 8];
    char *type = fuzz_text(&input, 300);
    char *query_error = fuzz_text(&input, 300);
    headers given = {type, query_error};
    caws_response response = {
        .http_status = http_status, .header = find_header, .transport = &given};
    size_t length = 0;
    char *body = fuzz_rest(&input, &length);
    if (length > 0)
        must(caws_buffer_append(&response.body, body, length));

    caws_error error = CAWS_ERROR_INIT;
    caws_status status = operation->service->protocol->decode_error(operation, &response, &error);
    must(status != CAWS_OK && status == error.status && status != CAWS_ERROR_MEMORY);
    must(error.code[0] != '\0' && error.message[0] != '\0');
    must(strpbrk(error.code, "\r\n") == NULL);
    caws_classify_error(&error);
    caws_error_clear(&error);
    caws_buffer_clear(&response.body);
    free(query_error);
    free(type);
    free(body);
    return 0;
}

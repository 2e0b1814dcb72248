/* Endpoint rules of logs with any region, URL and account, and the functions of rules with any
 * text. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "endpoint_rules.h"

static void call(const caws_rule_function *function, const caws_rule_value *arguments)
{
    caws_arena arena = CAWS_ARENA_INIT;
    caws_rule_value result = {.kind = CAWS_VALUE_ABSENT};
    must(function->call(arguments, &arena, &result));
    caws_arena_clear(&arena);
}

static void call_functions(const char *text, fuzz_input *input)
{
    caws_rule_value value = caws_rule_text(text);
    caws_rule_value start = {.kind = CAWS_VALUE_INTEGER};
    caws_rule_value stop = start;
    start.count = fuzz_byte(input);
    stop.count = fuzz_byte(input);
    const caws_rule_value flag = caws_rule_boolean((start.count & 1) != 0);
    call(&caws_rule_parse_url, &value);
    call(&caws_rule_parse_arn, &value);
    call(&caws_rule_partition, &value);
    call(&caws_rule_uri_encode, &value);
    call(&caws_rule_is_valid_host_label, (const caws_rule_value[]){value, flag});
    call(&caws_rule_is_virtual_hostable_s3_bucket, (const caws_rule_value[]){value, flag});
    call(&caws_rule_substring, (const caws_rule_value[]){value, start, stop, flag});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = {data, size};
    uint8_t flags = fuzz_byte(&input);
    char *region = fuzz_text(&input, 100);
    char *url = fuzz_text(&input, 2000);
    char *account = fuzz_text(&input, 100);
    caws_settings settings = {.region = (flags & 1) != 0 ? region : NULL,
                              .use_fips_endpoint = (flags & 2) != 0,
                              .use_dualstack_endpoint = (flags & 4) != 0,
                              .account_id_endpoint_mode = "preferred"};
    const caws_endpoint_query query = {.endpoint_url = (flags & 8) != 0 ? url : NULL,
                                       .account_id = (flags & 16) != 0 ? account : NULL};
    caws_arena arena = CAWS_ARENA_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_endpoint endpoint;
    caws_status status = caws_endpoint_find(&settings, fuzz_operations[0]->service, &query, &arena,
                                            &endpoint, &error);
    must(status == error.status && status != CAWS_ERROR_MEMORY);
    if (status == CAWS_OK) {
        must(strcmp(endpoint.scheme, "https") == 0 || strcmp(endpoint.scheme, "http") == 0);
        must(endpoint.host[0] != '\0' && strpbrk(endpoint.host, "\r\n /?#@\\") == NULL);
        must(strpbrk(endpoint.path, "\r\n ?#") == NULL);
    }
    caws_error_clear(&error);
    caws_arena_clear(&arena);
    call_functions(url, &input);
    free(account);
    free(url);
    free(region);
    return 0;
}

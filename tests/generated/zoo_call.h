/* For tests of generated code: calls that go as far as the wire. The linker gives generated
 * functions this caws_call (--wrap): it validates, encodes, keeps the request, and decodes the
 * answer that the test has laid out. */
#ifndef CAWS_TEST_ZOO_CALL_H
#define CAWS_TEST_ZOO_CALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <caws/zoo.h>

#include "protocol.h"
#include "validate.h"

static char sent_body[16384];
static char sent_target[256];
static char sent_type[256];
static const caws_operation *sent_operation; /* NULL: the input was refused */
static const char *answer_body = "{}";
static int answer_status = 200;

static inline const char *no_header(const caws_response *response, const char *name)
{
    (void)response;
    (void)name;
    return NULL;
}

static inline void keep_request(const caws_request *request)
{
    assert_true(request->body.length < sizeof(sent_body));
    memcpy(sent_body, request->body.data, request->body.length + 1);
    for (size_t i = 0; i < request->header_count; i++) {
        char *kept = strcmp(request->headers[i].name, "X-Amz-Target") == 0   ? sent_target
                     : strcmp(request->headers[i].name, "Content-Type") == 0 ? sent_type
                                                                             : NULL;
        if (kept != NULL)
            (void)snprintf(kept, sizeof(sent_target), "%s", request->headers[i].value);
    }
}

static inline caws_status take_answer(const caws_operation *operation, void *output,
                                      caws_error *error)
{
    const caws_protocol *protocol = operation->service->protocol;
    caws_response response = {.http_status = answer_status, .header = no_header};
    assert_true(caws_buffer_append_string(&response.body, answer_body));
    caws_status status = CAWS_OK;
    if (answer_status != 200) {
        status = protocol->decode_error(operation, &response, error);
    } else if (operation->output != NULL) {
        void *decoded = caws_output_new(operation->output->size);
        assert_non_null(decoded);
        status = protocol->decode_response(operation, &response, decoded, error);
        if (status == CAWS_OK && output != NULL)
            memcpy(output, &decoded, sizeof(decoded));
        else
            caws_output_free(decoded);
    }
    caws_buffer_clear(&response.body);
    return status;
}

caws_status __wrap_caws_call(caws_client *client, const caws_operation *operation,
                             const void *input, void *output, caws_error *error);

caws_status __wrap_caws_call(caws_client *client, const caws_operation *operation,
                             const void *input, void *output, caws_error *error)
{
    assert_null(client);
    sent_operation = NULL;
    caws_error_clear(error);
    if (operation->input != NULL &&
        caws_validate(operation->input, input, CAWS_VALIDATE_ALL, error) != CAWS_OK)
        return error->status;
    sent_operation = operation;
    caws_request request = {.body = CAWS_BUFFER_INIT};
    caws_status status =
        operation->service->protocol->encode_request(operation, input, &request, error);
    if (status == CAWS_OK)
        keep_request(&request);
    caws_request_clear(&request);
    return status == CAWS_OK ? take_answer(operation, output, error) : status;
}

#endif

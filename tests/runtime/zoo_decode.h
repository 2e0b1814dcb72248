/* For tests: a zoo from a JSON text. Include <cmocka.h> before. */
#ifndef CAWS_TEST_ZOO_DECODE_H
#define CAWS_TEST_ZOO_DECODE_H

#include <stdlib.h>
#include <string.h>

#include "json_decode.h"
#include "zoo.h"

/*
 * Parses and decodes length bytes, from a copy without a byte to spare beyond the NUL that
 * caws_json_accept asks for. The caller frees the result with caws_output_free; NULL if error is
 * set.
 */
static inline zoo *decode_bytes(const char *text, size_t length, caws_error *error)
{
    char *copy = malloc(length + 1);
    zoo *output = caws_output_new(sizeof(*output));
    assert_non_null(copy);
    assert_non_null(output);
    memcpy(copy, text, length);
    copy[length] = '\0';
    caws_status status = caws_json_accept(copy, length, error);
    assert_int_equal(status, error->status);
    if (status == CAWS_OK) {
        status = caws_json_decode(copy, &zoo_type, output, caws_output_arena(output), error);
        assert_int_equal(status, error->status);
    }
    free(copy); /* the output must not point into it */
    if (status == CAWS_OK)
        return output;
    caws_output_free(output);
    return NULL;
}

static inline zoo *decode_zoo(const char *text)
{
    caws_error error = CAWS_ERROR_INIT;
    zoo *output = decode_bytes(text, strlen(text), &error);
    if (output == NULL)
        fail_msg("%.200s: %s", text, error.message);
    return output;
}

static inline void expect_failure_of_bytes(const char *text, size_t length, caws_status status,
                                           const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    zoo *output = decode_bytes(text, length, &error);
    if (output != NULL)
        fail_msg("%.200s is accepted", text);
    if (error.status != status)
        fail_msg("%.200s: %s", text, error.message);
    assert_string_equal(error.code, caws_status_string(status));
    if (message != NULL)
        assert_string_equal(error.message, message);
    caws_error_clear(&error);
}

static inline void expect_malformed(const char *text, const char *message)
{
    expect_failure_of_bytes(text, strlen(text), CAWS_ERROR_RESPONSE_MALFORMED, message);
}

#endif

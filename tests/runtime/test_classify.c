#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classify.h"

static caws_error classified(const char *code, int http_status)
{
    caws_error error = CAWS_ERROR_INIT;
    error.status = CAWS_ERROR_SERVICE;
    error.code = code;
    error.http_status = http_status;
    caws_classify_error(&error);
    return error;
}

/* The table of the SDK reference guide's "standard" retry mode. */
static void knows_throttling_codes(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        caws_error error = classified(codes[i], 400);
        assert_true(error.throttling);
        assert_true(error.retryable);
    }
}

static void knows_transient_codes(void **state)
{
    (void)state;
    static const char *const codes[] = {"RequestTimeout", "RequestTimeoutException",
                                        "InternalError", "IDPCommunicationError"};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        caws_error error = classified(codes[i], 400);
        assert_false(error.throttling);
        assert_true(error.retryable);
    }
}

static void knows_http_statuses(void **state)
{
    (void)state;
    for (int status = 0; status <= 999; status++) {
        caws_error error = classified("Whatever", status);
        assert_int_equal(error.throttling, status == 429);
        assert_int_equal(error.retryable, status == 429 || status == 500 || status == 502 ||
                                              status == 503 || status == 504);
    }
}

static void compares_whole_codes(void **state)
{
    (void)state;
    static const char *const codes[] = {"",           "Throttlin",    "Throttling2",
                                        "throttling", " Throttling",  "ThrottlingExceptio",
                                        "SLOWDOWN",   "Request",      "InvalidParameterException",
                                        "Exception",  "InternalErro", "AccessDeniedException"};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        caws_error error = classified(codes[i], 400);
        assert_false(error.throttling);
        assert_false(error.retryable);
    }
}

static void keeps_what_the_model_said(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    error.code = "Whatever";
    error.http_status = 400;
    error.retryable = true;
    caws_classify_error(&error);
    assert_true(error.retryable);
    assert_false(error.throttling);

    error.retryable = false;
    error.throttling = true; /* and so worth another attempt */
    caws_classify_error(&error);
    assert_true(error.throttling);
    assert_true(error.retryable);
}

/* A modeled exception with 429 is what the model says: not throttling, unless it or a list says so.
 */
static void believes_the_model_about_429(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    error.status = CAWS_ERROR_SERVICE;
    error.code = "ServiceQuotaExceededException";
    error.exception = 7;
    error.http_status = 429;
    caws_classify_error(&error);
    assert_false(error.throttling);
    assert_false(error.retryable);

    error.code = "TooManyRequestsException";
    caws_classify_error(&error);
    assert_true(error.throttling);
    assert_true(error.retryable);

    error = classified("429", 429);
    assert_true(error.throttling);
}

static void knows_failures_of_the_transport(void **state)
{
    (void)state;
    static const struct {
        caws_status status;
        int http_status;
        bool retryable;
    } cases[] = {
        {CAWS_ERROR_MEMORY, 0, false},
        {CAWS_ERROR_INVALID_INPUT, 0, false},
        {CAWS_ERROR_CONFIGURATION, 0, false},
        {CAWS_ERROR_CREDENTIALS, 0, false},
        {CAWS_ERROR_ENDPOINT, 0, false},
        {CAWS_ERROR_CONNECTION, 0, true},
        {CAWS_ERROR_CONNECTION, 200, true},
        {CAWS_ERROR_TIMEOUT, 0, true},
        {CAWS_ERROR_TIMEOUT, 200, true},
        {CAWS_ERROR_TLS, 0, false},
        {CAWS_ERROR_CANCELLED, 0, false},
        {CAWS_ERROR_RESPONSE_EMPTY, 200, false},
        {CAWS_ERROR_RESPONSE_TRUNCATED, 200, false}, /* JSON that breaks off */
        {CAWS_ERROR_RESPONSE_MALFORMED, 0, true},
        {CAWS_ERROR_RESPONSE_MALFORMED, 200, false},
        {CAWS_ERROR_RESPONSE_MALFORMED, 502, true},
        {CAWS_ERROR_RESPONSE_TOO_LARGE, 200, false},
        {CAWS_ERROR_HTTP, 404, false},
        {CAWS_ERROR_HTTP, 500, true},
        {CAWS_ERROR_SERVICE, 400, false},
        {CAWS_ERROR_WAITER, 0, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        error.status = cases[i].status;
        error.code = caws_status_string(error.status);
        error.http_status = cases[i].http_status;
        caws_classify_error(&error);
        if (error.retryable != cases[i].retryable || error.throttling)
            fail_msg("status %d, HTTP %d: %s", (int)error.status, error.http_status,
                     error.retryable ? "retryable" : "not retryable");
    }
}

static void knows_whose_fault_it_was(void **state)
{
    (void)state;
    caws_error error = classified("Throttling", 503);
    assert_int_equal(caws_classify_cause(&error), CAWS_CAUSE_THROTTLING);
    error = classified("InternalFailure", 500);
    assert_int_equal(caws_classify_cause(&error), CAWS_CAUSE_SERVER);
    error = classified("RequestTimeout", 400);
    assert_int_equal(caws_classify_cause(&error), CAWS_CAUSE_SERVER);
    static const caws_status statuses[] = {CAWS_ERROR_CONNECTION, CAWS_ERROR_TIMEOUT,
                                           CAWS_ERROR_TLS, CAWS_ERROR_RESPONSE_TRUNCATED,
                                           CAWS_ERROR_RESPONSE_MALFORMED};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        error = classified("", 0);
        error.status = statuses[i];
        assert_int_equal(caws_classify_cause(&error), CAWS_CAUSE_TRANSPORT);
    }
    error.http_status = 502; /* an answer, though no JSON */
    assert_int_equal(caws_classify_cause(&error), CAWS_CAUSE_SERVER);
}

static void knows_expired_credentials(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        bool expired;
    } cases[] = {{"ExpiredToken", true},           {"ExpiredTokenException", true},
                 {"TokenRefreshRequired", true},   {"RequestExpired", false},
                 {"InvalidToken", false},          {"UnrecognizedClientException", false},
                 {"AccessDeniedException", false}, {"", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_error error = classified(cases[i].code, 400);
        assert_int_equal(caws_is_expired_credentials(&error), cases[i].expired);
        assert_false(error.retryable); /* not with the same credentials */
        error.status = CAWS_ERROR_WAITER;
        assert_false(caws_is_expired_credentials(&error));
    }
}

static void leaves_the_rest_alone(void **state)
{
    (void)state;
    caws_error error = classified("Throttling", 400);
    assert_int_equal(error.status, CAWS_ERROR_SERVICE);
    assert_string_equal(error.code, "Throttling");
    assert_string_equal(error.message, "");
    assert_int_equal(error.http_status, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_throttling_codes),
        cmocka_unit_test(knows_transient_codes),
        cmocka_unit_test(knows_http_statuses),
        cmocka_unit_test(compares_whole_codes),
        cmocka_unit_test(keeps_what_the_model_said),
        cmocka_unit_test(leaves_the_rest_alone),
        cmocka_unit_test(believes_the_model_about_429),
        cmocka_unit_test(knows_failures_of_the_transport),
        cmocka_unit_test(knows_whose_fault_it_was),
        cmocka_unit_test(knows_expired_credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

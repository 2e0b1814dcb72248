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
        cmocka_unit_test(knows_throttling_codes),    cmocka_unit_test(knows_transient_codes),
        cmocka_unit_test(knows_http_statuses),       cmocka_unit_test(compares_whole_codes),
        cmocka_unit_test(keeps_what_the_model_said), cmocka_unit_test(leaves_the_rest_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

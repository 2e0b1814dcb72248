/* Signatures' time, where the machine's clock is wrong. */
#include "script.h"

enum { HOUR = 3600 };

static void a_wrong_clock_is_corrected(void **state)
{
    static const char *const paths[] = {
        "skew/c1.3600.RequestTimeTooSkewed", "skew/c2.-3600.InvalidSignatureException",
        "skew/c3.50000.SignatureDoesNotMatch", "skew/c4.-1800.RequestExpired"};
    caws_client *client = new_client(NULL); /* the same, which each turns another way */
    (void)state;
    for (int i = 0; i < 4; i++) {
        for (int call = 0; call < 3; call++) {
            caws_error error = CAWS_ERROR_INIT;
            caws_call_info info = {0};
            const caws_call_options options = {.info = &info};
            if (call_path(client, paths[i], &options, &error) != CAWS_OK)
                fail_msg("%s: %s", paths[i], error.message);
            assert_int_equal(info.attempts, call == 0 ? 2 : 1); /* the correction is kept */
        }
        assert_int_equal(counters_of(client).retries_clock_skew, i + 1);
    }
    assert_int_equal(counters_of(client).retries_server, 0);
    cJSON *records = records_of("c1");
    assert_int_equal(cJSON_GetArraySize(records), 4);
    for (int i = 0; i < 4; i++) {
        double ahead = number_in(records, i, "signed_ahead");
        assert_true(is_signed(records, i));
        assert_true(ahead > (i == 0 ? -30 : HOUR - 30) && ahead < (i == 0 ? 30 : HOUR + 30));
    }
    cJSON_Delete(records);
    caws_client_free(client);

    /* Without a second attempt the next call has it. */
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options once = {.max_attempts = 1};
    client = new_client(&once);
    assert_int_equal(call_path(client, "skew/c5.7200.RequestTimeTooSkewed", NULL, &error),
                     CAWS_ERROR_SERVICE);
    assert_int_equal(call_path(client, "skew/c5.7200.RequestTimeTooSkewed", NULL, &error), CAWS_OK);
    caws_client_free(client);
}

static void a_wrong_date_is_not_believed(void **state)
{
    static const char *const paths[] = {
        "script/w0.date~94608000_RequestTimeTooSkewed", /* three years */
        "script/w1.date~-94608000_RequestTimeTooSkewed",
        "script/w2.date~90000_InvalidSignatureException", /* 25 hours */
        "script/w3.date~60_InvalidSignatureException",    /* a minute: the reason is another */
        "script/w4.date~3600_ValidationException",
        "script/w5.error~RequestTimeTooSkewed", /* no Date */
    };
    (void)state;
    for (int i = 0; i < 6; i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_client *client = new_client(NULL);
        char name[8];
        snprintf(name, sizeof(name), "w%d", i);
        assert_int_equal(call_path(client, paths[i], NULL, &error), CAWS_ERROR_SERVICE);
        assert_int_equal(error.attempts, 1);
        caws_error_clear(&error);
        assert_int_equal(call_path(client, paths[i], NULL, &error), CAWS_OK);
        cJSON *records = records_of(name);
        assert_int_equal(cJSON_GetArraySize(records), 2);
        double ahead = number_in(records, 1, "signed_ahead");
        assert_true(ahead > -30 && ahead < 30);
        cJSON_Delete(records);
        assert_int_equal(counters_of(client).retries_clock_skew, 0);
        caws_client_free(client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_clock_is_corrected),
        cmocka_unit_test(a_wrong_date_is_not_believed),
    };
    return cmocka_run_group_tests_name("clock skew", tests, NULL, NULL);
}

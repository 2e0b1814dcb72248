/* GetLogObject over real sockets: a stream of pieces of data. What all streams have in common is in
 * test_streams.c. */
#include "servers.h"

/* The pieces behind each other, in hexadecimal. */
typedef struct heard {
    char text[1024];
    int events;
    int stop_after; /* the piece whose callback says stop; 0: none */
    int asked;      /* how often keep_going was called */
    int stop_asked; /* at which call keep_going says stop; 0: never */
} heard;

static bool on_fields(void *context, const caws_logs_fields_data *event)
{
    heard *h = context;
    size_t length = strlen(h->text);
    assert_non_null(event->data.data);
    for (size_t i = 0; i < event->data.length; i++, length += 2)
        snprintf(h->text + length, sizeof(h->text) - length, "%02x", event->data.data[i]);
    return ++h->events != h->stop_after;
}

static bool on_ask(void *context)
{
    heard *h = context;
    return ++h->asked != h->stop_asked;
}

static caws_status get_object_at(const char *url, heard *h, caws_error *error)
{
    const caws_logs_get_log_object_input input = {.log_object_pointer = "pointer"};
    const caws_logs_get_log_object_handler handler = {
        .context = h, .keep_going = on_ask, .fields = on_fields};
    caws_client *client = new_client_at(url, NULL);
    caws_status status = caws_logs_get_log_object(client, &input, &handler, error);
    caws_client_free(client);
    return status;
}

static caws_status get_object(const char *scenario, heard *h, caws_error *error)
{
    char url[256];
    snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_FAULT_URL"), scenario);
    return get_object_at(url, h, error);
}

static void log_objects_come_in_pieces(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.events = 0};
    (void)state;
    assert_int_equal(get_object("stream-object", &h, &error), CAWS_OK);
    assert_string_equal(h.text, "7b2261223a00ff");
    assert_int_equal(h.events, 3);
}

/* What came before the damage has been delivered; the damaged piece never is. */
static void damaged_log_objects(void **state)
{
    static const struct {
        const char *scenario;
        const char *heard;
        caws_status status;
        int exception;
        const char *message; /* a part of it */
    } damages[] = {
        {"stream-object-cut", "", CAWS_ERROR_RESPONSE_TRUNCATED, 0, "of a frame"},
        {"stream-object-bad-crc", "70617274", CAWS_ERROR_RESPONSE_MALFORMED, 0,
         "a frame has the checksum"},
        {"stream-object-bad-base64", "", CAWS_ERROR_RESPONSE_MALFORMED, 0,
         "event fields: data: a string where base64 text belongs"},
        {"stream-object-exception", "70617274", CAWS_ERROR_SERVICE,
         CAWS_LOGS_INTERNAL_STREAMING_EXCEPTION, "broke off"},
        {"error-each/InvalidOperationException", "", CAWS_ERROR_SERVICE,
         CAWS_LOGS_INVALID_OPERATION_EXCEPTION, "the message of"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        heard h = {.events = 0};
        assert_int_equal(get_object(damages[i].scenario, &h, &error), damages[i].status);
        assert_string_equal(h.text, damages[i].heard);
        assert_int_equal(error.exception, damages[i].exception);
        if (strstr(error.message, damages[i].message) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", damages[i].message, error.message);
        caws_error_clear(&error);
    }
}

static void the_caller_ends_a_log_object(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.stop_after = 1};
    (void)state;
    assert_int_equal(get_object("stream-object", &h, &error), CAWS_OK);
    assert_string_equal(h.text, "7b2261223a");
    assert_int_equal(h.events, 1);
    h = (heard){.stop_asked = 1};
    assert_int_equal(get_object("slow/20", &h, &error), CAWS_OK);
    assert_int_equal(h.events, 0);
}

static void log_objects_have_the_host_prefix(void **state)
{
    char url[256];
    char wanted[128];
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.events = 0};
    heard host = {.events = 0};
    const char *port = strrchr(required_environment("CAWS_TEST_FAULT_URL"), ':');
    (void)state;
    snprintf(url, sizeof(url), "http://caws.localhost%s/stream-object-echo", port);
    size_t length = (size_t)snprintf(wanted, sizeof(wanted), "stream-caws.localhost%s", port);
    if (get_object_at(url, &h, &error) != CAWS_OK)
        fail_msg("%s: %s: %s", url, error.code, error.message);
    assert_true(
        on_fields(&host, &(caws_logs_fields_data){.data = {(const uint8_t *)wanted, length}}));
    assert_string_equal(h.text, host.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_objects_come_in_pieces),
        cmocka_unit_test(damaged_log_objects),
        cmocka_unit_test(the_caller_ends_a_log_object),
        cmocka_unit_test(log_objects_have_the_host_prefix),
    };
    return cmocka_run_group_tests_name("log objects", tests, NULL, NULL);
}

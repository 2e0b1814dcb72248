#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_system.h"
#include "settings_endpoint.h"

#define CONFIG "/h/.aws/config"

static const caws_service logs = {.service_id = "CloudWatch Logs", .endpoint_prefix = "logs"};
static const caws_service lex = {.service_id = "Lex-Models V2", .endpoint_prefix = "models-v2-lex"};

typedef struct fixture {
    fake_system fake;
    caws_system system;
} fixture;

static void init(fixture *f, const char *config)
{
    *f = (fixture){.fake = {.home = "/h"}};
    f->system = fake_system_of(&f->fake);
    fake_write(&f->fake, CONFIG, config);
}

static void is(fixture *f, const caws_client_options *options, const caws_service *service,
               const char *url, const char *source)
{
    caws_settings settings = {0};
    caws_arena arena = CAWS_ARENA_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_setting_value found;
    assert_int_equal(caws_settings_load_from(&settings, options, &f->system, &error), CAWS_OK);
    assert_int_equal(caws_settings_endpoint(&settings, service, &arena, &found, &error), CAWS_OK);
    if (url == NULL) {
        assert_null(found.text);
    } else {
        assert_non_null(found.text);
        assert_string_equal(found.text, url);
        assert_string_equal(found.source, source);
    }
    caws_arena_clear(&arena);
    caws_settings_clear(&settings);
}

/* From the last place to the first: each goes before those that are set already. */
static void keeps_the_order_of_the_sdks(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\n");
    is(&f, NULL, &logs, NULL, NULL);
    fake_write(&f.fake, CONFIG, "[default]\nendpoint_url = http://profile\n");
    is(&f, NULL, &logs, "http://profile", CONFIG ":2: endpoint_url");
    fake_write(&f.fake, CONFIG,
               "[default]\nendpoint_url = http://profile\nservices = s\n"
               "[services s]\ncloudwatch_logs =\n  endpoint_url = http://id\n");
    is(&f, NULL, &logs, "http://id", CONFIG ":6: endpoint_url");
    is(&f, NULL, &lex, "http://profile", CONFIG ":2: endpoint_url");

    char all[] = "AWS_ENDPOINT_URL=http://all";
    char prefix[] = "AWS_ENDPOINT_URL_LOGS=http://LOGS";
    char id[] = "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=http://ID";
    f.fake.entries[0] = all;
    is(&f, NULL, &logs, "http://all", "AWS_ENDPOINT_URL");
    f.fake.entries[1] = prefix;
    is(&f, NULL, &logs, "http://LOGS", "AWS_ENDPOINT_URL_LOGS");
    is(&f, NULL, &lex, "http://all", "AWS_ENDPOINT_URL");
    f.fake.entries[2] = id;
    is(&f, NULL, &logs, "http://ID", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS");

    const caws_client_options option = {.endpoint_url = "http://option"};
    is(&f, &option, &logs, "http://option", "option endpoint_url");
    fake_set(&f.fake, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    is(&f, NULL, &logs, NULL, NULL);
    is(&f, &option, &logs, "http://option", "option endpoint_url");
}

static void ignores_configured_urls_if_the_profile_says_so(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nendpoint_url = http://profile\nignore_configured_endpoint_urls = true\n");
    char all[] = "AWS_ENDPOINT_URL=http://all";
    f.fake.entries[0] = all;
    is(&f, NULL, &logs, NULL, NULL);
    fake_set(&f.fake, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
    is(&f, NULL, &logs, "http://all", "AWS_ENDPOINT_URL");
}

static void writes_services_as_the_sdks_do(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nservices = s\n[services s]\n"
             "Lex_Models_V2 =\n  endpoint_url = http://lex\n"
             "CloudWatch Logs =\n  endpoint_url = http://spaces\n"
             "cloudwatch-logs =\n  endpoint_url = http://hyphens\n"
             "logs =\n  endpoint_url = http://prefix\n"); /* may be another service's id */
    is(&f, NULL, &lex, "http://lex", CONFIG ":5: endpoint_url");
    is(&f, NULL, &logs, NULL, NULL);
    char lower[] = "AWS_ENDPOINT_URL_cloudwatch_logs=http://lower";
    char longer[] = "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS2=http://longer";
    char shorter[] = "AWS_ENDPOINT_URL_CLOUDWATCH_LOG=http://shorter";
    f.fake.entries[0] = lower;
    f.fake.entries[1] = longer;
    f.fake.entries[2] = shorter;
    is(&f, NULL, &logs, NULL, NULL);
}

static void takes_empty_urls_for_unset(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nservices = s\nendpoint_url = http://profile\n"
             "[services s]\ncloudwatch_logs =\n  endpoint_url =\n");
    is(&f, NULL, &logs, "http://profile", CONFIG ":3: endpoint_url");
    fake_write(&f.fake, CONFIG, "[default]\nendpoint_url =\n");
    is(&f, NULL, &logs, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_order_of_the_sdks),
        cmocka_unit_test(ignores_configured_urls_if_the_profile_says_so),
        cmocka_unit_test(writes_services_as_the_sdks_do),
        cmocka_unit_test(takes_empty_urls_for_unset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

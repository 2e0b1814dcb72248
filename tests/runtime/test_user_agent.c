#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user_agent.h"

static struct utsname system_of(const char *name, const char *release, const char *machine)
{
    struct utsname system;
    memset(&system, 0, sizeof(system));
    (void)snprintf(system.sysname, sizeof(system.sysname), "%s", name);
    (void)snprintf(system.release, sizeof(system.release), "%s", release);
    (void)snprintf(system.machine, sizeof(system.machine), "%s", machine);
    return system;
}

static void expect(const struct utsname *system, const char *app_id, const char *environment,
                   const char *service_id, unsigned features, const char *expected)
{
    caws_arena arena = CAWS_ARENA_INIT;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    caws_user_agent agent;
    assert_true(caws_user_agent_init(&agent, app_id, environment, system, &arena));
    assert_true(caws_user_agent_append(&buffer, &agent, service_id, features));
    assert_string_equal(buffer.data, expected);
    caws_buffer_clear(&buffer);
    caws_arena_clear(&arena);
}

#define V CAWS_VERSION

static void tells_what_there_is(void **state)
{
    (void)state;
    const struct utsname debian = system_of("Linux", "6.1.0-28-amd64", "x86_64");
    expect(&debian, NULL, NULL, "CloudWatch Logs", 0,
           "caws/" V " ua/2.1 os/linux#6.1.0-28-amd64 md/arch#x86_64 lang/c#11 "
           "api/cloudwatch_logs#" V);
    expect(&debian, "billing", "AWS_Lambda_provided.al2023", "SQS",
           CAWS_FEATURE_RETRY_STANDARD | CAWS_FEATURE_CREDENTIALS_ENVIRONMENT,
           "caws/" V " ua/2.1 os/linux#6.1.0-28-amd64 md/arch#x86_64 lang/c#11 "
           "exec-env/AWS_Lambda_provided.al2023 api/sqs#" V " m/E,g app/billing");
}

static void leaves_away_what_is_empty(void **state)
{
    (void)state;
    const struct utsname linux_system = system_of("Linux", "", "");
    expect(&linux_system, "", "", "SQS", 0, "caws/" V " ua/2.1 os/linux lang/c#11 api/sqs#" V);
    const struct utsname nothing = system_of("", "", "");
    expect(&nothing, NULL, NULL, "SQS", 0, "caws/" V " ua/2.1 os/other lang/c#11 api/sqs#" V);
    const struct utsname release = system_of("", "1", "");
    expect(&release, NULL, NULL, "SQS", 0, "caws/" V " ua/2.1 os/other lang/c#11 api/sqs#" V);
}

static void knows_systems(void **state)
{
    (void)state;
    const struct utsname mac = system_of("Darwin", "24.1.0", "arm64");
    expect(&mac, NULL, NULL, "SQS", 0,
           "caws/" V " ua/2.1 os/macos#24.1.0 md/arch#arm64 lang/c#11 api/sqs#" V);
    const struct utsname bsd = system_of("FreeBSD", "14.1-RELEASE", "amd64");
    expect(&bsd, NULL, NULL, "SQS", 0,
           "caws/" V " ua/2.1 os/other md/FreeBSD#14.1-RELEASE md/arch#amd64 lang/c#11 api/sqs#" V);
}

/* The letters of the SDKs' table of features. */
static void tells_features(void **state)
{
    (void)state;
    static const struct {
        unsigned features;
        const char *letters;
    } cases[] = {
        {CAWS_FEATURE_WAITER, " m/B"},
        {CAWS_FEATURE_PAGINATOR, " m/C"},
        {CAWS_FEATURE_RETRY_STANDARD, " m/E"},
        {CAWS_FEATURE_RETRY_ADAPTIVE, " m/F"},
        {CAWS_FEATURE_ENDPOINT_OVERRIDE, " m/N"},
        {CAWS_FEATURE_CREDENTIALS_CODE, " m/e"},
        {CAWS_FEATURE_CREDENTIALS_ENVIRONMENT, " m/g"},
        {CAWS_FEATURE_CREDENTIALS_PROFILE, " m/n"},
        {CAWS_FEATURE_CREDENTIALS_PROFILE_PROCESS, " m/v"},
        {CAWS_FEATURE_CREDENTIALS_PROCESS, " m/w"},
        {CAWS_FEATURE_CREDENTIALS_HTTP, " m/z"},
        {CAWS_FEATURE_CREDENTIALS_IMDS, " m/0"},
        {0xFFFFFFFF, " m/B,C,E,F,N,e,g,n,v,w,z,0"},
    };
    const struct utsname system = system_of("Linux", "6", "");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[256];
        (void)snprintf(expected, sizeof(expected),
                       "caws/" V " ua/2.1 os/linux#6 lang/c#11 api/sqs#" V "%s app/x",
                       cases[i].letters);
        expect(&system, "x", NULL, "SQS", cases[i].features, expected);
    }
}

/* Nothing breaks out of its place, or begins a header of its own. */
static void replaces_what_does_not_belong_there(void **state)
{
    (void)state;
    const struct utsname odd = system_of("Linux", "6 (x)\r\nX: y", "a/b\x7f\xc3\xa9");
    expect(&odd, "my app/1.0\r\nHost: evil\t\"x\"", "a b;c,d", "IoT/Data-Plane \n\xff", 0,
           "caws/" V " ua/2.1 os/linux#6--x---X--y md/arch#a-b--- lang/c#11 exec-env/a-b-c-d "
           "api/iot-data-plane_--#" V " app/my-app-1.0--Host--evil--x-");
    const struct utsname system = system_of("Linux", "6", "");
    expect(&system, "!#$%&'*+-.^_`|~aZ09", NULL, "SQS", 0,
           "caws/" V " ua/2.1 os/linux#6 lang/c#11 api/sqs#" V " app/!#$%&'*+-.^_`|~aZ09");
}

static void asks_the_system(void **state)
{
    (void)state;
    struct utsname system;
    assert_true(uname(&system) >= 0);
    caws_arena arena = CAWS_ARENA_INIT;
    caws_user_agent asked;
    caws_user_agent told;
    assert_true(caws_user_agent_init(&asked, NULL, NULL, NULL, &arena));
    assert_true(caws_user_agent_init(&told, NULL, NULL, &system, &arena));
    assert_string_equal(asked.head, told.head);
    assert_string_equal(asked.tail, "");
    caws_arena_clear(&arena);
}

static void numbers_the_attempts(void **state)
{
    (void)state;
    static const struct {
        int attempt, max;
        int64_t ttl;
        const char *text;
    } cases[] = {
        {1, 3, 0, "attempt=1; max=3"},
        {2, 3, 1767225600, "ttl=20260101T000000Z; attempt=2; max=3"},
        {3, 3, 951868799, "ttl=20000229T235959Z; attempt=3; max=3"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[CAWS_ATTEMPT_HEADER_SIZE];
        memset(text, 'x', sizeof(text));
        caws_attempt_header(text, cases[i].attempt, cases[i].max, cases[i].ttl);
        assert_string_equal(text, cases[i].text);
    }
    /* Nothing is written beyond the text, whatever the year. */
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < 2; i++) {
        char text[CAWS_ATTEMPT_HEADER_SIZE];
        caws_attempt_header(text, INT32_MAX, INT32_MIN, extremes[i]);
        assert_non_null(strstr(text, "; attempt=2147483647; max=-2147483648"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_there_is),
        cmocka_unit_test(leaves_away_what_is_empty),
        cmocka_unit_test(knows_systems),
        cmocka_unit_test(tells_features),
        cmocka_unit_test(replaces_what_does_not_belong_there),
        cmocka_unit_test(asks_the_system),
        cmocka_unit_test(numbers_the_attempts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#define _DEFAULT_SOURCE /* timegm */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "random.h"
#include "timestamp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void expect_text(int64_t ms, caws_timestamp_format format, const char *expected)
{
    char text[CAWS_TIMESTAMP_TEXT_SIZE];
    memset(text, 'x', sizeof(text));
    caws_timestamp_write(text, ms, format);
    assert_string_equal(text, expected);
}

static void expect_parsed(const char *text, int64_t expected)
{
    int64_t ms = 12345;
    if (!caws_timestamp_parse(text, &ms))
        fail_msg("%s is a timestamp", text);
    if (ms != expected)
        fail_msg("%s is %lld, not %lld", text, (long long)expected, (long long)ms);
}

static void writes_unix_seconds(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{0, "0"},
                 {1, "0.001"},
                 {999, "0.999"},
                 {1000, "1"},
                 {1010, "1.010"},
                 {-1, "-0.001"},
                 {-500, "-0.500"},
                 {-999, "-0.999"},
                 {-1000, "-1"},
                 {-1001, "-1.001"},
                 {-1999, "-1.999"},
                 {-2000, "-2"},
                 {1440938160123, "1440938160.123"},
                 {9007199254740993, "9007199254740.993"},
                 {INT64_MAX, "9223372036854775.807"},
                 {INT64_MIN, "-9223372036854775.808"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_text(cases[i].ms, CAWS_TIMESTAMP_UNIX, cases[i].text);
        expect_text(cases[i].ms, CAWS_TIMESTAMP_DEFAULT, cases[i].text);
    }
}

static const struct {
    int64_t seconds;
    const char *iso;
    const char *http;
} instants[] = {
    /* RFC 9110's own example, then boundaries; weekdays as the calendar has them. */
    {784111777, "1994-11-06T08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT"},
    {0, "1970-01-01T00:00:00", "Thu, 01 Jan 1970 00:00:00 GMT"},
    {-1, "1969-12-31T23:59:59", "Wed, 31 Dec 1969 23:59:59 GMT"},
    {951782400, "2000-02-29T00:00:00", "Tue, 29 Feb 2000 00:00:00 GMT"},
    {951868799, "2000-02-29T23:59:59", "Tue, 29 Feb 2000 23:59:59 GMT"},
    {951868800, "2000-03-01T00:00:00", "Wed, 01 Mar 2000 00:00:00 GMT"},
    {4107542399, "2100-02-28T23:59:59", "Sun, 28 Feb 2100 23:59:59 GMT"},
    {4107542400, "2100-03-01T00:00:00", "Mon, 01 Mar 2100 00:00:00 GMT"},
    {2147483648, "2038-01-19T03:14:08", "Tue, 19 Jan 2038 03:14:08 GMT"},
    {253402300799, "9999-12-31T23:59:59", "Fri, 31 Dec 9999 23:59:59 GMT"},
    {-62135596800, "0001-01-01T00:00:00", "Mon, 01 Jan 0001 00:00:00 GMT"},
    {-62167219200, "0000-01-01T00:00:00", "Sat, 01 Jan 0000 00:00:00 GMT"},
};

static void writes_and_reads_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(instants); i++) {
        char text[64];
        int64_t ms = instants[i].seconds * 1000;
        (void)snprintf(text, sizeof(text), "%sZ", instants[i].iso);
        expect_text(ms, CAWS_TIMESTAMP_ISO8601, text);
        expect_parsed(text, ms);
        (void)snprintf(text, sizeof(text), "%s.007Z", instants[i].iso);
        expect_text(ms + 7, CAWS_TIMESTAMP_ISO8601, text);
        expect_parsed(text, ms + 7);
        expect_text(ms, CAWS_TIMESTAMP_RFC822, instants[i].http);
        expect_text(ms + 999, CAWS_TIMESTAMP_RFC822, instants[i].http);
        expect_parsed(instants[i].http, ms);
    }
}

/* Whatever the instant, nothing is written beyond the text. */
static void writes_extremes(void **state)
{
    (void)state;
    expect_text(INT64_MAX, CAWS_TIMESTAMP_ISO8601, "292278994-08-17T07:12:55.807Z");
    expect_text(INT64_MAX, CAWS_TIMESTAMP_RFC822, "Sun, 17 Aug 292278994 07:12:55 GMT");
    expect_text(253402300800000, CAWS_TIMESTAMP_ISO8601, "10000-01-01T00:00:00Z");
    expect_text(INT64_MIN, CAWS_TIMESTAMP_ISO8601, "-292275055-05-16T16:47:04.192Z");
    expect_text(INT64_MIN, CAWS_TIMESTAMP_RFC822, "Sun, 16 May -292275055 16:47:04 GMT");
}

static void knows_the_first_and_the_last_second(void **state)
{
    (void)state;
    caws_civil last = caws_civil_from_unix(INT64_MAX);
    assert_int_equal(last.year, 292277026596);
    assert_int_equal(last.month * 100 + last.day, 1204);
    assert_int_equal(last.hour * 10000 + last.minute * 100 + last.second, 153007);
    caws_civil first = caws_civil_from_unix(INT64_MIN);
    assert_int_equal(first.year, -292277022657);
    assert_int_equal(first.month * 100 + first.day, 127);
    assert_int_equal(first.hour * 10000 + first.minute * 100 + first.second, 82952);
}

/* Every day of an era of 400 years, after which the calendar is the same again. */
static void counts_every_day(void **state)
{
    (void)state;
    static const int64_t first_day = -135140; /* 1600-01-01 */
    for (int64_t day = 0; day <= 146097; day++) {
        time_t clock = (time_t)((first_day + day) * 86400);
        struct tm tm;
        assert_non_null(gmtime_r(&clock, &tm));
        caws_civil civil = caws_civil_from_unix(clock);
        assert_int_equal(civil.year, (int64_t)tm.tm_year + 1900);
        assert_int_equal(civil.month, tm.tm_mon + 1);
        assert_int_equal(civil.day, tm.tm_mday);
        if (day == 0 || day == 146097)
            assert_true(civil.month == 1 && civil.day == 1 && civil.year % 400 == 0);
    }
}

static void agrees_with_libc(void **state)
{
    (void)state;
    uint64_t random = 1970;
    for (int i = 0; i < 200000; i++) {
        /* Years -1,000 to 12,000, then nearer ones. */
        int64_t seconds = (int64_t)(next_random(&random) % 410000000000) - 94000000000;
        if (i % 2 == 0)
            seconds /= 100;
        time_t clock = (time_t)seconds;
        struct tm tm;
        assert_non_null(gmtime_r(&clock, &tm));
        caws_civil civil = caws_civil_from_unix(seconds);
        assert_int_equal(civil.year, (int64_t)tm.tm_year + 1900);
        assert_int_equal(civil.month, tm.tm_mon + 1);
        assert_int_equal(civil.day, tm.tm_mday);
        assert_int_equal(civil.hour, tm.tm_hour);
        assert_int_equal(civil.minute, tm.tm_min);
        assert_int_equal(civil.second, tm.tm_sec);
        assert_int_equal(civil.weekday, tm.tm_wday);

        if (civil.year < 0 || civil.year > 9999)
            continue;
        char text[64];
        (void)strftime(text, sizeof(text), "T%H:%M:%S+00:00", &tm);
        char iso[128];
        (void)snprintf(iso, sizeof(iso), "%04d-%02d-%02d%s", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, text);
        expect_parsed(iso, (int64_t)timegm(&tm) * 1000);
        caws_timestamp_write(text, seconds * 1000, CAWS_TIMESTAMP_RFC822);
        expect_parsed(text, seconds * 1000);
    }
}

static void knows_every_day_of_400_years(void **state)
{
    (void)state;
    for (int year = 1900; year < 2300; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= 31; day++) {
                struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
                time_t clock = timegm(&tm);
                char text[64];
                int64_t ms = 0;
                (void)snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00Z", year, month, day);
                bool exists = tm.tm_mon == month - 1;
                if (caws_timestamp_parse(text, &ms) != exists)
                    fail_msg("%s: %s", text, exists ? "refused" : "accepted");
                if (exists)
                    assert_int_equal(ms, (int64_t)clock * 1000);
            }
}

static void reads_fractions(void **state)
{
    (void)state;
    expect_parsed("1970-01-01T00:00:00.1Z", 100);
    expect_parsed("1970-01-01T00:00:00.12Z", 120);
    expect_parsed("1970-01-01T00:00:00.123Z", 123);
    expect_parsed("1970-01-01T00:00:00.1239Z", 123);
    expect_parsed("1970-01-01T00:00:00.999999999Z", 999);
    expect_parsed("1970-01-01T00:00:00.0000000000000000000000000000000000001Z", 0);
    expect_parsed("1969-12-31T23:59:59.0009Z", -1000);
    expect_parsed("1969-12-31T23:59:59.5Z", -500);
    expect_parsed("Thu, 01 Jan 1970 00:00:00.25 GMT", 250);
}

static void reads_zones(void **state)
{
    (void)state;
    expect_parsed("1970-01-01T01:00:00+01:00", 0);
    expect_parsed("1969-12-31T20:30:00-03:30", 0);
    expect_parsed("1970-01-01T01:00:00+0100", 0);
    expect_parsed("1970-01-01T00:00:00.5-00:00", 500);
    expect_parsed("1970-01-01T23:59:00+23:59", 0);
    expect_parsed("1970-01-01t00:00:00z", 0);
}

/* POSIX time has no leap seconds: the sixtieth is the next minute's first. */
static void reads_leap_seconds(void **state)
{
    (void)state;
    expect_parsed("2016-12-31T23:59:60Z", 1483228800000);
    expect_parsed("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800000);
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    static const char *const malformed[] = {"",
                                            " ",
                                            "0",
                                            "1440938160",
                                            "NaN",
                                            "Z",
                                            "T",
                                            ",",
                                            ", ",
                                            "2015",
                                            "2015-08-30",
                                            "2015-08-30T12:36:00",
                                            "2015-08-30 12:36:00Z",
                                            "2015-08-30T12:36Z",
                                            "2015-08-30T12:36:00ZZ",
                                            "2015-08-30T12:36:00Z ",
                                            " 2015-08-30T12:36:00Z",
                                            "2015-8-30T12:36:00Z",
                                            "15-08-30T12:36:00Z",
                                            "20150830T123600Z",
                                            "+2015-08-30T12:36:00Z",
                                            "-015-08-30T12:36:00Z",
                                            "12015-08-30T12:36:00Z",
                                            "2015-08-30T12:36:00.Z",
                                            "2015-08-30T12:36:00,5Z",
                                            "2015-08-30T24:00:01Z",
                                            "2015-08-30T24:59:60Z",
                                            "2015-08-30T25:00:00Z",
                                            "2015-08-30T12:60:00Z",
                                            "2015-08-30T12:36:61Z",
                                            "2015-00-30T12:36:00Z",
                                            "2015-13-30T12:36:00Z",
                                            "2015-08-00T12:36:00Z",
                                            "2015-08-32T12:36:00Z",
                                            "2015-02-29T12:36:00Z",
                                            "2015-04-31T12:36:00Z",
                                            "2100-02-29T00:00:00Z",
                                            "2015-08-30T12:36:00+1",
                                            "2015-08-30T12:36:00+01",
                                            "2015-08-30T12:36:00+01:",
                                            "2015-08-30T12:36:00+01:0",
                                            "2015-08-30T12:36:00+24:00",
                                            "2015-08-30T12:36:00+00:60",
                                            "2015-08-30T12:36:00 01:00",
                                            "2015-08-30T12:36:00+01:00Z",
                                            "2015-08-30T1 :36:00Z",
                                            "2015-08-30T12:36:0\xff",
                                            "Sun, 30 Aug 2015 12:36:00",
                                            "Sun, 30 Aug 2015 12:36:00 UTC",
                                            "Sun, 30 Aug 2015 12:36:00 GMT ",
                                            "Sun, 30 Aug 2015 12:36:00GMT",
                                            "Sun 30 Aug 2015 12:36:00 GMT",
                                            "Sun,30 Aug 2015 12:36:00 GMT",
                                            "Sun, 3 Aug 2015 12:36:00 GMT",
                                            "Sun, 30 aug 2015 12:36:00 GMT",
                                            "Sun, 30 Augu 2015 12:36:00 GMT",
                                            "Sun, 30 A",
                                            "Sun, 30 Aug 15 12:36:00 GMT",
                                            "Sun, 31 Feb 2015 12:36:00 GMT",
                                            "Sun, 00 Aug 2015 12:36:00 GMT",
                                            ", 30 Aug 2015 12:36:00 GMT",
                                            "nonsense, 30 Aug 2015 12:36:00 GMT",
                                            "Son, 30 Aug 2015 12:36:00 GMT",
                                            "Sun Aug 30 12:36:00 2015",
                                            "Sun, 30 Aug 2015 25:36:00 GMT",
                                            "Sun, 30 Aug 2015 12:36:00 -0100"};
    for (size_t i = 0; i < COUNT(malformed); i++) {
        int64_t ms = 0;
        if (caws_timestamp_parse(malformed[i], &ms))
            fail_msg("\"%s\" is no timestamp, not %lld", malformed[i], (long long)ms);
    }
}

static void refuses_every_prefix(void **state)
{
    (void)state;
    static const char *const texts[] = {"2015-08-30T12:36:00.123Z", "2015-08-30T12:36:00+01:30",
                                        "Sun, 30 Aug 2015 12:36:00 GMT"};
    for (size_t i = 0; i < COUNT(texts); i++)
        for (size_t length = 0; length < strlen(texts[i]); length++) {
            char text[64] = "";
            int64_t ms = 0;
            memcpy(text, texts[i], length);
            if (caws_timestamp_parse(text, &ms))
                fail_msg("\"%s\" is no timestamp", text);
        }
}

static void expect_http_date(const char *text, int64_t now, int64_t expected)
{
    int64_t ms = 12345;
    if (!caws_http_date_parse(text, now * 1000, &ms))
        fail_msg("%s is a date", text);
    if (ms != expected * 1000)
        fail_msg("%s is %lld, not %lld", text, (long long)expected * 1000, (long long)ms);
}

/* RFC 9110's own examples of its three forms. */
static void reads_http_dates(void **state)
{
    (void)state;
    enum { THEN = 784111777, IN_2026 = 1770000000 };
    expect_http_date("Sun, 06 Nov 1994 08:49:37 GMT", THEN, THEN);
    expect_http_date("Sunday, 06-Nov-94 08:49:37 GMT", THEN, THEN);
    expect_http_date("Sun Nov  6 08:49:37 1994", THEN, THEN);
    expect_http_date("Sun Nov 16 08:49:37 1994", THEN, THEN + 864000);
    for (size_t i = 0; i < COUNT(instants); i++)
        expect_http_date(instants[i].http, IN_2026, instants[i].seconds);
}

/* A year of two digits is never more than 50 years ahead. */
static void guesses_the_century(void **state)
{
    (void)state;
    static const struct {
        const char *year;
        int64_t now;
        int64_t date; /* midnight of January 1 */
    } cases[] = {
        {"26", 1770000000, 1767225600}, /* in 2026: 2026 */
        {"76", 1770000000, 3345062400}, /* 2076 */
        {"77", 1770000000, 220924800},  /* 1977 */
        {"99", 1770000000, 915148800},  /* 1999 */
        {"00", 1770000000, 946684800},  /* 2000 */
        {"00", 3787000000, 4102444800}, /* in 2090: 2100 */
        {"39", 3787000000, 5333126400}, /* 2139 */
        {"41", 3787000000, 2240611200}, /* 2041 */
        {"70", 0, 0},                   /* a clock that begins in 1970 */
        {"20", 0, 1577836800},          /* 2020 */
        {"26", 0, -1388534400},         /* 1926 */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "Monday, 01-Jan-%s 00:00:00 GMT", cases[i].year);
        expect_http_date(text, cases[i].now, cases[i].date);
    }
}

static void refuses_what_is_no_http_date(void **state)
{
    (void)state;
    static const char *const malformed[] = {"",
                                            "0",
                                            "-1",
                                            "784111777",
                                            "1994-11-06T08:49:37Z",
                                            "Sun",
                                            "Sun,",
                                            "Sun ",
                                            "Sunday",
                                            "Sunday, ",
                                            "Sun, 06 Nov 94 08:49:37 GMT",
                                            "Sun, 06 Nov 1994 08:49:37 UTC",
                                            "Sun, 06 Nov 1994 08:49:37",
                                            "Sun, 6 Nov 1994 08:49:37 GMT",
                                            " Sun, 06 Nov 1994 08:49:37 GMT",
                                            "Sun, 06 Nov 1994 08:49:37 GMT ",
                                            "Sunday, 06-Nov-1994 08:49:37 GMT",
                                            "Sunday, 06 Nov 94 08:49:37 GMT",
                                            "Sunday, 06-Nov-94 08:49:37",
                                            "Sunday, 06-Nov-94 08:49:37 EST",
                                            "SUNDAY, 06-Nov-94 08:49:37 GMT",
                                            "Sunday, 31-Feb-94 08:49:37 GMT",
                                            "Sunday, 06-Nov-94 24:49:37 GMT",
                                            "Sun Nov 6 08:49:37 1994",
                                            "Sun Nov 06  08:49:37 1994",
                                            "Sun Nov   6 08:49:37 1994",
                                            "Sun Nov  0 08:49:37 1994",
                                            "Sun Nov 31 08:49:37 1994",
                                            "Sun Nov  6 08:49:37 94",
                                            "Sun Nov  6 08:49:37 19944",
                                            "Sun Nov  6 08:49:37 1994 GMT",
                                            "Sun Nov  6 08:49:60 199",
                                            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994",
                                            "now"};
    for (size_t i = 0; i < COUNT(malformed); i++) {
        int64_t ms = 0;
        if (caws_http_date_parse(malformed[i], 0, &ms))
            fail_msg("\"%s\" is no date, not %lld", malformed[i], (long long)ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_unix_seconds),
        cmocka_unit_test(writes_and_reads_dates),
        cmocka_unit_test(writes_extremes),
        cmocka_unit_test(knows_the_first_and_the_last_second),
        cmocka_unit_test(counts_every_day),
        cmocka_unit_test(agrees_with_libc),
        cmocka_unit_test(knows_every_day_of_400_years),
        cmocka_unit_test(reads_fractions),
        cmocka_unit_test(reads_zones),
        cmocka_unit_test(reads_leap_seconds),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(refuses_every_prefix),
        cmocka_unit_test(reads_http_dates),
        cmocka_unit_test(guesses_the_century),
        cmocka_unit_test(refuses_what_is_no_http_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

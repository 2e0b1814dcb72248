#include "timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SECONDS_PER_DAY = 86400 };

static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/*
 * The calendar repeats every 400 years, which are 146,097 days. Counting years from March puts the
 * leap day last, and makes the days before a month a linear function of the month.
 */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_divide(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = ((int64_t)month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + (int64_t)day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

caws_civil caws_civil_from_unix(int64_t seconds)
{
    int64_t days = floor_divide(seconds, SECONDS_PER_DAY);
    unsigned in_day = (unsigned)((seconds % SECONDS_PER_DAY + SECONDS_PER_DAY) % SECONDS_PER_DAY);

    int64_t shifted = days + 719468;
    int64_t era = floor_divide(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    unsigned month = (unsigned)((month_from_march + 2) % 12 + 1);

    return (caws_civil){
        .year = era * 400 + year_of_era + (month <= 2 ? 1 : 0),
        .month = month,
        .day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
        .hour = in_day / 3600,
        .minute = in_day / 60 % 60,
        .second = in_day % 60,
        .weekday = (unsigned)(((days + 4) % 7 + 7) % 7),
    };
}

void caws_timestamp_write(char text[CAWS_TIMESTAMP_TEXT_SIZE], int64_t ms,
                          caws_timestamp_format format)
{
    int64_t seconds = floor_divide(ms, 1000);
    int fraction = (int)((ms % 1000 + 1000) % 1000);
    char fraction_text[16] = "";
    if (fraction != 0)
        (void)snprintf(fraction_text, sizeof(fraction_text), ".%03d", fraction);

    caws_civil t = caws_civil_from_unix(seconds);
    switch (format) {
    case CAWS_TIMESTAMP_ISO8601:
        (void)snprintf(text, CAWS_TIMESTAMP_TEXT_SIZE, "%04" PRId64 "-%02u-%02uT%02u:%02u:%02u%sZ",
                       t.year, t.month, t.day, t.hour, t.minute, t.second, fraction_text);
        return;
    case CAWS_TIMESTAMP_RFC822:
        (void)snprintf(text, CAWS_TIMESTAMP_TEXT_SIZE,
                       "%s, %02u %s %04" PRId64 " %02u:%02u:%02u GMT", weekdays[t.weekday], t.day,
                       months[t.month - 1], t.year, t.hour, t.minute, t.second);
        return;
    case CAWS_TIMESTAMP_DEFAULT:
    case CAWS_TIMESTAMP_UNIX:
        break;
    }
    if (seconds < 0 && fraction != 0) { /* -0.5 s is second -1 and 500 ms */
        seconds += 1;
        (void)snprintf(fraction_text, sizeof(fraction_text), ".%03d", 1000 - fraction);
        (void)snprintf(text, CAWS_TIMESTAMP_TEXT_SIZE, "-%" PRId64 "%s", -seconds, fraction_text);
        return;
    }
    (void)snprintf(text, CAWS_TIMESTAMP_TEXT_SIZE, "%" PRId64 "%s", seconds, fraction_text);
}

/* Reads exactly count digits and moves on. */
static bool read_digits(const char **cursor, int count, unsigned *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        char c = **cursor;
        if (c < '0' || c > '9')
            return false;
        *value = *value * 10 + (unsigned)(c - '0');
        (*cursor)++;
    }
    return true;
}

static bool read_char(const char **cursor, char expected)
{
    if (**cursor != expected)
        return false;
    (*cursor)++;
    return true;
}

/* "12:36:00" with an optional fraction of any length. */
static bool read_clock(const char **cursor, unsigned *second_of_day, unsigned *millisecond)
{
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    if (!read_digits(cursor, 2, &hour) || !read_char(cursor, ':') ||
        !read_digits(cursor, 2, &minute) || !read_char(cursor, ':') ||
        !read_digits(cursor, 2, &second))
        return false;
    if (hour > 23 || minute > 59 ||
        second > 60) /* a leap second counts as the next minute's first */
        return false;
    *second_of_day = hour * 3600 + minute * 60 + second;
    *millisecond = 0;
    if (read_char(cursor, '.')) {
        unsigned scale = 100;
        const char *first = *cursor;
        for (; **cursor >= '0' && **cursor <= '9'; (*cursor)++) {
            *millisecond += (unsigned)(**cursor - '0') * scale;
            scale /= 10;
        }
        if (*cursor == first)
            return false;
    }
    return true;
}

/* "Z", "+01:00" or "-0330", in seconds east of UTC. */
static bool read_zone(const char **cursor, int64_t *east)
{
    *east = 0;
    if (read_char(cursor, 'Z') || read_char(cursor, 'z'))
        return true;
    int sign = read_char(cursor, '+') ? 1 : -1;
    if (sign < 0 && !read_char(cursor, '-'))
        return false;
    unsigned hours = 0;
    unsigned minutes = 0;
    if (!read_digits(cursor, 2, &hours))
        return false;
    (void)read_char(cursor, ':');
    if (!read_digits(cursor, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *east = sign * ((int64_t)hours * 3600 + (int64_t)minutes * 60);
    return true;
}

static bool finish(int64_t year, unsigned month, unsigned day, unsigned second_of_day,
                   unsigned millisecond, int64_t east, int64_t *ms)
{
    if (month < 1 || month > 12 || day < 1)
        return false;
    int64_t midnight = days_from_civil(year, month, day) * SECONDS_PER_DAY;
    if (caws_civil_from_unix(midnight).day != day) /* the month has fewer days */
        return false;
    *ms = (midnight + second_of_day - east) * 1000 + millisecond;
    return true;
}

/* Reads one of the names, all of three letters, and moves on. */
static bool read_name(const char **cursor, const char *const *names, unsigned count,
                      unsigned *index)
{
    for (*index = 0; *index < count; (*index)++)
        if (strncmp(*cursor, names[*index], 3) == 0) {
            *cursor += 3;
            return true;
        }
    return false;
}

/* The year of two digits that is at most 50 years ahead. */
static int64_t full_year(unsigned two_digits, int64_t now_ms)
{
    int64_t now = caws_civil_from_unix(floor_divide(now_ms, 1000)).year;
    int64_t year = floor_divide(now, 100) * 100 + two_digits;
    if (year > now + 50)
        return year - 100;
    return year + 100 <= now + 50 ? year + 100 : year;
}

/* Reads a date by a pattern, in which w is the weekday in three letters, l the letters that follow
 * it, d and s the day with a zero and with a space before one digit, m the month, Y and y the year
 * with four and with two digits, n the month in two digits, x a T, t the time of day and z its
 * zone; all else is itself. */
static bool parse_by_pattern(const char *text, const char *pattern, int64_t now_ms, int64_t *ms)
{
    unsigned weekday = 0;
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    unsigned second_of_day = 0;
    unsigned millisecond = 0;
    int64_t east = 0;
    bool two_digits = false;
    bool ok = true;
    for (; ok && *pattern != '\0'; pattern++) {
        switch (*pattern) {
        case 'w':
            ok = read_name(&text, weekdays, 7, &weekday);
            break;
        case 'l':
            text += strspn(text, "adensuyrt"); /* of "Sunday" and the others */
            break;
        case 'd':
            ok = read_digits(&text, 2, &day);
            break;
        case 's':
            ok = read_digits(&text, read_char(&text, ' ') ? 1 : 2, &day);
            break;
        case 'm':
            ok = read_name(&text, months, 12, &month);
            month++;
            break;
        case 'n':
            ok = read_digits(&text, 2, &month);
            break;
        case 'Y':
            ok = read_digits(&text, 4, &year);
            break;
        case 'y':
            ok = two_digits = read_digits(&text, 2, &year);
            break;
        case 't':
            ok = read_clock(&text, &second_of_day, &millisecond);
            break;
        case 'x':
            ok = read_char(&text, 'T') || read_char(&text, 't');
            break;
        case 'z':
            ok = read_zone(&text, &east);
            break;
        default:
            ok = read_char(&text, *pattern);
            break;
        }
    }
    return ok && *text == '\0' &&
           finish(two_digits ? full_year(year, now_ms) : year, month, day, second_of_day,
                  millisecond, east, ms);
}

static const char rfc822_pattern[] = "w, d m Y t GMT";

bool caws_timestamp_parse(const char *text, int64_t *ms)
{
    return parse_by_pattern(text, "Y-n-dxtz", 0, ms) ||
           parse_by_pattern(text, rfc822_pattern, 0, ms);
}

bool caws_http_date_parse(const char *text, int64_t now_ms, int64_t *ms)
{
    return parse_by_pattern(text, rfc822_pattern, now_ms, ms) ||
           parse_by_pattern(text, "wl, d-m-y t GMT", now_ms, ms) || /* RFC 850 */
           parse_by_pattern(text, "w m s t Y", now_ms, ms);         /* asctime */
}

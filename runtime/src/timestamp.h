/* Timestamps: milliseconds since 1970-01-01 00:00 UTC, and their texts on the wire. */
#ifndef CAWS_TIMESTAMP_H
#define CAWS_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caws/schema.h>

/* A date and time of the proleptic Gregorian calendar, UTC. */
typedef struct caws_civil {
    int64_t year;
    unsigned month;   /* 1 to 12 */
    unsigned day;     /* 1 to 31 */
    unsigned hour;    /* 0 to 23 */
    unsigned minute;  /* 0 to 59 */
    unsigned second;  /* 0 to 59 */
    unsigned weekday; /* 0 is Sunday */
} caws_civil;

/* seconds: since 1970-01-01 00:00 UTC. */
caws_civil caws_civil_from_unix(int64_t seconds);

enum { CAWS_TIMESTAMP_TEXT_SIZE = 64 };

/* Writes ms in one of the formats (CAWS_TIMESTAMP_DEFAULT is CAWS_TIMESTAMP_UNIX), with three
 * fraction digits where ms is no whole second and the format knows fractions. */
void caws_timestamp_write(char text[CAWS_TIMESTAMP_TEXT_SIZE], int64_t ms,
                          caws_timestamp_format format);

/* Reads an ISO 8601 or RFC 822 text; fractions are rounded down to milliseconds. Returns false if
 * it is neither. */
bool caws_timestamp_parse(const char *text, int64_t *ms);

/* Reads the date of an HTTP header in any of its three forms (RFC 9110, 5.6.7). now_ms: tells the
 * century of the form that has but two digits of the year. Returns false if it has none of them. */
bool caws_http_date_parse(const char *text, int64_t now_ms, int64_t *ms);

#endif

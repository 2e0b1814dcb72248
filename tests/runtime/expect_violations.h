/* For tests of the validator: what it has to find, and small types that several of them use. */
#ifndef CAWS_TEST_EXPECT_VIOLATIONS_H
#define CAWS_TEST_EXPECT_VIOLATIONS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "validate.h"

/* One violation as it is expected. */
typedef struct expected {
    const char *path;
    caws_constraint constraint;
    int64_t actual;
    int64_t limit;
    const char *text;
} expected;

static inline void finds(const caws_type *type, const void *input, caws_validation mode,
                         const expected *list, size_t count)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_status status = caws_validate(type, input, mode, &error);
    assert_int_equal(status, count > 0 ? CAWS_ERROR_INVALID_INPUT : CAWS_OK);
    assert_int_equal(error.status, status);
    assert_int_equal(error.violation_count, count);
    char message[4000] = "";
    for (size_t i = 0; i < count; i++) {
        const caws_violation *found = &error.violations[i];
        assert_string_equal(found->text, list[i].text);
        assert_string_equal(found->path, list[i].path);
        assert_int_equal(found->constraint, list[i].constraint);
        assert_int_equal(found->actual, list[i].actual);
        assert_int_equal(found->limit, list[i].limit);
        assert_memory_equal(found->text, found->path, strlen(found->path));
        if (i < 10)
            (void)strcat(strcat(message, i > 0 ? "; " : ""), list[i].text);
    }
    if (count <= 10)
        assert_string_equal(error.message, message);
    assert_string_equal(error.code, count > 0 ? "InvalidInput" : "");
    caws_error_clear(&error);
}

#define FINDS(type, input, ...)                                                                    \
    do {                                                                                           \
        const expected list_[] = {__VA_ARGS__};                                                    \
        finds(type, input, CAWS_VALIDATE_ALL, list_, sizeof(list_) / sizeof(list_[0]));            \
    } while (0)

#define PASSES(type, input) finds(type, input, CAWS_VALIDATE_ALL, NULL, 0)

/* A structure type of one member, named as given, at the beginning of the input. */
typedef struct holder {
    caws_member member;
    caws_type type;
} holder;

static inline const caws_type *hold(holder *h, const char *name, const caws_type *type,
                                    uint32_t flags)
{
    h->member = (caws_member){name, type, 0, flags, NULL};
    h->type = (caws_type){.name = "Input", .kind = CAWS_KIND_STRUCTURE, .member_count = 1};
    h->type.members = &h->member;
    return &h->type;
}

/* A string of 1 to 3 characters, and a map of 1 to 4 of them. */
static const caws_constraints short_text = {
    .min = 1, .max = 3, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
static const caws_type short_string = {.kind = CAWS_KIND_STRING, .constraints = &short_text};
static const caws_constraints few = {.min = 1, .max = 4, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
static const caws_member tag_rows[] = {
    {"key", &short_string, offsetof(caws_string_map_entry, key), 0, NULL},
    {"value", &short_string, offsetof(caws_string_map_entry, value), 0, NULL},
};
static const caws_type tags_type = {.kind = CAWS_KIND_MAP,
                                    .members = tag_rows,
                                    .member_count = 2,
                                    .size = sizeof(caws_string_map_entry),
                                    .constraints = &few};

/* (a|U+00E9)*b */
static const uint8_t ab_ascii[128] = {['a'] = 1, ['b'] = 2};
static const caws_pattern_range ab_ranges[] = {{0xE9, 0xE9, 1}};
static const uint16_t ab_next[] = {0, 0, 0, 0, 1, 2, 0, 0, 0};
static const uint8_t ab_accept[] = {4};
static const caws_pattern ab = {.source = "(a|\xC3\xA9)*b",
                                .ascii = ab_ascii,
                                .ranges = ab_ranges,
                                .next = ab_next,
                                .accept = ab_accept,
                                .range_count = 1,
                                .state_count = 3,
                                .class_count = 3};
static const caws_constraints ab_limits = {.pattern = &ab};
static const caws_type ab_type = {.kind = CAWS_KIND_STRING, .constraints = &ab_limits};

#define AB " the pattern (a|\xC3\xA9)*b"

#endif

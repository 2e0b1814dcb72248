#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <caws/schema.h>

static void shared_types_have_their_kinds_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const caws_type *type;
        caws_kind kind;
    } cases[] = {
        {&caws_type_boolean, CAWS_KIND_BOOLEAN},     {&caws_type_integer, CAWS_KIND_INTEGER},
        {&caws_type_long, CAWS_KIND_LONG},           {&caws_type_double, CAWS_KIND_DOUBLE},
        {&caws_type_timestamp, CAWS_KIND_TIMESTAMP}, {&caws_type_string, CAWS_KIND_STRING},
        {&caws_type_blob, CAWS_KIND_BLOB},           {&caws_type_document, CAWS_KIND_DOCUMENT}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const caws_type *type = cases[i].type;
        assert_int_equal(type->kind, cases[i].kind);
        assert_non_null(type->name);
        assert_null(type->members);
        assert_null(type->constraints);
        assert_int_equal(type->member_count, 0);
        assert_int_equal(type->flags, 0);
        assert_int_equal(type->timestamp_format, CAWS_TIMESTAMP_DEFAULT);
    }
}

static void finds_enum_values(void **state)
{
    (void)state;
    static const char *const values[] = {"CANCELLED", "", "COMPLETED", "COMPLETED_WITH_ERRORS",
                                         "\xc3\xa9"};
    static const caws_enum table = {values, 5};
    static const caws_enum empty = {values, 0};
    for (int i = 0; i < 5; i++)
        assert_int_equal(caws_enum_from_string(&table, values[i]), i + 1);
    assert_int_equal(caws_enum_from_string(&table, "COMPLETED_WITH"), 0);
    assert_int_equal(caws_enum_from_string(&table, "CANCELLE"), 0);
    assert_int_equal(caws_enum_from_string(&table, "CANCELLEDX"), 0);
    assert_int_equal(caws_enum_from_string(&table, "cancelled"), 0);
    assert_int_equal(caws_enum_from_string(&table, NULL), 0);
    assert_int_equal(caws_enum_from_string(&empty, "CANCELLED"), 0);
    assert_int_equal(caws_enum_from_string(&empty, NULL), 0);
}

static void finds_the_last_of_many_enum_values(void **state)
{
    (void)state;
    static const char *values[UINT16_MAX];
    for (size_t i = 0; i < UINT16_MAX; i++)
        values[i] = i + 1 < UINT16_MAX ? "x" : "last";
    const caws_enum table = {values, UINT16_MAX};
    assert_int_equal(caws_enum_from_string(&table, "last"), UINT16_MAX);
    assert_int_equal(caws_enum_from_string(&table, "none"), 0);
}

static void gives_the_detail_of_one_exception_only(void **state)
{
    (void)state;
    const int detail = 5;
    caws_error error = CAWS_ERROR_INIT;
    assert_null(caws_exception_detail(NULL, 1));
    assert_null(caws_exception_detail(NULL, 0));
    assert_null(caws_exception_detail(&error, 0));
    error.status = CAWS_ERROR_SERVICE;
    error.exception = 3;
    assert_null(caws_exception_detail(&error, 3));
    error.detail = &detail;
    assert_ptr_equal(caws_exception_detail(&error, 3), &detail);
    assert_null(caws_exception_detail(&error, 2));
    assert_null(caws_exception_detail(&error, -3));
    error.status = CAWS_ERROR_HTTP;
    assert_null(caws_exception_detail(&error, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_types_have_their_kinds_and_nothing_else),
        cmocka_unit_test(finds_enum_values),
        cmocka_unit_test(finds_the_last_of_many_enum_values),
        cmocka_unit_test(gives_the_detail_of_one_exception_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Paginators against a scripted caws_call_once, which the linker takes for the runtime's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <caws/schema.h>

#include "arena.h"
#include "call.h"
#include "fail.h"

/* An operation with every kind of token: a text, two numbers and a map, some of them nested. */
typedef struct list_input {
    caws_opt_i32 limit;
    const char *token;
    caws_opt_i64 number;
    caws_opt_i32 page;
    caws_string_map key;
} list_input;

typedef struct list_place {
    const char *token;
    caws_opt_bool more;
} list_place;

typedef struct list_output {
    const char *name;
    const char *token;
    const list_place *place;
    caws_opt_i64 number;
    caws_opt_i32 page;
    caws_string_map key;
    caws_opt_bool more;
} list_output;

static const caws_member map_rows[] = {
    {"key", &caws_type_string, offsetof(caws_string_map_entry, key), 0, NULL},
    {"value", &caws_type_string, offsetof(caws_string_map_entry, value), 0, NULL},
};
static const caws_type map_type = {.kind = CAWS_KIND_MAP,
                                   .members = map_rows,
                                   .member_count = 2,
                                   .size = sizeof(caws_string_map_entry)};
enum { IN_LIMIT, IN_TOKEN, IN_NUMBER, IN_PAGE, IN_KEY };
static const caws_member input_rows[] = {
    {"limit", &caws_type_integer, offsetof(list_input, limit), 0, NULL},
    {"token", &caws_type_string, offsetof(list_input, token), 0, NULL},
    {"number", &caws_type_long, offsetof(list_input, number), 0, NULL},
    {"page", &caws_type_integer, offsetof(list_input, page), 0, NULL},
    {"key", &map_type, offsetof(list_input, key), 0, NULL},
};
static const caws_type input_type = {.kind = CAWS_KIND_STRUCTURE,
                                     .members = input_rows,
                                     .member_count = 5,
                                     .size = sizeof(list_input)};
static const caws_member place_rows[] = {
    {"token", &caws_type_string, offsetof(list_place, token), 0, NULL},
    {"more", &caws_type_boolean, offsetof(list_place, more), 0, NULL},
};
static const caws_type place_type = {.kind = CAWS_KIND_STRUCTURE,
                                     .members = place_rows,
                                     .member_count = 2,
                                     .size = sizeof(list_place)};
static const caws_member output_rows[] = {
    {"name", &caws_type_string, offsetof(list_output, name), 0, NULL},
    {"token", &caws_type_string, offsetof(list_output, token), 0, NULL},
    {"place", &place_type, offsetof(list_output, place), 0, NULL},
    {"number", &caws_type_long, offsetof(list_output, number), 0, NULL},
    {"page", &caws_type_integer, offsetof(list_output, page), 0, NULL},
    {"key", &map_type, offsetof(list_output, key), 0, NULL},
    {"more", &caws_type_boolean, offsetof(list_output, more), 0, NULL},
};
static const caws_type output_type = {.kind = CAWS_KIND_STRUCTURE,
                                      .members = output_rows,
                                      .member_count = 7,
                                      .size = sizeof(list_output)};
static const caws_operation operation = {
    .name = "ListThings", .input = &input_type, .output = &output_type};
static const caws_operation other_operation = {
    .name = "ListOthers", .input = &input_type, .output = &output_type};

static const uint16_t to_token[] = {1};
static const uint16_t to_place_token[] = {2, 0};
static const uint16_t to_place_more[] = {2, 1};
static const uint16_t to_number[] = {3};
static const uint16_t to_page[] = {4};
static const uint16_t to_key[] = {5};
static const uint16_t to_more[] = {6};

static const caws_page_token by_text[] = {{IN_TOKEN, {to_token, 1}}};
static const caws_page_token by_place[] = {{IN_TOKEN, {to_place_token, 2}}};
static const caws_page_token by_number[] = {{IN_NUMBER, {to_number, 1}}};
static const caws_page_token by_page[] = {{IN_PAGE, {to_page, 1}}};
static const caws_page_token by_key[] = {{IN_KEY, {to_key, 1}}};
static const caws_page_token by_two[] = {{IN_TOKEN, {to_token, 1}}, {IN_NUMBER, {to_number, 1}}};

static const caws_pagination texts = {&operation, by_text, 1, {NULL, 0}};
static const caws_pagination places = {&operation, by_place, 1, {NULL, 0}};
static const caws_pagination numbers = {&operation, by_number, 1, {NULL, 0}};
static const caws_pagination pages_by_page = {&operation, by_page, 1, {NULL, 0}};
static const caws_pagination keys = {&operation, by_key, 1, {NULL, 0}};
static const caws_pagination pairs = {&operation, by_two, 2, {NULL, 0}};
static const caws_pagination mores = {&operation, by_text, 1, {to_more, 1}};
static const caws_pagination place_mores = {&operation, by_text, 1, {to_place_more, 2}};
static const caws_pagination others = {&other_operation, by_text, 1, {NULL, 0}};

/* One call: what it must be asked with, and what it answers. */
typedef struct step {
    const char *wants_token;
    int64_t wants_number; /* of number or page; 0: absent */
    const char *wants_key;
    caws_status status; /* of the answer */
    const char *token;
    int64_t number;
    bool zero; /* number and page are present and 0 */
    const char *key;
    const char *place_token;
    const char *more; /* "true", "false" or NULL; in place where there is a place_token */
} step;

static struct {
    const step *steps; /* the last one stays */
    size_t count;
    size_t calls;
    int32_t deadline_ms; /* of the last call */
} script;

static caws_client *const client = (caws_client *)&script;

static const char *copy(void *output, const char *text)
{
    if (text == NULL)
        return NULL;
    const char *made = caws_arena_copy(caws_output_arena(output), text, strlen(text));
    assert_non_null(made);
    return made;
}

static caws_opt_bool opt_bool(const char *text)
{
    return text != NULL ? caws_bool(strcmp(text, "true") == 0) : (caws_opt_bool){false, false};
}

static void assert_text(const char *got, const char *wanted)
{
    assert_int_equal(got == NULL, wanted == NULL);
    if (wanted != NULL)
        assert_string_equal(got, wanted);
}

static void check_input(const step *s, const list_input *input)
{
    assert_int_equal(input->limit.present, true);
    assert_int_equal(input->limit.value, 5);
    assert_text(input->token, s->wants_token);
    int64_t number = input->number.present ? input->number.value : input->page.value;
    assert_int_equal(number, s->wants_number);
    assert_int_equal(input->number.present || input->page.present, s->wants_number != 0);
    assert_int_equal(input->key.count, s->wants_key != NULL);
    if (s->wants_key != NULL)
        assert_string_equal(input->key.items[0].value, s->wants_key);
    else
        assert_null(input->key.items);
}

static list_output *make_output(const step *s)
{
    list_output *output = caws_output_new(sizeof(*output));
    assert_non_null(output);
    output->token = copy(output, s->token);
    if (s->number != 0 || s->zero)
        output->number = caws_i64(s->number);
    if ((s->number != 0 || s->zero) && s->number >= INT32_MIN && s->number <= INT32_MAX)
        output->page = caws_i32((int32_t)s->number);
    if (s->key != NULL) {
        caws_string_map_entry *entry = caws_arena_alloc(caws_output_arena(output), sizeof(*entry));
        assert_non_null(entry);
        *entry = (caws_string_map_entry){copy(output, "id"), copy(output, s->key)};
        output->key = (caws_string_map){entry, s->key[0] != '\0'};
    }
    if (s->place_token != NULL) {
        list_place *place = caws_arena_alloc(caws_output_arena(output), sizeof(*place));
        assert_non_null(place);
        *place = (list_place){copy(output, s->place_token), opt_bool(s->more)};
        output->place = place;
    } else {
        output->more = opt_bool(s->more);
    }
    output->name = "page";
    return output;
}

caws_status caws_call_once(caws_client *called_client, const caws_operation *called,
                           const void *called_input, const caws_call_options *options,
                           void **output, caws_error *error)
{
    script.deadline_ms = options->deadline_ms;
    assert_ptr_equal(called_client, client);
    assert_ptr_equal(called, &operation);
    assert_int_equal(error->status, CAWS_OK);
    assert_null(error->storage);
    const step *s = &script.steps[script.calls < script.count ? script.calls : script.count - 1];
    script.calls++;
    check_input(s, called_input);
    *output = NULL;
    if (s->status != CAWS_OK)
        return caws_fail(error, s->status, "the operation's own text");
    *output = make_output(s);
    return CAWS_OK;
}

static void script_steps(const step *steps, size_t count)
{
    script.steps = steps;
    script.count = count;
    script.calls = 0;
}

#define ANSWER(steps) script_steps(steps, sizeof(steps) / sizeof((steps)[0]))

static const list_input first = {.limit = {true, 5}};

static caws_paginator *paginate(const caws_pagination *pagination, const list_input *input)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_paginator *paginator = caws_paginate(client, pagination, input, &error);
    assert_non_null(paginator);
    assert_int_equal(error.status, CAWS_OK);
    return paginator;
}

/* Asks for a page and expects one, or expects the end. */
static void next(caws_paginator *paginator, const caws_pagination *pagination, bool wanted)
{
    caws_error error = CAWS_ERROR_INIT;
    const list_output *page = (const list_output *)&script;
    assert_int_equal(caws_paginate_next(paginator, pagination, &page, &error), wanted);
    assert_int_equal(page != NULL, wanted);
    if (wanted)
        assert_string_equal(page->name, "page");
    assert_int_equal(error.status, CAWS_OK);
    caws_error_clear(&error);
}

/* Expects so many pages and then the end, however often one asks. */
static void gives(const caws_pagination *pagination, const list_input *input, size_t count)
{
    caws_paginator *paginator = paginate(pagination, input);
    for (size_t i = 0; i < count; i++)
        next(paginator, pagination, true);
    for (int i = 0; i < 3; i++) {
        next(paginator, pagination, false);
        assert_null(caws_paginator_token(paginator));
    }
    assert_int_equal(script.calls, count);
    caws_paginator_free(paginator);
}

static void passes_each_token_on(void **state)
{
    (void)state;
    static const step text[] = {{.token = "a"},
                                {.wants_token = "a", .token = "b"},
                                {.wants_token = "b", .token = "a"}, /* not the one just sent */
                                {.wants_token = "a"}};
    ANSWER(text);
    gives(&texts, &first, 4);
    static const step place[] = {{.place_token = "a"},
                                 {.wants_token = "a", .place_token = "b"},
                                 {.wants_token = "b", .token = "not this one"}};
    ANSWER(place);
    gives(&places, &first, 3);
    static const step number[] = {
        {.number = 1}, {.wants_number = 1, .number = INT64_MIN}, {.wants_number = INT64_MIN}};
    ANSWER(number);
    gives(&numbers, &first, 3);
    static const step page[] = {
        {.number = -7}, {.wants_number = -7, .number = 2}, {.wants_number = 2}};
    ANSWER(page);
    gives(&pages_by_page, &first, 3);
    static const step key[] = {{.key = "a"}, {.wants_key = "a", .key = "b"}, {.wants_key = "b"}};
    ANSWER(key);
    gives(&keys, &first, 3);
}

static void ends_without_a_token(void **state)
{
    (void)state;
    static const step none[] = {{0}};
    static const caws_pagination *const all[] = {&texts,         &places, &numbers,
                                                 &pages_by_page, &keys,   &pairs};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        ANSWER(none);
        gives(all[i], &first, 1);
    }
}

static void empty_tokens_are_none(void **state)
{
    (void)state;
    static const step empty[] = {{.token = "", .place_token = "", .key = ""}};
    static const caws_pagination *const all[] = {&texts, &places, &keys, &pairs};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        ANSWER(empty);
        gives(all[i], &first, 1);
    }
    static const step later[] = {{.token = "a"}, {.wants_token = "a", .token = ""}};
    ANSWER(later);
    gives(&texts, &first, 2);
}

static void zero_is_no_token(void **state)
{
    (void)state;
    static const step zero[] = {{.number = 1}, {.wants_number = 1, .zero = true}};
    ANSWER(zero);
    gives(&numbers, &first, 2);
    ANSWER(zero);
    gives(&pages_by_page, &first, 2);
}

static void ends_at_a_repeated_token(void **state)
{
    (void)state;
    static const step text[] = {{.token = "a"}, {.wants_token = "a", .token = "a"}};
    ANSWER(text);
    gives(&texts, &first, 2);
    static const step number[] = {{.number = 3}, {.wants_number = 3, .number = 3}};
    ANSWER(number);
    gives(&numbers, &first, 2);
    ANSWER(number);
    gives(&pages_by_page, &first, 2);
    static const step key[] = {{.key = "a"}, {.wants_key = "a", .key = "a"}};
    ANSWER(key);
    gives(&keys, &first, 2);
    /* The one that the caller began with counts too. */
    static const step begun[] = {{.wants_token = "here", .token = "here"}};
    static const list_input here = {.limit = {true, 5}, .token = "here"};
    ANSWER(begun);
    gives(&texts, &here, 1);
}

static void two_tokens_end_only_together(void **state)
{
    (void)state;
    static const step steps[] = {{.token = "a", .number = 1},
                                 {.wants_token = "a", .wants_number = 1, .token = "a", .number = 2},
                                 {.wants_token = "a", .wants_number = 2, .number = 2},
                                 {.wants_number = 2, .token = "z"},
                                 {.wants_token = "z"}};
    ANSWER(steps);
    gives(&pairs, &first, 5);
    static const step repeated[] = {
        {.token = "a", .number = 1},
        {.wants_token = "a", .wants_number = 1, .token = "a", .number = 1}};
    ANSWER(repeated);
    gives(&pairs, &first, 2);
}

static void ends_when_there_are_no_more_results(void **state)
{
    (void)state;
    static const step steps[] = {{.token = "a", .more = "true"},
                                 {.wants_token = "a", .token = "b", .more = "false"}};
    ANSWER(steps);
    gives(&mores, &first, 2);
    static const step absent[] = {{.token = "a"}};
    ANSWER(absent);
    gives(&mores, &first, 1);
    ANSWER(absent);
    gives(&place_mores, &first, 1);                /* not even the structure that has it */
    static const step lies[] = {{.more = "true"}}; /* but no token to ask with */
    ANSWER(lies);
    gives(&mores, &first, 1);
    static const step nested[] = {{.token = "a", .place_token = "", .more = "true"},
                                  {.wants_token = "a", .token = "b", .place_token = ""}};
    ANSWER(nested);
    gives(&place_mores, &first, 2);
}

static void tells_where_to_go_on(void **state)
{
    (void)state;
    static const step steps[] = {{.token = "a"},
                                 {.wants_token = "a", .status = CAWS_ERROR_CONNECTION},
                                 {.wants_token = "a", .token = "b"},
                                 {.wants_token = "b"}};
    ANSWER(steps);
    caws_paginator *paginator = paginate(&texts, &first);
    assert_null(caws_paginator_token(paginator));
    next(paginator, &texts, true);
    assert_string_equal(caws_paginator_token(paginator), "a");
    assert_false(caws_paginate_next(paginator, &texts, NULL, NULL));
    assert_string_equal(caws_paginator_token(paginator), "a");
    next(paginator, &texts, true);
    assert_string_equal(caws_paginator_token(paginator), "b");
    next(paginator, &texts, true);
    assert_null(caws_paginator_token(paginator));
    next(paginator, &texts, false);
    caws_paginator_free(paginator);

    static const list_input here = {.limit = {true, 5}, .token = "here"};
    paginator = paginate(&texts, &here);
    assert_string_equal(caws_paginator_token(paginator), "here");
    caws_paginator_free(paginator);
}

static void tells_no_token_that_is_no_text(void **state)
{
    (void)state;
    static const step steps[] = {{.token = "a", .number = 1, .key = "k"}};
    static const caws_pagination *const all[] = {&numbers, &pages_by_page, &keys, &pairs};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        ANSWER(steps);
        caws_paginator *paginator = paginate(all[i], &first);
        next(paginator, all[i], true);
        assert_null(caws_paginator_token(paginator));
        caws_paginator_free(paginator);
    }
}

static void asks_for_the_same_page_after_an_error(void **state)
{
    (void)state;
    static const step steps[] = {{.status = CAWS_ERROR_TIMEOUT},
                                 {.token = "a"},
                                 {.wants_token = "a", .status = CAWS_ERROR_SERVICE},
                                 {.wants_token = "a", .status = CAWS_ERROR_MEMORY},
                                 {.wants_token = "a"}};
    ANSWER(steps);
    caws_error error = CAWS_ERROR_INIT;
    caws_paginator *paginator = paginate(&texts, &first);
    for (size_t i = 0; i < 5; i++) {
        const list_output *page = (const list_output *)&script;
        bool good = steps[i].status == CAWS_OK;
        assert_int_equal(caws_paginate_next(paginator, &texts, &page, &error), good);
        assert_int_equal(page != NULL, good);
        assert_int_equal(error.status, steps[i].status);
        assert_string_equal(error.message, good ? "" : "the operation's own text");
    }
    next(paginator, &texts, false);
    caws_paginator_free(paginator);
    caws_error_clear(&error);
}

static void copies_the_input_struct(void **state)
{
    (void)state;
    static const step steps[] = {{.wants_token = "here", .token = "a"}, {.wants_token = "a"}};
    list_input input = {.limit = {true, 5}, .token = "here"};
    ANSWER(steps);
    caws_paginator *paginator = paginate(&texts, &input);
    memset(&input, 0xff, sizeof(input));
    next(paginator, &texts, true);
    next(paginator, &texts, true);
    next(paginator, &texts, false);
    caws_paginator_free(paginator);
}

static void needs_no_input(void **state)
{
    (void)state;
    caws_paginator *paginator = paginate(&texts, NULL);
    assert_null(caws_paginator_token(paginator));
    caws_paginator_free(paginator);
}

static void hands_on_options(void **state)
{
    (void)state;
    static const step steps[] = {{.token = "a"}, {.wants_token = "a", .token = "b"}};
    const caws_call_options options = {.deadline_ms = 1234};
    caws_error error = CAWS_ERROR_INIT;
    ANSWER(steps);
    caws_paginator *paginator = paginate(&texts, &first);
    caws_paginator_set_options(paginator, &options);
    assert_true(caws_paginate_next(paginator, &texts, NULL, &error));
    assert_int_equal(script.deadline_ms, 1234);
    caws_paginator_set_options(paginator, NULL);
    assert_true(caws_paginate_next(paginator, &texts, NULL, &error));
    assert_int_equal(script.deadline_ms, 0);
    caws_paginator_set_options(NULL, &options);
    caws_paginator_free(paginator);
}

static void sends_nothing_before_it_is_asked(void **state)
{
    (void)state;
    static const step steps[] = {{.token = "a"}};
    ANSWER(steps);
    caws_paginator_free(paginate(&texts, &first));
    assert_int_equal(script.calls, 0);
}

static void leaves_the_error_of_a_paginator_that_was_not_made(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    const list_output *page = (const list_output *)&script;
    (void)caws_fail_memory(&error);
    assert_false(caws_paginate_next(NULL, &texts, &page, &error));
    assert_null(page);
    assert_int_equal(error.status, CAWS_ERROR_MEMORY);
    assert_false(caws_paginate_next(NULL, &texts, NULL, NULL));
    assert_null(caws_paginator_token(NULL));
    caws_paginator_free(NULL);
    caws_error_clear(&error);
}

static void refuses_a_paginator_of_another_operation(void **state)
{
    (void)state;
    static const step steps[] = {{.token = "a"}, {.wants_token = "a"}};
    ANSWER(steps);
    caws_error error = CAWS_ERROR_INIT;
    const list_output *page = (const list_output *)&script;
    caws_paginator *paginator = paginate(&texts, &first);
    next(paginator, &texts, true);
    assert_false(caws_paginate_next(paginator, &others, &page, &error));
    assert_null(page);
    assert_int_equal(error.status, CAWS_ERROR_INVALID_INPUT);
    assert_string_equal(error.message,
                        "a page of ListOthers was asked of a paginator of ListThings");
    assert_int_equal(script.calls, 1);
    next(paginator, &texts, true); /* nothing is lost */
    caws_paginator_free(paginator);
    caws_error_clear(&error);
}

static void clears_an_error_that_was_used_before(void **state)
{
    (void)state;
    static const step steps[] = {{.token = "a"}, {.wants_token = "a"}};
    ANSWER(steps);
    caws_error error = CAWS_ERROR_INIT;
    (void)caws_fail(&error, CAWS_ERROR_TLS, "from before");
    caws_paginator *paginator = caws_paginate(client, &texts, &first, &error);
    assert_int_equal(error.status, CAWS_OK);
    for (int i = 0; i < 3; i++) {
        (void)caws_fail(&error, CAWS_ERROR_TLS, "from before");
        assert_int_equal(caws_paginate_next(paginator, &texts, NULL, &error), i < 2);
        assert_int_equal(error.status, CAWS_OK);
        assert_string_equal(error.message, "");
    }
    caws_paginator_free(paginator);
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_each_token_on),
        cmocka_unit_test(ends_without_a_token),
        cmocka_unit_test(empty_tokens_are_none),
        cmocka_unit_test(zero_is_no_token),
        cmocka_unit_test(ends_at_a_repeated_token),
        cmocka_unit_test(two_tokens_end_only_together),
        cmocka_unit_test(ends_when_there_are_no_more_results),
        cmocka_unit_test(tells_where_to_go_on),
        cmocka_unit_test(tells_no_token_that_is_no_text),
        cmocka_unit_test(asks_for_the_same_page_after_an_error),
        cmocka_unit_test(copies_the_input_struct),
        cmocka_unit_test(needs_no_input),
        cmocka_unit_test(hands_on_options),
        cmocka_unit_test(sends_nothing_before_it_is_asked),
        cmocka_unit_test(leaves_the_error_of_a_paginator_that_was_not_made),
        cmocka_unit_test(refuses_a_paginator_of_another_operation),
        cmocka_unit_test(clears_an_error_that_was_used_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

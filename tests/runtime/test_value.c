#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "value.h"
#include "zoo.h"

static const caws_member *member(const char *name)
{
    for (uint16_t i = 0; i < zoo_type.member_count; i++)
        if (strcmp(zoo_type.members[i].name, name) == 0)
            return &zoo_type.members[i];
    fail_msg("no member %s", name);
    return NULL;
}

static void finds_nothing_in_zeroes(void **state)
{
    (void)state;
    const zoo input = {.name = NULL};
    for (uint16_t i = 0; i < zoo_type.member_count; i++)
        assert_null(caws_member_value(&zoo_type.members[i], &input));
}

/* Only the flag or the pointer says whether a member is there; what stands beside it does not. */
static void ignores_values_of_absent_members(void **state)
{
    (void)state;
    zoo input = {.name = NULL};
    input.open.value = true;
    input.cages.value = 1;
    input.visitors.value = 1;
    input.area.value = 1;
    input.founded.value = 1;
    input.crest.length = 1;
    input.names.count = 1;
    input.labels.count = 1;
    for (uint16_t i = 0; i < zoo_type.member_count; i++)
        assert_null(caws_member_value(&zoo_type.members[i], &input));
}

static void finds_scalars_within_their_wrappers(void **state)
{
    (void)state;
    const zoo input = {.open = caws_bool(false),
                       .cages = caws_i32(0),
                       .visitors = caws_i64(0),
                       .area = caws_double(0),
                       .founded = caws_i64(0)};
    assert_ptr_equal(caws_member_value(member("open"), &input), &input.open.value);
    assert_ptr_equal(caws_member_value(member("cages"), &input), &input.cages.value);
    assert_ptr_equal(caws_member_value(member("visitors"), &input), &input.visitors.value);
    assert_ptr_equal(caws_member_value(member("area"), &input), &input.area.value);
    assert_ptr_equal(caws_member_value(member("founded"), &input), &input.founded.value);
    assert_null(caws_member_value(member("inspected"), &input));
}

static void finds_the_rest_as_list_items(void **state)
{
    (void)state;
    const zoo_animal star = {.name = NULL};
    const zoo branch = {.name = NULL};
    const zoo_food food = {.meat = NULL};
    const char *const names[] = {"a"};
    const caws_string_map_entry labels[] = {{"k", "v"}};
    const zoo input = {.name = "",
                       .crest = {(const uint8_t *)"", 0},
                       .names = {names, 0},
                       .labels = {labels, 0},
                       .star = &star,
                       .branch = &branch,
                       .food = &food};
    assert_ptr_equal(caws_member_value(member("name"), &input), &input.name);
    assert_ptr_equal(caws_member_value(member("crest"), &input), &input.crest);
    assert_ptr_equal(caws_member_value(member("names"), &input), &input.names);
    assert_ptr_equal(caws_member_value(member("labels"), &input), &input.labels);
    assert_ptr_equal(caws_member_value(member("star"), &input), &star);
    assert_ptr_equal(caws_member_value(member("branch"), &input), &branch);
    assert_ptr_equal(caws_member_value(member("food"), &input), &food);
}

static void loads_generated_lists(void **state)
{
    (void)state;
    const zoo_animal animals[] = {{.name = "a"}, {.name = "b"}};
    const zoo_animal_list list = {animals, 2};
    const caws_any_list any = caws_load_list(&list);
    assert_ptr_equal(any.items, animals);
    assert_int_equal(any.count, 2);
    assert_ptr_equal(caws_at(any.items, sizeof(zoo_animal)), &animals[1]);
    assert_ptr_equal(caws_load_string(&animals[1].name), animals[1].name);
    assert_int_equal(sizeof(list), sizeof(any));
}

static void knows_the_sizes_of_items(void **state)
{
    (void)state;
    assert_int_equal(caws_item_size(&caws_type_boolean), sizeof(*((caws_bool_list *)0)->items));
    assert_int_equal(caws_item_size(&caws_type_integer), sizeof(*((caws_i32_list *)0)->items));
    assert_int_equal(caws_item_size(&caws_type_long), sizeof(*((caws_i64_list *)0)->items));
    assert_int_equal(caws_item_size(&caws_type_timestamp), sizeof(*((caws_i64_list *)0)->items));
    assert_int_equal(caws_item_size(&caws_type_double), sizeof(*((caws_double_list *)0)->items));
    assert_int_equal(caws_item_size(&caws_type_string), sizeof(*((caws_string_list *)0)->items));
    assert_int_equal(caws_item_size(&caws_type_blob), sizeof(*((caws_blob_list *)0)->items));
    assert_int_equal(caws_item_size(&zoo_tickets_type), sizeof(caws_i64_list));
    assert_int_equal(caws_item_size(&zoo_labels_type), sizeof(caws_string_map));
    assert_int_equal(caws_item_size(&zoo_animal_type), sizeof(zoo_animal));
    assert_int_equal(caws_item_size(&zoo_type), sizeof(zoo));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_nothing_in_zeroes),
        cmocka_unit_test(ignores_values_of_absent_members),
        cmocka_unit_test(finds_scalars_within_their_wrappers),
        cmocka_unit_test(finds_the_rest_as_list_items),
        cmocka_unit_test(loads_generated_lists),
        cmocka_unit_test(knows_the_sizes_of_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

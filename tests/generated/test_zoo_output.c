/* Outputs and errors of the invented service, as its functions give them. */
#include "zoo_call.h"

static caws_zoo_count_visitors_output *count_visitors(const char *answer)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_zoo_count_visitors_output *output = NULL;
    answer_body = answer;
    if (caws_zoo_count_visitors(NULL, &output, &error) != CAWS_OK)
        fail_msg("%s", error.message);
    assert_non_null(output);
    return output;
}

static caws_zoo_adopt_animal_output *adopt(const char *answer)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_zoo_adopt_animal_output *output = NULL;
    const caws_zoo_adopt_animal_input input = {.name = "rex", .class_ = ""};
    answer_body = answer;
    if (caws_zoo_adopt_animal(NULL, &input, &output, &error) != CAWS_OK)
        fail_msg("%s", error.message);
    assert_non_null(output);
    return output;
}

static int reset(void **state)
{
    (void)state;
    answer_body = "{}";
    answer_status = 200;
    return 0;
}

static void absent_is_absent(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "{}",
        "{\"counts\":null,\"names\":null,\"photos\":null,\"cage\":null,\"unknown\":{\"a\":[1]}}"};
    for (size_t i = 0; i < 2; i++) {
        caws_zoo_count_visitors_output *output = count_visitors(answers[i]);
        const caws_zoo_count_visitors_output zeros = {.guard = NULL};
        assert_memory_equal(output, &zeros, sizeof(zeros));
        caws_output_free(output);
    }
}

static void lists_and_maps_of_everything(void **state)
{
    (void)state;
    caws_zoo_count_visitors_output *output = count_visitors(
        "{\"counts\":{\"a\":-1,\"\":2147483647},\"names\":[\"x\",null,\"\"],"
        "\"classes\":[\"fish-salt\",\"new\"],\"grid\":[[\"a\"],[],[\"b\",\"c\"]],"
        "\"flags\":[true,false],\"longs\":[9007199254740993,-9223372036854775808],"
        "\"doubles\":[0.1,\"NaN\",\"-Infinity\",5],"
        "\"times\":[1440938160.123,\"2015-08-30T12:36:00Z\",\"Sun, 30 Aug 2015 12:36:00 GMT\"],"
        "\"photos\":[\"AP8=\",\"\"],\"byHouse\":{\"h\":[\"ann\",\"bob\"],\"i\":[]},"
        "\"cage\":{\"cage\":{\"cage\":{}}},\"seal\":{},\"guard\":{\"hour\":23}}");
    assert_int_equal(output->counts.count, 2);
    assert_string_equal(output->counts.items[0].key, "a");
    assert_int_equal(output->counts.items[0].value, -1);
    assert_int_equal(output->counts.items[1].value, INT32_MAX);
    assert_int_equal(output->names.count, 3);
    assert_string_equal(output->names.items[0], "x");
    assert_null(output->names.items[1]);
    assert_string_equal(output->names.items[2], "");
    assert_int_equal(caws_zoo_animal_class_from_string(output->classes.items[0]),
                     CAWS_ZOO_ANIMAL_CLASS_ENUM_FISH_SALT_2);
    assert_int_equal(caws_zoo_animal_class_from_string(output->classes.items[1]),
                     CAWS_ZOO_ANIMAL_CLASS_ENUM_UNRECOGNIZED);
    assert_string_equal(output->classes.items[1], "new");
    assert_int_equal(output->grid.count, 3);
    assert_int_equal(output->grid.items[1].count, 0);
    assert_string_equal(output->grid.items[2].items[1], "c");
    assert_true(output->flags.items[0] && !output->flags.items[1]);
    assert_true(output->longs.items[0] == 9007199254740993);
    assert_true(output->longs.items[1] == INT64_MIN);
    assert_true(output->doubles.items[0] == (double)0.1);
    assert_true(output->doubles.items[1] != output->doubles.items[1]);
    assert_true(output->doubles.items[2] < -1e308);
    assert_true(output->times.items[0] == 1440938160123);
    assert_true(output->times.items[1] == 1440938160000);
    assert_true(output->times.items[2] == 1440938160000);
    assert_int_equal(output->photos.items[0].length, 2);
    assert_memory_equal(output->photos.items[0].data, "\x00\xff", 2);
    assert_non_null(output->photos.items[1].data);
    assert_string_equal(output->by_house.items[0].value.items[1], "bob");
    assert_int_equal(output->by_house.items[1].value.count, 0);
    assert_non_null(output->by_house.items[1].value.items);
    assert_non_null(output->cage->cage->cage);
    assert_null(output->cage->cage->cage->cage);
    assert_non_null(output->seal);
    assert_int_equal(output->guard->hour.value, 23);
    caws_output_free(output);
}

static void recursion_documents_and_maps_of_lists(void **state)
{
    (void)state;
    caws_zoo_adopt_animal_output *animal =
        adopt("{\"name\":\"eva\",\"keeper\":{\"minds\":{\"name\":\"bo\"}},"
              "\"offspring\":{\"ida\":{\"friends\":[{\"name\":\"max\"}]}},"
              "\"herdsByHouse\":{\"h\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"i\":null},"
              "\"papers\":{ \"id\": 12345678901234567890, \"x\": [1.50, null] },"
              "\"paperList\":[1,\"s\",null],\"paperMap\":{\"k\":false}}");
    assert_string_equal(animal->keeper->minds->name, "bo");
    assert_string_equal(animal->offspring.items[0].value.friends.items[0].name, "max");
    assert_int_equal(animal->herds_by_house.count, 2);
    assert_string_equal(animal->herds_by_house.items[0].value.items[1].name, "b");
    assert_int_equal(animal->herds_by_house.items[1].value.count, 0);
    assert_string_equal(animal->papers, "{\"id\":12345678901234567890,\"x\":[1.50,null]}");
    assert_int_equal(animal->paper_list.count, 3);
    assert_string_equal(animal->paper_list.items[1], "\"s\"");
    assert_null(animal->paper_list.items[2]);
    assert_string_equal(animal->paper_map.items[0].value, "false");
    caws_output_free(animal);
}

static void another_type_is_an_error_with_its_place(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    caws_zoo_count_visitors_output *output = NULL;
    answer_body = "{\"byHouse\":{\"h\":[\"a\",5]}}";
    assert_int_equal(caws_zoo_count_visitors(NULL, &output, &error), CAWS_ERROR_RESPONSE_MALFORMED);
    assert_null(output);
    assert_string_equal(error.message, "byHouse[\"h\"][1]: a number where a string belongs");
    caws_error_clear(&error);
}

static void exceptions_have_their_number_and_members(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    answer_status = 429;
    answer_body = "{\"__type\":\"com.zoo#TooMuchFood\",\"Message\":\"full\",\"grams\":7}";
    const caws_zoo_feed_input input = {.house = "h"};
    assert_int_equal(caws_zoo_feed(NULL, &input, NULL, &error), CAWS_ERROR_SERVICE);
    assert_int_equal(error.exception, CAWS_ZOO_FED_TOO_MUCH);
    assert_string_equal(error.message, "full");
    assert_true(error.retryable && error.throttling);
    const caws_zoo_fed_too_much *detail = caws_zoo_fed_too_much_from_error(&error);
    assert_non_null(detail);
    assert_int_equal(detail->grams.value, 7);
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(absent_is_absent, reset),
        cmocka_unit_test_setup(lists_and_maps_of_everything, reset),
        cmocka_unit_test_setup(recursion_documents_and_maps_of_lists, reset),
        cmocka_unit_test_setup(another_type_is_an_error_with_its_place, reset),
        cmocka_unit_test_setup(exceptions_have_their_number_and_members, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

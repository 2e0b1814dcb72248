/* Inputs of the invented service: what its functions send, and what they refuse. */
#include "zoo_call.h"

#define NAME_AND_CLASS .name = "rex", .class_ = CAWS_ZOO_ANIMAL_CLASS_FISH_SALT

static void expect_sent(const caws_zoo_adopt_animal_input *input, const char *json)
{
    caws_error error = CAWS_ERROR_INIT;
    if (caws_zoo_adopt_animal(NULL, input, NULL, &error) != CAWS_OK)
        fail_msg("%s", error.message);
    assert_string_equal(sent_body, json);
}

static void expect_refused(const caws_zoo_adopt_animal_input *input, const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_zoo_adopt_animal(NULL, input, NULL, &error), CAWS_ERROR_INVALID_INPUT);
    assert_string_equal(error.message, message);
    assert_null(sent_operation);
    caws_error_clear(&error);
}

static void says_what_is_called(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_zoo_open_zoo(NULL, NULL, &error), CAWS_OK);
    assert_string_equal(sent_target, "Zoo_20200101.OpenZoo");
    assert_string_equal(sent_type, "application/x-amz-json-1.1");
    assert_string_equal(sent_body, "{}");
    assert_string_equal(sent_operation->service->signing_name, "zookeeping");
    assert_int_equal(caws_zoo_close_zoo(NULL, &error), CAWS_OK);
    assert_string_equal(sent_target, "Zoo_20200101.CloseZoo");
    assert_int_equal(sent_operation->flags, CAWS_OPERATION_NO_AUTH);
    assert_int_equal(caws_zoo_feed(NULL, &(caws_zoo_feed_input){.house = "a-1"}, NULL, &error),
                     CAWS_OK);
    assert_string_equal(sent_operation->context->host_prefix, "{house}.feed-");
    assert_string_equal(sent_body, "{\"house\":\"a-1\"}");
}

/* Keywords (class, errno), digits in front and wire names of their own are C's business only. */
static void members_have_their_own_names_on_the_wire(void **state)
{
    (void)state;
    expect_sent(&(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .client_token = "t", .errno_ = "e",
                                               .n2nd_name = "max", .nickname = "n"},
                "{\"name\":\"rex\",\"class\":\"fish:salt\",\"clientToken\":\"t\",\"nick\":\"n\","
                "\"2ndName\":\"max\",\"errno\":\"e\"}");
}

static void every_timestamp_format(void **state)
{
    (void)state;
    const caws_opt_i64 time = caws_i64(1440938160123);
    expect_sent(&(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .client_token = "t", .born = time,
                                               .arrived = time, .left = time, .seen = time},
                "{\"name\":\"rex\",\"class\":\"fish:salt\",\"clientToken\":\"t\","
                "\"born\":1440938160.123,\"arrived\":\"2015-08-30T12:36:00.123Z\","
                "\"left\":\"Sun, 30 Aug 2015 12:36:00 GMT\",\"seen\":1440938160.123}");
}

static void scalars_blobs_and_maps(void **state)
{
    (void)state;
    const caws_string_map_entry tags[] = {{"k\"", "v"}, {"", ""}};
    expect_sent(
        &(caws_zoo_adopt_animal_input){
            NAME_AND_CLASS, .client_token = "t", .weight = caws_double(-0.5),
            .legs = caws_i64(INT64_MIN), .age = caws_i32(0), .tame = caws_bool(false),
            .photo = {(const uint8_t *)"\x00\xff", 2}, .password = "pass", .tag_map = {tags, 2}},
        "{\"name\":\"rex\",\"class\":\"fish:salt\",\"clientToken\":\"t\",\"weight\":-0.5,"
        "\"legs\":-9223372036854775808,\"age\":0,\"tame\":false,\"photo\":\"AP8=\","
        "\"password\":\"pass\",\"tagMap\":{\"k\\\"\":\"v\",\"\":\"\"}}");
}

static void recursion_and_maps_of_lists_of_structures(void **state)
{
    (void)state;
    const caws_zoo_animal pups[] = {{.name = "ada"}, {.papers = "[1]"}};
    const caws_zoo_animal_map_entry offspring[] = {{"ida", {.name = "ida"}}};
    const caws_zoo_herd_map_entry houses[] = {{"h-1", {pups, 2}}, {"h-2", {pups, 1}}};
    const caws_zoo_animal_list herds[] = {{pups, 1}, {pups, 2}};
    const caws_zoo_animal mother = {.name = "eva"};
    const caws_zoo_keeper keeper = {.name = "Ann", .minds = &mother};
    const caws_zoo_animal parent = {.name = "bo",
                                    .keeper = &keeper,
                                    .friends = {pups, 1},
                                    .offspring = {offspring, 1},
                                    .herds = {herds, 2},
                                    .herds_by_house = {houses, 2}};
    expect_sent(&(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .client_token = "t",
                                               .parents = {&parent, 1}},
                "{\"name\":\"rex\",\"class\":\"fish:salt\",\"clientToken\":\"t\",\"parents\":[{"
                "\"name\":\"bo\",\"keeper\":{\"name\":\"Ann\",\"minds\":{\"name\":\"eva\"}},"
                "\"friends\":[{\"name\":\"ada\"}],\"offspring\":{\"ida\":{\"name\":\"ida\"}},"
                "\"herds\":[[{\"name\":\"ada\"}],[{\"name\":\"ada\"},{\"papers\":[1]}]],"
                "\"herdsByHouse\":{\"h-1\":[{\"name\":\"ada\"},{\"papers\":[1]}],"
                "\"h-2\":[{\"name\":\"ada\"}]}}]}");
}

static void documents(void **state)
{
    (void)state;
    const char *papers[] = {"9007199254740993", "\"x\""};
    const caws_string_map_entry by_name[] = {{"k", "{\"a\": null}"}};
    const caws_zoo_animal parent = {
        .papers = "null", .paper_list = {papers, 2}, .paper_map = {by_name, 1}};
    expect_sent(&(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .client_token = "t",
                                               .papers = "{\"b\":[]}", .secret = "0",
                                               .parents = {&parent, 1}},
                "{\"name\":\"rex\",\"class\":\"fish:salt\",\"clientToken\":\"t\",\"parents\":[{"
                "\"papers\":null,\"paperList\":[9007199254740993,\"x\"],"
                "\"paperMap\":{\"k\":{\"a\": null}}}],\"papers\":{\"b\":[]},\"secret\":0}");
    expect_refused(&(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .papers = "{\"b\":[}"},
                   "papers: not one JSON value at byte 6");
}

static void unions_have_one_member(void **state)
{
    (void)state;
    const char *plants[] = {"fern"};
    const caws_zoo_diet none = {.plants = {NULL, 1}};
    const caws_zoo_diet one = {.plants = {plants, 1}};
    const caws_zoo_diet both = {.meat = caws_double(1), .plants = {plants, 1}};
    expect_sent(&(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .client_token = "t", .diet = &one},
                "{\"name\":\"rex\",\"class\":\"fish:salt\",\"clientToken\":\"t\","
                "\"diet\":{\"plants\":[\"fern\"]}}");
    expect_refused(&(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .diet = &none},
                   "diet: 0 members of the union set, exactly 1 must be");
    expect_refused(&(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .diet = &both},
                   "diet: 2 members of the union set, exactly 1 must be");
}

/* clientToken is a UUID of the fourth version, and another one each time. */
static void an_idempotency_token_is_made(void **state)
{
    (void)state;
    char first[sizeof(sent_body)] = "";
    for (int i = 0; i < 2; i++) {
        caws_error error = CAWS_ERROR_INIT;
        const caws_zoo_adopt_animal_input input = {NAME_AND_CLASS};
        assert_int_equal(caws_zoo_adopt_animal(NULL, &input, NULL, &error), CAWS_OK);
        char uuid[64] = "";
        assert_int_equal(sscanf(sent_body,
                                "{\"name\":\"rex\",\"class\":\"fish:salt\",\"clientToken\":\""
                                "%60[0-9a-f-]\"}",
                                uuid),
                         1);
        assert_int_equal(strlen(uuid), 36);
        assert_int_equal(uuid[14], '4');
        assert_string_not_equal(sent_body, first);
        memcpy(first, sent_body, sizeof(first));
    }
}

static void constraints_of_the_model(void **state)
{
    (void)state;
    expect_refused(&(caws_zoo_adopt_animal_input){.age = caws_i32(301)},
                   "name: required; class: required; age: 301, at most 300");
    expect_refused(&(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .weight = caws_double(99.6),
                                                  .n2nd_name = "Max"},
                   "2ndName: 'M' at byte 0 does not fit the pattern [a-z]+( [a-z]+)*");
    const caws_zoo_animal nobody = {.name = ""};
    const caws_zoo_animal_list empty = {&nobody, 0};
    const caws_zoo_herd_map_entry houses[] = {{"h", {&nobody, 1}}, {"i", {&nobody, 0}}};
    const caws_zoo_animal parent = {.herds = {&empty, 1}, .herds_by_house = {houses, 2}};
    expect_refused(
        &(caws_zoo_adopt_animal_input){NAME_AND_CLASS, .parents = {&parent, 1}},
        "parents[0].herds[0]: 0 items, at least 1; "
        "parents[0].herdsByHouse[\"h\"][0].name: 0 characters, at least 1; "
        "parents[0].herdsByHouse[\"h\"][0].name: 0 bytes, ends too early for the pattern "
        "[a-z]+( [a-z]+)*; parents[0].herdsByHouse[\"i\"]: 0 items, at least 1");
}

/* Neither values nor map keys inside of what is sensitive. */
static void sensitive_values_are_not_told(void **state)
{
    (void)state;
    const caws_zoo_age_map_entry ages[] = {{"KEY", 301}};
    const caws_zoo_secrets secrets = {.name = "NAME", .ages = {ages, 1}};
    const caws_zoo_adopt_animal_input input = {NAME_AND_CLASS, .password = "\xff",
                                               .secret = "SECRET", .secrets = &secrets};
    expect_refused(&input,
                   "password: not UTF-8 at byte 0; secret: not one JSON value at byte 0; "
                   "secrets.name: a character at byte 0 does not fit the pattern [a-z]+( [a-z]+)*; "
                   "secrets.ages[0]: a value, at most 300");
}

static void pointing_in_a_circle_is_refused(void **state)
{
    (void)state;
    caws_zoo_animal animal = {.name = "ouro"};
    const caws_zoo_keeper keeper = {.minds = &animal};
    animal.keeper = &keeper;
    caws_error error = CAWS_ERROR_INIT;
    const caws_zoo_adopt_animal_input input = {NAME_AND_CLASS, .parents = {&animal, 1}};
    assert_int_equal(caws_zoo_adopt_animal(NULL, &input, NULL, &error), CAWS_ERROR_INVALID_INPUT);
    assert_int_equal(error.violations[error.violation_count - 1].constraint, CAWS_CONSTRAINT_DEPTH);
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_called),
        cmocka_unit_test(members_have_their_own_names_on_the_wire),
        cmocka_unit_test(every_timestamp_format),
        cmocka_unit_test(scalars_blobs_and_maps),
        cmocka_unit_test(recursion_and_maps_of_lists_of_structures),
        cmocka_unit_test(documents),
        cmocka_unit_test(unions_have_one_member),
        cmocka_unit_test(an_idempotency_token_is_made),
        cmocka_unit_test(constraints_of_the_model),
        cmocka_unit_test(sensitive_values_are_not_told),
        cmocka_unit_test(pointing_in_a_circle_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

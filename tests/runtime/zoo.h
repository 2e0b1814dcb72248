/* For tests: an invented structure that has a member of every kind, and its hand-made tables. */
#ifndef CAWS_TEST_ZOO_H
#define CAWS_TEST_ZOO_H

#include <caws/schema.h>

typedef struct zoo_animal {
    const char *name;
    caws_opt_i64 age;
} zoo_animal;

typedef struct zoo_animal_list {
    const zoo_animal *items;
    size_t count;
} zoo_animal_list;

typedef struct zoo_i64_grid {
    const caws_i64_list *items;
    size_t count;
} zoo_i64_grid;

typedef struct zoo_keeper_map {
    const struct zoo_keeper_entry {
        const char *key;
        zoo_animal value;
    } *items;
    size_t count;
} zoo_keeper_map;

typedef struct zoo_total_map {
    const struct zoo_total_entry {
        const char *key;
        int64_t value;
    } *items;
    size_t count;
} zoo_total_map;

typedef struct zoo_food { /* a union */
    const char *meat;
    caws_opt_i32 hay;
} zoo_food;

typedef struct zoo zoo;

typedef struct zoo_list {
    const zoo *items;
    size_t count;
} zoo_list;

struct zoo {
    caws_opt_bool open;
    caws_opt_i32 cages;
    caws_opt_i64 visitors;
    caws_opt_double area;
    const char *name;
    caws_blob crest;
    caws_opt_i64 founded;   /* timestamp in the protocol's format */
    caws_opt_i64 inspected; /* ISO 8601, by the member */
    caws_opt_i64 closed;    /* RFC 822, by the type */
    caws_bool_list flags;
    caws_i32_list counts;
    caws_i64_list tickets;
    caws_double_list weights;
    caws_string_list names;
    caws_blob_list photos;
    caws_i64_list days; /* ISO 8601, by the item */
    zoo_i64_grid grid;
    zoo_animal_list animals;
    caws_string_map labels;
    zoo_total_map totals;
    zoo_keeper_map keepers;
    const zoo_animal *star;
    const zoo *branch;
    zoo_list branches;
    const zoo_food *food;
    const char *motto; /* "zooMotto" on the wire */
};

static const caws_member zoo_animal_members[] = {
    {"name", &caws_type_string, offsetof(zoo_animal, name), 0, NULL},
    {"age", &caws_type_long, offsetof(zoo_animal, age), 0, NULL},
};
static const caws_type zoo_animal_type = {.name = "Animal",
                                          .kind = CAWS_KIND_STRUCTURE,
                                          .members = zoo_animal_members,
                                          .member_count = 2,
                                          .size = sizeof(zoo_animal)};

static const caws_member_traits zoo_iso_traits = {.timestamp_format = CAWS_TIMESTAMP_ISO8601};
static const caws_member_traits zoo_motto_traits = {.location_name = "zooMotto"};
static const caws_type zoo_http_date_type = {
    .name = "HttpDate", .kind = CAWS_KIND_TIMESTAMP, .timestamp_format = CAWS_TIMESTAMP_RFC822};

static const caws_member zoo_flags_item[] = {{"member", &caws_type_boolean, 0, 0, NULL}};
static const caws_type zoo_flags_type = {.name = "Flags",
                                         .kind = CAWS_KIND_LIST,
                                         .members = zoo_flags_item,
                                         .member_count = 1,
                                         .size = sizeof(bool)};
static const caws_member zoo_counts_item[] = {{"member", &caws_type_integer, 0, 0, NULL}};
static const caws_type zoo_counts_type = {.name = "Counts",
                                          .kind = CAWS_KIND_LIST,
                                          .members = zoo_counts_item,
                                          .member_count = 1,
                                          .size = sizeof(int32_t)};
static const caws_member zoo_tickets_item[] = {{"member", &caws_type_long, 0, 0, NULL}};
static const caws_type zoo_tickets_type = {.name = "Tickets",
                                           .kind = CAWS_KIND_LIST,
                                           .members = zoo_tickets_item,
                                           .member_count = 1,
                                           .size = sizeof(int64_t)};
static const caws_member zoo_weights_item[] = {{"member", &caws_type_double, 0, 0, NULL}};
static const caws_type zoo_weights_type = {.name = "Weights",
                                           .kind = CAWS_KIND_LIST,
                                           .members = zoo_weights_item,
                                           .member_count = 1,
                                           .size = sizeof(double)};
static const caws_member zoo_names_item[] = {{"member", &caws_type_string, 0, 0, NULL}};
static const caws_type zoo_names_type = {.name = "Names",
                                         .kind = CAWS_KIND_LIST,
                                         .members = zoo_names_item,
                                         .member_count = 1,
                                         .size = sizeof(const char *)};
static const caws_member zoo_photos_item[] = {{"member", &caws_type_blob, 0, 0, NULL}};
static const caws_type zoo_photos_type = {.name = "Photos",
                                          .kind = CAWS_KIND_LIST,
                                          .members = zoo_photos_item,
                                          .member_count = 1,
                                          .size = sizeof(caws_blob)};
static const caws_member zoo_days_item[] = {
    {"member", &caws_type_timestamp, 0, 0, &zoo_iso_traits}};
static const caws_type zoo_days_type = {.name = "Days",
                                        .kind = CAWS_KIND_LIST,
                                        .members = zoo_days_item,
                                        .member_count = 1,
                                        .size = sizeof(int64_t)};
static const caws_member zoo_grid_item[] = {{"member", &zoo_tickets_type, 0, 0, NULL}};
static const caws_type zoo_grid_type = {.name = "Grid",
                                        .kind = CAWS_KIND_LIST,
                                        .members = zoo_grid_item,
                                        .member_count = 1,
                                        .size = sizeof(caws_i64_list)};
static const caws_member zoo_animals_item[] = {{"member", &zoo_animal_type, 0, 0, NULL}};
static const caws_type zoo_animals_type = {.name = "Animals",
                                           .kind = CAWS_KIND_LIST,
                                           .members = zoo_animals_item,
                                           .member_count = 1,
                                           .size = sizeof(zoo_animal)};

static const caws_member zoo_labels_rows[] = {
    {"key", &caws_type_string, offsetof(caws_string_map_entry, key), 0, NULL},
    {"value", &caws_type_string, offsetof(caws_string_map_entry, value), 0, NULL},
};
static const caws_type zoo_labels_type = {.name = "Labels",
                                          .kind = CAWS_KIND_MAP,
                                          .members = zoo_labels_rows,
                                          .member_count = 2,
                                          .size = sizeof(caws_string_map_entry)};
static const caws_member zoo_totals_rows[] = {
    {"key", &caws_type_string, offsetof(struct zoo_total_entry, key), 0, NULL},
    {"value", &caws_type_long, offsetof(struct zoo_total_entry, value), 0, NULL},
};
static const caws_type zoo_totals_type = {.name = "Totals",
                                          .kind = CAWS_KIND_MAP,
                                          .members = zoo_totals_rows,
                                          .member_count = 2,
                                          .size = sizeof(struct zoo_total_entry)};
static const caws_member zoo_keepers_rows[] = {
    {"key", &caws_type_string, offsetof(struct zoo_keeper_entry, key), 0, NULL},
    {"value", &zoo_animal_type, offsetof(struct zoo_keeper_entry, value), 0, NULL},
};
static const caws_type zoo_keepers_type = {.name = "Keepers",
                                           .kind = CAWS_KIND_MAP,
                                           .members = zoo_keepers_rows,
                                           .member_count = 2,
                                           .size = sizeof(struct zoo_keeper_entry)};

static const caws_member zoo_food_members[] = {
    {"meat", &caws_type_string, offsetof(zoo_food, meat), 0, NULL},
    {"hay", &caws_type_integer, offsetof(zoo_food, hay), 0, NULL},
};
static const caws_type zoo_food_type = {.name = "Food",
                                        .kind = CAWS_KIND_STRUCTURE,
                                        .flags = CAWS_TYPE_UNION,
                                        .members = zoo_food_members,
                                        .member_count = 2,
                                        .size = sizeof(zoo_food)};

static const caws_type zoo_type; /* it contains itself */
static const caws_member zoo_branches_item[] = {{"member", &zoo_type, 0, 0, NULL}};
static const caws_type zoo_branches_type = {.name = "Branches",
                                            .kind = CAWS_KIND_LIST,
                                            .members = zoo_branches_item,
                                            .member_count = 1,
                                            .size = sizeof(zoo)};

static const caws_member zoo_members[] = {
    {"open", &caws_type_boolean, offsetof(zoo, open), 0, NULL},
    {"cages", &caws_type_integer, offsetof(zoo, cages), 0, NULL},
    {"visitors", &caws_type_long, offsetof(zoo, visitors), 0, NULL},
    {"area", &caws_type_double, offsetof(zoo, area), 0, NULL},
    {"name", &caws_type_string, offsetof(zoo, name), 0, NULL},
    {"crest", &caws_type_blob, offsetof(zoo, crest), 0, NULL},
    {"founded", &caws_type_timestamp, offsetof(zoo, founded), 0, NULL},
    {"inspected", &caws_type_timestamp, offsetof(zoo, inspected), 0, &zoo_iso_traits},
    {"closed", &zoo_http_date_type, offsetof(zoo, closed), 0, NULL},
    {"flags", &zoo_flags_type, offsetof(zoo, flags), 0, NULL},
    {"counts", &zoo_counts_type, offsetof(zoo, counts), 0, NULL},
    {"tickets", &zoo_tickets_type, offsetof(zoo, tickets), 0, NULL},
    {"weights", &zoo_weights_type, offsetof(zoo, weights), 0, NULL},
    {"names", &zoo_names_type, offsetof(zoo, names), 0, NULL},
    {"photos", &zoo_photos_type, offsetof(zoo, photos), 0, NULL},
    {"days", &zoo_days_type, offsetof(zoo, days), 0, NULL},
    {"grid", &zoo_grid_type, offsetof(zoo, grid), 0, NULL},
    {"animals", &zoo_animals_type, offsetof(zoo, animals), 0, NULL},
    {"labels", &zoo_labels_type, offsetof(zoo, labels), 0, NULL},
    {"totals", &zoo_totals_type, offsetof(zoo, totals), 0, NULL},
    {"keepers", &zoo_keepers_type, offsetof(zoo, keepers), 0, NULL},
    {"star", &zoo_animal_type, offsetof(zoo, star), 0, NULL},
    {"branch", &zoo_type, offsetof(zoo, branch), 0, NULL},
    {"branches", &zoo_branches_type, offsetof(zoo, branches), 0, NULL},
    {"food", &zoo_food_type, offsetof(zoo, food), 0, NULL},
    {"motto", &caws_type_string, offsetof(zoo, motto), 0, &zoo_motto_traits},
};
static const caws_type zoo_type = {.name = "Zoo",
                                   .kind = CAWS_KIND_STRUCTURE,
                                   .members = zoo_members,
                                   .member_count = sizeof(zoo_members) / sizeof(zoo_members[0]),
                                   .size = sizeof(zoo)};

/* A request of its own, because an absent token is made up. */
typedef struct zoo_ticket {
    const char *token;
    caws_opt_i32 price;
} zoo_ticket;

static const caws_member zoo_ticket_members[] = {
    {"token", &caws_type_string, offsetof(zoo_ticket, token), CAWS_MEMBER_IDEMPOTENCY_TOKEN, NULL},
    {"price", &caws_type_integer, offsetof(zoo_ticket, price), 0, NULL},
};
static const caws_type zoo_ticket_type = {.name = "Ticket",
                                          .kind = CAWS_KIND_STRUCTURE,
                                          .members = zoo_ticket_members,
                                          .member_count = 2,
                                          .size = sizeof(zoo_ticket)};

#endif

/**
 * @file
 * Values: how the members of AWS shapes look in C.
 *
 * Every member is optional. Absent is NULL for strings, structures and documents, NULL items (data)
 * for lists, maps and blobs, and present == false for scalars, which are small structs: forgetting
 * the wrapper does not compile, and reading an absent scalar gives 0 or false.
 *
 * | in the model       | as a member             | as a list item or map value |
 * |--------------------|-------------------------|-----------------------------|
 * | boolean            | caws_opt_bool           | bool                        |
 * | integer            | caws_opt_i32            | int32_t                     |
 * | long               | caws_opt_i64            | int64_t                     |
 * | float, double      | caws_opt_double         | double                      |
 * | timestamp (*)      | caws_opt_i64            | int64_t                     |
 * | string             | const char *            | const char *                |
 * | blob               | caws_blob               | caws_blob                   |
 * | list               | struct {items, count}   | the same, by value          |
 * | map (**)           | struct {items, count}   | the same, by value          |
 * | structure, union   | pointer to the struct   | the struct itself           |
 * | document (***)     | const char *            | const char *                |
 *
 * (*) in milliseconds since 1970-01-01 00:00 UTC. (**) an item is {key, value}. (***) the text of
 * one JSON value of any type.
 *
 * Strings are NUL-terminated UTF-8. A document is sent as its text stands; one that is received is
 * without white space, its numbers as they came, in its strings U+FFFD for U+0000. In input structs
 * everything is borrowed for the length of the call. In output structs everything lives until
 * caws_output_free.
 */
#ifndef CAWS_VALUES_H
#define CAWS_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caws/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A boolean that may be absent. */
typedef struct caws_opt_bool {
    bool present;
    bool value;
} caws_opt_bool;

/** A 32-bit integer that may be absent. */
typedef struct caws_opt_i32 {
    bool present;
    int32_t value;
} caws_opt_i32;

/** A 64-bit integer or a time that may be absent. */
typedef struct caws_opt_i64 {
    bool present;
    int64_t value; /**< of a time: milliseconds since 1970-01-01 00:00 UTC */
} caws_opt_i64;

/** A number with fraction that may be absent. */
typedef struct caws_opt_double {
    bool present;
    double value;
} caws_opt_double;

/** Bytes. Absent: data == NULL. Present and empty: data non-NULL, length 0. */
typedef struct caws_blob {
    const uint8_t *data;
    size_t length;
} caws_blob;

/* Lists and maps that need no generated type. Absent: items == NULL. Present and empty: items
 * non-NULL, count 0. */

/** Booleans. */
typedef struct caws_bool_list {
    const bool *items;
    size_t count;
} caws_bool_list;

/** 32-bit integers. */
typedef struct caws_i32_list {
    const int32_t *items;
    size_t count;
} caws_i32_list;

/** 64-bit integers, or times. */
typedef struct caws_i64_list {
    const int64_t *items;
    size_t count;
} caws_i64_list;

/** Numbers with fraction. */
typedef struct caws_double_list {
    const double *items;
    size_t count;
} caws_double_list;

/** Strings. */
typedef struct caws_string_list {
    const char *const *items;
    size_t count;
} caws_string_list;

/** Blobs. */
typedef struct caws_blob_list {
    const caws_blob *items;
    size_t count;
} caws_blob_list;

/** One entry of a map of strings. */
typedef struct caws_string_map_entry {
    const char *key;
    const char *value; /**< NULL if the service sent null; input must have one */
} caws_string_map_entry;

/** Strings by strings, in no order. */
typedef struct caws_string_map {
    const caws_string_map_entry *items;
    size_t count;
} caws_string_map;

/** A boolean that is present. */
static inline caws_opt_bool caws_bool(bool value)
{
    caws_opt_bool opt = {true, value};
    return opt;
}

/** A 32-bit integer that is present. */
static inline caws_opt_i32 caws_i32(int32_t value)
{
    caws_opt_i32 opt = {true, value};
    return opt;
}

/** A 64-bit integer or time that is present. */
static inline caws_opt_i64 caws_i64(int64_t value)
{
    caws_opt_i64 opt = {true, value};
    return opt;
}

/** A number with fraction that is present. */
static inline caws_opt_double caws_double(double value)
{
    caws_opt_double opt = {true, value};
    return opt;
}

/**
 * Frees the output of an operation and everything that it points to. NULL is accepted.
 * output: what a generated operation stored; nothing else.
 */
CAWS_API void caws_output_free(void *output);

#ifdef __cplusplus
}
#endif

#endif

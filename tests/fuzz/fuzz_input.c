/* Input structs of operations, built along the tables from bytes: validated, and encoded if they
 * are well. The text is JSON to cJSON too, and what is decoded of it is encoded as the same text.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "json_decode.h"
#include "protocol.h"
#include "validate.h"
#include "value.h"

enum { MOST_DEPTH = 6, MOST_ITEMS = 6 };

typedef struct builder {
    fuzz_input *input;
    caws_arena *arena;
} builder;

static void *new_memory(builder *b, size_t size)
{
    void *memory = caws_arena_alloc(b->arena, size);
    must(memory != NULL);
    return memory;
}

/* Valid texts are likely, so that much gets past the validator: a run of one character, or a line
 * of the input as it is. */
static const char *build_text(builder *b)
{
    static const char *const usual[] = {
        "a", "my-log-group", "0123456789abcdef", "arn:aws:s3:::b", "true", "*", "\xc3\xa9\n\"\\",
        ""};
    uint8_t choice = fuzz_byte(b->input);
    if (choice < 128)
        return usual[choice % 8];
    char *line = fuzz_text(b->input, choice * 8U);
    const char *copy = caws_arena_copy(b->arena, line, strlen(line));
    must(copy != NULL);
    free(line);
    return copy;
}

static void build_value(builder *b, const caws_type *type, int depth, void *target);

static void build_member(builder *b, const caws_member *member, int depth, void *structure)
{
    unsigned char *field = (unsigned char *)structure + member->offset;
    bool given = fuzz_byte(b->input) % 3 != 0;
    if (!given)
        return;
    switch ((caws_kind)member->type->kind) {
    case CAWS_KIND_BOOLEAN:
        *(caws_opt_bool *)(void *)field = caws_bool(fuzz_byte(b->input) & 1);
        return;
    case CAWS_KIND_INTEGER:
        *(caws_opt_i32 *)(void *)field = caws_i32((int32_t)fuzz_number(b->input, 4));
        return;
    case CAWS_KIND_LONG:
    case CAWS_KIND_TIMESTAMP:
        *(caws_opt_i64 *)(void *)field =
            caws_i64((int64_t)fuzz_number(b->input, fuzz_byte(b->input) % 9));
        return;
    case CAWS_KIND_DOUBLE: {
        uint64_t bits = fuzz_number(b->input, 8);
        caws_opt_double *opt = (void *)field;
        memcpy(&opt->value, &bits, sizeof(bits));
        opt->present = true;
        return;
    }
    case CAWS_KIND_STRUCTURE: {
        if (depth == 0)
            return;
        void *inner = new_memory(b, member->type->size);
        memcpy(field, &inner, sizeof(inner));
        build_value(b, member->type, depth - 1, inner);
        return;
    }
    case CAWS_KIND_STRING:
    case CAWS_KIND_BLOB:
    case CAWS_KIND_LIST:
    case CAWS_KIND_MAP:
    case CAWS_KIND_DOCUMENT:
        build_value(b, member->type, depth, field);
        return;
    }
}

static void build_items(builder *b, const caws_type *type, int depth, void *target)
{
    caws_any_list list = {NULL, depth > 0 ? fuzz_byte(b->input) % MOST_ITEMS : 0};
    unsigned char *items = new_memory(b, list.count * type->size + 1);
    for (size_t i = 0; i < list.count; i++) {
        unsigned char *item = items + i * type->size;
        if (type->kind == CAWS_KIND_MAP) {
            build_value(b, type->members[0].type, depth - 1, item + type->members[0].offset);
            build_value(b, type->members[1].type, depth - 1, item + type->members[1].offset);
        } else {
            build_value(b, type->members[0].type, depth - 1, item);
        }
    }
    list.items = items;
    memcpy(target, &list, sizeof(list));
}

static void build_value(builder *b, const caws_type *type, int depth, void *target)
{
    static const char *const documents[] = {"null", "{\"a\":[1,\"b\"]}", "[", "0"};
    switch ((caws_kind)type->kind) {
    case CAWS_KIND_BOOLEAN:
        *(bool *)target = fuzz_byte(b->input) & 1;
        return;
    case CAWS_KIND_INTEGER:
        *(int32_t *)target = (int32_t)fuzz_number(b->input, 4);
        return;
    case CAWS_KIND_LONG:
    case CAWS_KIND_TIMESTAMP:
        *(int64_t *)target = (int64_t)fuzz_number(b->input, 8);
        return;
    case CAWS_KIND_DOUBLE: {
        uint64_t bits = fuzz_number(b->input, 8);
        memcpy(target, &bits, sizeof(bits));
        return;
    }
    case CAWS_KIND_STRING: {
        const char *text = build_text(b);
        memcpy(target, &text, sizeof(text));
        return;
    }
    case CAWS_KIND_DOCUMENT: {
        const char *text = documents[fuzz_byte(b->input) % 4];
        memcpy(target, &text, sizeof(text));
        return;
    }
    case CAWS_KIND_BLOB: {
        const char *text = build_text(b);
        const caws_blob blob = {(const uint8_t *)text, strlen(text)};
        memcpy(target, &blob, sizeof(blob));
        return;
    }
    case CAWS_KIND_LIST:
    case CAWS_KIND_MAP:
        build_items(b, type, depth, target);
        return;
    case CAWS_KIND_STRUCTURE:
        for (uint16_t i = 0; i < type->member_count; i++)
            build_member(b, &type->members[i], depth, target);
        return;
    }
}

/* JSON -> struct -> JSON, of the input's own type. */
static void come_back(const caws_operation *operation, const caws_buffer *body)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_request again = {.body = CAWS_BUFFER_INIT};
    void *structure = caws_output_new(operation->input->size);
    must(structure != NULL);
    must(caws_json_accept(body->data, body->length, &error) == CAWS_OK);
    must(caws_json_decode(body->data, operation->input, structure, caws_output_arena(structure),
                          &error) == CAWS_OK);
    must(operation->service->protocol->encode_request(operation, structure, &again, &error) ==
         CAWS_OK);
    must(again.body.length == body->length &&
         memcmp(again.body.data, body->data, body->length) == 0);
    caws_output_free(structure);
    caws_request_clear(&again);
    caws_error_clear(&error);
}

/* A time that no JSON number of seconds tells to the millisecond is another one on its way back,
 * and a fresh token is filled in each time. */
static bool comes_back(const cJSON *tree)
{
    for (const cJSON *child = tree->child; child != NULL; child = child->next)
        if ((cJSON_IsNumber(child) && (child->valuedouble > 9e12 || child->valuedouble < -9e12)) ||
            !comes_back(child))
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = {data, size};
    const caws_operation *operation = fuzz_operation(&input);
    if (operation->input == NULL)
        return -1;
    caws_arena arena = CAWS_ARENA_INIT;
    builder b = {&input, &arena};
    caws_validation mode =
        (fuzz_byte(&input) & 1) != 0 ? CAWS_VALIDATE_REQUIRED : CAWS_VALIDATE_ALL;
    void *structure = new_memory(&b, operation->input->size);
    build_value(&b, operation->input, MOST_DEPTH, structure);

    caws_error error = CAWS_ERROR_INIT;
    caws_request request = {.body = CAWS_BUFFER_INIT};
    caws_status status = caws_validate(operation->input, structure, mode, &error);
    must(status == CAWS_OK || status == CAWS_ERROR_INVALID_INPUT);
    must((status == CAWS_OK) == (error.violation_count == 0));
    if (status == CAWS_OK) {
        must(operation->service->protocol->encode_request(operation, structure, &request, &error) ==
             CAWS_OK);
        cJSON *tree = cJSON_ParseWithLength(request.body.data, request.body.length);
        must(tree != NULL);
        if (comes_back(tree) && strstr(request.body.data, "Token\"") == NULL)
            come_back(operation, &request.body);
        cJSON_Delete(tree);
    }
    caws_request_clear(&request);
    caws_error_clear(&error);
    caws_arena_clear(&arena);
    return 0;
}

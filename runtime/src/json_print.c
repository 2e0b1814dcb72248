#include "json_print.h"

#include <math.h>

#include <cjson/cJSON.h>

#include "json_encode.h"
#include "json_text.h"

bool caws_json_is_marked_number(const cJSON *value)
{
    return cJSON_IsString(value) && (unsigned char)value->valuestring[0] == CAWS_JSON_NUMBER_MARK;
}

static void print_number(caws_buffer *text, double number)
{
    if (isinf(number))
        caws_buffer_append_string(text, number > 0 ? "1e999" : "-1e999");
    else
        caws_json_write_double(text, number);
}

/* The members of an object or the items of an array. */
static void print_children(caws_buffer *text, const cJSON *value)
{
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        if (child != value->child)
            caws_buffer_append_char(text, ',');
        if (child->string != NULL) {
            caws_json_write_string(text, child->string);
            caws_buffer_append_char(text, ':');
        }
        caws_json_print(text, child);
    }
}

/* Recursion ends: cJSON reads nothing that is nested more than 1,000 levels deep. */
void caws_json_print(caws_buffer *text, const cJSON *value)
{
    if (cJSON_IsNull(value)) {
        caws_buffer_append_string(text, "null");
    } else if (cJSON_IsBool(value)) {
        caws_buffer_append_string(text, cJSON_IsTrue(value) ? "true" : "false");
    } else if (cJSON_IsNumber(value)) {
        print_number(text, value->valuedouble);
    } else if (caws_json_is_marked_number(value)) {
        caws_buffer_append_string(text, value->valuestring + 1);
    } else if (cJSON_IsString(value)) {
        caws_json_write_string(text, value->valuestring);
    } else {
        bool is_array = cJSON_IsArray(value);
        caws_buffer_append_char(text, is_array ? '[' : '{');
        print_children(text, value);
        caws_buffer_append_char(text, is_array ? ']' : '}');
    }
}

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <caws/logs.h>

void fuzz_fail(const char *what)
{
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

uint8_t fuzz_byte(fuzz_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->data++;
}

uint64_t fuzz_number(fuzz_input *input, int bytes)
{
    uint64_t number = 0;
    while (bytes-- > 0)
        number = number << 8 | fuzz_byte(input);
    return number;
}

static char *copy(const uint8_t *data, size_t length)
{
    char *text = malloc(length + 1);
    if (text == NULL)
        abort();
    if (length > 0)
        memcpy(text, data, length);
    text[length] = '\0';
    return text;
}

char *fuzz_text(fuzz_input *input, size_t most)
{
    size_t length = 0;
    while (length < most && length < input->left && input->data[length] != '\n' &&
           input->data[length] != '\0')
        length++;
    char *text = copy(input->data, length);
    size_t taken = length < input->left ? length + 1 : length;
    input->data += taken;
    input->left -= taken;
    return text;
}

char *fuzz_rest(fuzz_input *input, size_t *length)
{
    *length = input->left;
    input->left = 0;
    return copy(input->data, *length);
}

const caws_operation *const fuzz_operations[] = {
#include "operations.inc"
};
const size_t fuzz_operation_count = sizeof(fuzz_operations) / sizeof(fuzz_operations[0]);

const caws_operation *fuzz_operation(fuzz_input *input)
{
    return fuzz_operations[fuzz_byte(input) % fuzz_operation_count];
}

#include "pattern.h"

#include <stdint.h>

#include "utf8.h"

enum { DEAD = 0, START = 1 };

/* The class of a character beyond ASCII. */
static size_t class_of(const caws_pattern *pattern, uint32_t character)
{
    size_t low = 0;
    size_t high = pattern->range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const caws_pattern_range *range = &pattern->ranges[middle];
        if (character < range->first)
            high = middle;
        else if (character > range->last)
            low = middle + 1;
        else
            return range->class_index;
    }
    return 0;
}

bool caws_pattern_match(const caws_pattern *pattern, const char *text, size_t length,
                        size_t *bad_offset)
{
    size_t state = START;
    size_t offset = 0;
    while (offset < length) {
        size_t class_index;
        size_t size = 1;
        unsigned char byte = (unsigned char)text[offset];
        if (byte < 0x80) {
            class_index = pattern->ascii[byte];
        } else {
            uint32_t character;
            size = caws_utf8_decode(text + offset, length - offset, &character);
            if (size == 0)
                break;
            class_index = class_of(pattern, character);
        }
        state = pattern->next[state * pattern->class_count + class_index];
        if (state == DEAD)
            break;
        offset += size;
    }
    if (offset == length && (pattern->accept[state / 8] >> (state % 8) & 1) != 0)
        return true;
    *bad_offset = offset;
    return false;
}

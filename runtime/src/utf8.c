#include "utf8.h"

#include <string.h>

static uint32_t byte_at(const char *text, size_t offset)
{
    return (unsigned char)text[offset];
}

size_t caws_utf8_decode(const char *text, size_t length, uint32_t *character)
{
    if (length == 0)
        return 0;
    uint32_t lead = byte_at(text, 0);
    if (lead < 0x80) {
        *character = lead;
        return 1;
    }

    size_t size;
    uint32_t value;
    uint32_t least; /* what a shorter form cannot hold */
    if (lead >= 0xC2 && lead <= 0xDF) {
        size = 2;
        value = lead & 0x1F;
        least = 0x80;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        size = 3;
        value = lead & 0x0F;
        least = 0x800;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        size = 4;
        value = lead & 0x07;
        least = 0x10000;
    } else {
        return 0;
    }
    if (length < size)
        return 0;
    for (size_t i = 1; i < size; i++) {
        uint32_t next = byte_at(text, i);
        if ((next & 0xC0) != 0x80)
            return 0;
        value = (value << 6) | (next & 0x3F);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *character = value;
    return size;
}

/* The number of ASCII characters that text begins with, in whole words. */
static size_t ascii_words(const char *text, size_t length)
{
    size_t offset = 0;
    uint64_t word;
    while (length - offset >= sizeof word) {
        memcpy(&word, text + offset, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
        offset += sizeof word;
    }
    return offset;
}

size_t caws_utf8_count(const char *text, size_t length, size_t *invalid_offset)
{
    size_t count = 0;
    size_t offset = 0;
    while (offset < length) {
        size_t ascii = ascii_words(text + offset, length - offset);
        count += ascii;
        offset += ascii;
        /* One word's worth by characters before words are tried again: text that mixes scripts
         * would otherwise try at every character. */
        for (size_t i = 0; i < sizeof(uint64_t) && offset < length; i++) {
            uint32_t character;
            size_t size = caws_utf8_decode(text + offset, length - offset, &character);
            if (size == 0) {
                *invalid_offset = offset;
                return count;
            }
            offset += size;
            count++;
        }
    }
    *invalid_offset = length;
    return count;
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "utf8.h"

/* A copy without a byte to spare, so that a sanitizer sees any read beyond the end. */
static char *tight(const void *bytes, size_t length)
{
    char *copy = malloc(length == 0 ? 1 : length);
    assert_non_null(copy);
    if (length != 0)
        memcpy(copy, bytes, length);
    return copy;
}

static size_t decode(const char *bytes, size_t length, uint32_t *character)
{
    char *text = tight(bytes, length);
    size_t size = caws_utf8_decode(text, length, character);
    free(text);
    return size;
}

static size_t encode(uint32_t character, char *out)
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char)(0xC0 | character >> 6);
        out[1] = (char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (char)(0xE0 | character >> 12);
        out[1] = (char)(0x80 | (character >> 6 & 0x3F));
        out[2] = (char)(0x80 | (character & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | character >> 18);
    out[1] = (char)(0x80 | (character >> 12 & 0x3F));
    out[2] = (char)(0x80 | (character >> 6 & 0x3F));
    out[3] = (char)(0x80 | (character & 0x3F));
    return 4;
}

static void decodes_every_character(void **state)
{
    (void)state;
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        char bytes[4];
        size_t size = encode(character, bytes);
        uint32_t decoded = 0xFFFFFFFF;
        if (character >= 0xD800 && character <= 0xDFFF) {
            assert_int_equal(caws_utf8_decode(bytes, size, &decoded), 0);
            assert_int_equal(decoded, 0xFFFFFFFF);
            continue;
        }
        assert_int_equal(caws_utf8_decode(bytes, size, &decoded), size);
        assert_int_equal(decoded, character);
        assert_int_equal(caws_utf8_decode(bytes, size - 1, &decoded), 0);
    }
}

static void refuses_every_other_pair_and_triple(void **state)
{
    (void)state;
    /* Those that decode are as many as there are characters of that length: none has a second form.
     * Pairs are counted once, with one third byte. */
    size_t pairs = 0;
    size_t triples = 0;
    for (uint32_t bits = 0x808080; bits <= 0xFFFFFF; bits++) {
        char bytes[3] = {(char)(bits >> 16 & 0xFF), (char)(bits >> 8 & 0xFF), (char)(bits & 0xFF)};
        uint32_t character;
        size_t size = caws_utf8_decode(bytes, 3, &character);
        pairs += size == 2 && (bits & 0xFF) == 0x80;
        triples += size == 3;
    }
    assert_int_equal(triples, 0x10000 - 0x800 - 0x800);
    assert_int_equal(pairs, 0x800 - 0x80);
}

static void refuses_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        {"", 0},
        {"\x80", 1}, /* continuation alone */
        {"\xBF", 1},
        {"\xC0\x80", 2},         /* overlong NUL */
        {"\xC1\xBF", 2},         /* overlong U+007F */
        {"\xE0\x9F\xBF", 3},     /* overlong U+07FF */
        {"\xF0\x8F\xBF\xBF", 4}, /* overlong U+FFFF */
        {"\xED\xA0\x80", 3},     /* U+D800 */
        {"\xED\xBF\xBF", 3},     /* U+DFFF */
        {"\xF4\x90\x80\x80", 4}, /* U+110000 */
        {"\xF5\x80\x80\x80", 4},
        {"\xF8\x88\x80\x80\x80", 5},
        {"\xFE", 1},
        {"\xFF", 1},
        {"\xC3", 1}, /* cut */
        {"\xE2\x82", 2},
        {"\xF0\x9F\x98", 3},
        {"\xC3(", 2}, /* ASCII in place of a continuation */
        {"\xE2(\xAC", 3},
        {"\xE2\x82(", 3},
        {"\xF0\x9F\x98(", 4},
        {"\xF0\x9F\xC3\xA9", 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t character = 42;
        assert_int_equal(decode(cases[i].bytes, cases[i].length, &character), 0);
        assert_int_equal(character, 42);
    }
}

static void reads_only_the_first(void **state)
{
    (void)state;
    uint32_t character = 0;
    assert_int_equal(decode("a\xFF", 2, &character), 1);
    assert_int_equal(character, 'a');
    assert_int_equal(decode("\xC3\xA9\xFF", 3, &character), 2);
    assert_int_equal(character, 0xE9);
    assert_int_equal(decode("\0", 1, &character), 1);
    assert_int_equal(character, 0);
}

static void count_is(const char *bytes, size_t length, size_t count, size_t invalid_offset)
{
    char *text = tight(bytes, length);
    size_t offset = SIZE_MAX;
    assert_int_equal(caws_utf8_count(text, length, &offset), count);
    assert_int_equal(offset, invalid_offset);
    free(text);
}

static void counts(void **state)
{
    (void)state;
    count_is("", 0, 0, 0);
    count_is("a", 1, 1, 1);
    count_is("a\0b", 3, 3, 3);
    count_is("abcdefgh", 8, 8, 8);
    count_is("\xC3\xA9", 2, 1, 2);
    count_is("\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 8, 2, 8);
    count_is("abcdefg\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80hijklmnopq", 26, 20, 26);
    count_is("\xFF", 1, 0, 0);
    count_is("\xC3\xA9\xC3", 3, 1, 2);
}

/* A character, or an invalid byte, at every place among ASCII: on, before and after word bounds. */
static void counts_at_every_offset(void **state)
{
    (void)state;
    static const char face[4] = {'\xF0', '\x9F', '\x98', '\x80'};
    for (size_t length = 4; length <= 40; length++) {
        for (size_t at = 0; at + 4 <= length; at++) {
            char bytes[40];
            memset(bytes, 'x', sizeof bytes);
            memcpy(bytes + at, face, sizeof face);
            count_is(bytes, length, length - 3, length);
            bytes[at + 3] = 'x';
            count_is(bytes, length, at, at);
            memset(bytes, 'x', sizeof bytes);
            bytes[at] = '\xFF';
            count_is(bytes, length, at, at);
        }
    }
}

static void count_and_decode_agree_on_noise(void **state)
{
    (void)state;
    static const unsigned char alphabet[] = {'a',  'b',  0x80, 0xA9, 0xBF, 0xC3,
                                             0xE2, 0xED, 0x9F, 0xF0, 0xF4, 0x90};
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        size_t length = (size_t)round % (sizeof bytes + 1);
        for (size_t i = 0; i < length; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (char)alphabet[(seed >> 16) % sizeof alphabet];
        }
        size_t offset = 0;
        size_t count = 0;
        uint32_t character;
        size_t size;
        while ((size = caws_utf8_decode(bytes + offset, length - offset, &character)) != 0) {
            offset += size;
            count++;
        }
        count_is(bytes, length, count, offset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_character),
        cmocka_unit_test(refuses_every_other_pair_and_triple),
        cmocka_unit_test(refuses_malformed),
        cmocka_unit_test(reads_only_the_first),
        cmocka_unit_test(counts),
        cmocka_unit_test(counts_at_every_offset),
        cmocka_unit_test(count_and_decode_agree_on_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

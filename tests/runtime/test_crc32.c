#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crc32.h"
#include "event_frames.h"
#include "random.h"

/* The check value of the CRC catalogue, and others that zlib gives. */
static void has_the_known_values(void **state)
{
    (void)state;
    assert_int_equal(caws_crc32(NULL, 0), 0);
    assert_int_equal(caws_crc32("123456789", 9), 0xCBF43926);
    assert_int_equal(caws_crc32("", 1), 0xD202EF8D);
    assert_int_equal(caws_crc32("\xff\xff\xff\xff", 4), 0xFFFFFFFF);
    assert_int_equal(caws_crc32("The quick brown fox jumps over the lazy dog", 43), 0x414FA339);
}

/* Every entry of the table. */
static void agrees_with_the_polynomial(void **state)
{
    uint64_t random = 1;
    uint8_t bytes[300];
    (void)state;
    for (int value = 0; value < 256; value++) {
        bytes[0] = (uint8_t)value;
        assert_int_equal(caws_crc32(bytes, 1), slow_crc32(bytes, 1));
    }
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)random_below(&random, 256);
        assert_int_equal(caws_crc32(bytes, length), slow_crc32(bytes, length));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_known_values),
        cmocka_unit_test(agrees_with_the_polynomial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

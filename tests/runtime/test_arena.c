#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <caws/values.h>

#include "address_space.h"
#include "arena.h"

/* Sizes that no machine has are asked for on purpose: let the sanitizer's malloc give NULL. */
CAWS_API const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* Leaves bytes that are not zero where the next allocations may land. */
static void dirty_heap(void)
{
    void *blocks[8];
    for (size_t i = 0; i < 8; i++) {
        blocks[i] = malloc((size_t)1024 << i);
        assert_non_null(blocks[i]);
        memset(blocks[i], 0xA5, (size_t)1024 << i);
    }
    for (size_t i = 0; i < 8; i++)
        free(blocks[i]);
}

static void check_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], 0);
}

/* Around what is aligned, the first block, its doublings and the largest block. */
static const size_t sizes[] = {
    0,     1,     7,     8,     9,     15,    16,    17,    31,   32,     33,    1007,  1008,
    1009,  1023,  1024,  1025,  2047,  2048,  2049,  4095,  4096, 4097,   32767, 32768, 32769,
    65519, 65520, 65521, 65535, 65536, 65537, 65552, 99999, 1,    200000, 1,     0,     1024,
};
enum { SIZE_COUNT = sizeof(sizes) / sizeof(sizes[0]) };

static void gives_aligned_zeroed_memory_of_its_own(void **state)
{
    (void)state;
    caws_arena arena = CAWS_ARENA_INIT;
    unsigned char *pieces[SIZE_COUNT];
    dirty_heap();
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        pieces[i] = caws_arena_alloc(&arena, sizes[i]);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        check_zero(pieces[i], sizes[i]);
        memset(pieces[i], (int)(i + 1), sizes[i]);
    }
    for (size_t i = 0; i < SIZE_COUNT; i++)
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(pieces[i][j], i + 1);
    caws_arena_clear(&arena);
}

static void gives_different_addresses_for_size_0(void **state)
{
    (void)state;
    caws_arena arena = CAWS_ARENA_INIT;
    const void *first = caws_arena_alloc(&arena, 0);
    const void *second = caws_arena_alloc(&arena, 0);
    assert_non_null(first);
    assert_non_null(second);
    assert_ptr_not_equal(first, second);
    caws_arena_clear(&arena);
}

static void fills_blocks_to_the_last_byte(void **state)
{
    (void)state;
    caws_arena arena = CAWS_ARENA_INIT;
    char *first = caws_arena_alloc(&arena, 1024);
    char *rest = NULL;
    memset(first, 1, 1024);
    for (int i = 0; i < 3 * 1024; i++) {
        rest = caws_arena_alloc(&arena, 1);
        assert_non_null(rest);
        *rest = 2;
    }
    for (int i = 0; i < 1024; i++)
        assert_int_equal(first[i], 1);
    caws_arena_clear(&arena);
}

static void refuses_sizes_that_cannot_be(void **state)
{
    (void)state;
    static const size_t impossible[] = {SIZE_MAX,         SIZE_MAX - 1,     SIZE_MAX - 15,
                                        SIZE_MAX - 16,    SIZE_MAX / 2 + 2, SIZE_MAX / 2 + 1,
                                        SIZE_MAX / 2,     SIZE_MAX / 2 - 1, SIZE_MAX / 2 - 31,
                                        SIZE_MAX / 4 * 2, SIZE_MAX / 4 + 1};
    caws_arena arena = CAWS_ARENA_INIT;
    char *before = caws_arena_copy(&arena, "kept", 4);
    for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
        assert_null(caws_arena_alloc(&arena, impossible[i]));
        assert_null(caws_output_new(impossible[i]));
        char one = 'x'; /* never read: the copy is refused before */
        assert_null(caws_arena_copy(&arena, &one, impossible[i]));
    }
    /* The largest that can be, but more than there is. */
    address_space rest;
    address_space_take(&rest);
    assert_null(caws_arena_alloc(&arena, SIZE_MAX / 4));
    assert_null(caws_output_new(SIZE_MAX / 4));
    address_space_give_back(&rest);
    assert_string_equal(before, "kept");
    char *after = caws_arena_copy(&arena, "goes on", 7);
    assert_string_equal(after, "goes on");
    caws_arena_clear(&arena);
}

static void stays_below_its_limit(void **state)
{
    (void)state;
    caws_arena arena = CAWS_ARENA_INIT;
    caws_arena_set_limit(&arena, 0);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(arena.limit, CAWS_ARENA_LEAST);
        assert_non_null(caws_arena_alloc(&arena, 1));
        assert_null(caws_arena_alloc(&arena, CAWS_ARENA_LEAST));
        assert_true(arena.too_large);
        assert_non_null(caws_arena_alloc(&arena, CAWS_ARENA_LEAST / 2));
        assert_null(caws_arena_copy(&arena, "", CAWS_ARENA_LEAST / 2));
        assert_true(arena.total <= CAWS_ARENA_LEAST);
        caws_arena_clear(&arena);
        assert_int_equal(arena.total, 0);
        assert_false(arena.too_large);
    }
    caws_arena_set_limit(&arena, CAWS_ARENA_LEAST);
    assert_int_equal(arena.limit, CAWS_ARENA_LEAST * CAWS_ARENA_FACTOR);
    caws_arena_set_limit(&arena, SIZE_MAX / CAWS_ARENA_FACTOR);
    assert_int_equal(arena.limit, SIZE_MAX);
}

static void refuses_as_the_first_allocation_too(void **state)
{
    (void)state;
    caws_arena arena = CAWS_ARENA_INIT;
    assert_null(caws_arena_alloc(&arena, SIZE_MAX));
    assert_null(caws_arena_alloc(&arena, SIZE_MAX / 2));
    assert_null(arena.blocks);
    caws_arena_clear(&arena);
}

static void copies_texts(void **state)
{
    (void)state;
    caws_arena arena = CAWS_ARENA_INIT;
    dirty_heap();
    assert_string_equal(caws_arena_copy(&arena, "", 0), "");
    assert_string_equal(caws_arena_copy(&arena, NULL, 0), "");
    assert_string_equal(caws_arena_copy(&arena, "abcdef", 3), "abc");
    assert_memory_equal(caws_arena_copy(&arena, "a\0b", 3), "a\0b", 4);

    char *exact = malloc(1023); /* without a NUL: a sanitizer sees a read beyond the end */
    assert_non_null(exact);
    memset(exact, 'z', 1023);
    for (size_t length = 1000; length <= 1023; length++) {
        const char *copy = caws_arena_copy(&arena, exact + 1023 - length, length);
        assert_non_null(copy);
        assert_int_equal(strlen(copy), length);
    }
    free(exact);
    caws_arena_clear(&arena);
}

static void is_empty_and_usable_after_clear(void **state)
{
    (void)state;
    caws_arena arena = CAWS_ARENA_INIT;
    caws_arena_clear(&arena);
    for (int round = 0; round < 3; round++) {
        dirty_heap();
        unsigned char *piece = caws_arena_alloc(&arena, 5000);
        assert_non_null(piece);
        check_zero(piece, 5000);
        memset(piece, 0xFF, 5000);
        caws_arena_clear(&arena);
        assert_null(arena.blocks);
        assert_int_equal(arena.used, 0);
        caws_arena_clear(&arena);
    }
}

static void frees_an_output_with_all_it_owns(void **state)
{
    (void)state;
    static const size_t output_sizes[] = {0, 1, 16, 1000, 1024, 70000};
    for (size_t i = 0; i < sizeof(output_sizes) / sizeof(output_sizes[0]); i++) {
        dirty_heap();
        unsigned char *output = caws_output_new(output_sizes[i]);
        assert_non_null(output);
        assert_int_equal((uintptr_t)output % alignof(max_align_t), 0);
        check_zero(output, output_sizes[i]);
        memset(output, 0xEE, output_sizes[i]);
        for (size_t j = 0; j < SIZE_COUNT; j++) {
            unsigned char *member = caws_arena_alloc(caws_output_arena(output), sizes[j]);
            assert_non_null(member);
            check_zero(member, sizes[j]);
            memset(member, 0xDD, sizes[j]);
        }
        for (size_t j = 0; j < output_sizes[i]; j++)
            assert_int_equal(output[j], 0xEE);
        caws_output_free(output);
    }
}

static void accepts_no_output(void **state)
{
    (void)state;
    caws_output_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_aligned_zeroed_memory_of_its_own),
        cmocka_unit_test(gives_different_addresses_for_size_0),
        cmocka_unit_test(fills_blocks_to_the_last_byte),
        cmocka_unit_test(refuses_sizes_that_cannot_be),
        cmocka_unit_test(stays_below_its_limit),
        cmocka_unit_test(refuses_as_the_first_allocation_too),
        cmocka_unit_test(copies_texts),
        cmocka_unit_test(is_empty_and_usable_after_clear),
        cmocka_unit_test(frees_an_output_with_all_it_owns),
        cmocka_unit_test(accepts_no_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

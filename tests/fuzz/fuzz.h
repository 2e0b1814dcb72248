/* What the fuzz targets have in common. A target takes any bytes, and must not crash, leak, or take
 * long; what else must hold it says with must(). */
#ifndef CAWS_FUZZ_H
#define CAWS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include <caws/schema.h>

#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process with what, for libFuzzer to keep the input. */
void fuzz_fail(const char *what);
#define must(condition) ((condition) ? (void)0 : fuzz_fail(#condition))

/* The input, from its beginning to its end. */
typedef struct fuzz_input {
    const uint8_t *data;
    size_t left;
} fuzz_input;

/* 0 behind the end. */
uint8_t fuzz_byte(fuzz_input *input);
uint64_t fuzz_number(fuzz_input *input, int bytes);

/* A text of up to most bytes, up to the next line break, in memory of its own; no NUL is in it. */
char *fuzz_text(fuzz_input *input, size_t most);

/* All that is left, with a NUL behind it, in memory of its own without a byte to spare. */
char *fuzz_rest(fuzz_input *input, size_t *length);

extern const caws_operation *const fuzz_operations[];
extern const size_t fuzz_operation_count;

/* One of them. */
const caws_operation *fuzz_operation(fuzz_input *input);

#endif

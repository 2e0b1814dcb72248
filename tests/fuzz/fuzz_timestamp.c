/* Timestamps: what is read is written and read again as the same. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = {data, size};
    int64_t now_ms = (int64_t)fuzz_number(&input, 8);
    char *text = fuzz_text(&input, size);
    int64_t ms = 0;
    if (caws_timestamp_parse(text, &ms)) {
        char written[CAWS_TIMESTAMP_TEXT_SIZE];
        int64_t again = 0;
        caws_timestamp_write(written, ms, CAWS_TIMESTAMP_ISO8601);
        must(caws_timestamp_parse(written, &again));
        must(again == ms);
    }
    (void)caws_http_date_parse(text, now_ms % 253402300800000, &ms);
    char any[CAWS_TIMESTAMP_TEXT_SIZE];
    caws_timestamp_write(any, now_ms, (caws_timestamp_format)(now_ms & 3));
    must(strlen(any) < sizeof(any));
    free(text);
    return 0;
}

/* Streams of events. The first byte says in which pieces the bytes come; the same bytes in other
 * pieces have to come to the same end. Another one has the checksums of frames put right, without
 * which hardly any input would get behind them. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <caws/logs.h>

#include "crc32.h"
#include "event_stream.h"

enum { MOST_FRAME = 1 << 20 };

static unsigned events;

static bool take_start(void *context, const caws_logs_live_tail_session_start *event)
{
    (void)context;
    must(event != NULL);
    events++;
    return true;
}

static bool take_update(void *context, const caws_logs_live_tail_session_update *event)
{
    (void)context;
    for (size_t i = 0; i < event->session_results.count; i++) {
        const char *text = event->session_results.items[i].message;
        events += text != NULL && strlen(text) > 3 ? 2 : 1;
    }
    return events < 100;
}

static uint32_t read_number(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void write_number(char *bytes, uint32_t number)
{
    for (int i = 3; i >= 0; i--, number >>= 8)
        bytes[i] = (char)(number & 0xff);
}

static void mend_checksums(char *text, size_t length)
{
    while (length >= 16) {
        uint32_t total = read_number(text);
        write_number(text + 8, caws_crc32(text, 8));
        if (total < 16 || total > length)
            return;
        write_number(text + total - 4, caws_crc32(text, total - 4));
        text += total;
        length -= total;
    }
}

/* The end of a stream that comes in pieces of so many bytes. */
static caws_status read_in_pieces(const char *text, size_t length, size_t piece)
{
    const caws_logs_start_live_tail_handler handler = {.session_start = take_start,
                                                       .session_update = take_update};
    caws_event_reader reader;
    caws_error error = CAWS_ERROR_INIT;
    bool more = true;
    events = 0;
    caws_event_reader_init(&reader, &caws_stream_logs_start_live_tail, &handler, MOST_FRAME);
    for (size_t at = 0; more && at < length; at += piece)
        more = caws_event_reader_take(&reader, text + at, length - at < piece ? length - at : piece,
                                      &error);
    if (more)
        (void)caws_event_reader_finish(&reader, &error);
    caws_status status = error.status;
    must(status != CAWS_ERROR_MEMORY);
    caws_error_clear(&error);
    caws_event_reader_clear(&reader);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = {data, size};
    uint8_t choice = fuzz_byte(&input);
    size_t length = 0;
    char *text = fuzz_rest(&input, &length);
    if ((choice & 0x80) == 0)
        mend_checksums(text, length);
    caws_status whole = read_in_pieces(text, length, length + 1);
    unsigned whole_events = events;
    caws_status parts = read_in_pieces(text, length, (choice & 0x7f) + 1U);
    must(whole == parts && whole_events == events);
    free(text);
    return 0;
}

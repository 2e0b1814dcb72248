#include "log.h"

#include <stdarg.h>

#include "buffer.h"

/* Texts from outside, such as a service's message, must not begin a line of their own. */
static void make_one_line(caws_buffer *line)
{
    for (size_t i = 0; i < line->length; i++)
        if ((unsigned char)line->data[i] < ' ' || line->data[i] == 0x7f)
            line->data[i] = ' ';
}

void caws_log(const caws_logger *logger, caws_log_level level, const char *format, ...)
{
    if (!caws_log_enabled(logger, level))
        return;
    caws_buffer line = CAWS_BUFFER_INIT;
    va_list args;
    va_start(args, format);
    bool ok = caws_buffer_append_vformat(&line, format, args);
    va_end(args);
    if (ok) {
        make_one_line(&line);
        logger->callback(logger->context, level, line.data);
    }
    caws_buffer_clear(&line);
}

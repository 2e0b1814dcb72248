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

static void log_line(const caws_logger *logger, void *context, caws_log_level level,
                     const char *format, va_list args)
{
    caws_buffer line = CAWS_BUFFER_INIT;
    if (caws_buffer_append_vformat(&line, format, args)) {
        make_one_line(&line);
        logger->callback(context != NULL ? context : logger->context, level, line.data);
    }
    caws_buffer_clear(&line);
}

void caws_log(const caws_logger *logger, caws_log_level level, const char *format, ...)
{
    if (!caws_log_enabled(logger, level))
        return;
    va_list args;
    va_start(args, format);
    log_line(logger, NULL, level, format, args);
    va_end(args);
}

void caws_log_for(const caws_logger *logger, void *context, caws_log_level level,
                  const char *format, ...)
{
    if (!caws_log_enabled(logger, level))
        return;
    va_list args;
    va_start(args, format);
    log_line(logger, context, level, format, args);
    va_end(args);
}

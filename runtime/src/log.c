#include "log.h"

#include <stdarg.h>

#include "buffer.h"

void caws_log(const caws_logger *logger, caws_log_level level, const char *format, ...)
{
    if (!caws_log_enabled(logger, level))
        return;
    caws_buffer line = CAWS_BUFFER_INIT;
    va_list args;
    va_start(args, format);
    bool ok = caws_buffer_append_vformat(&line, format, args);
    va_end(args);
    if (ok)
        logger->callback(logger->context, level, line.data);
    caws_buffer_clear(&line);
}

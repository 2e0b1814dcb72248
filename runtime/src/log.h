/* The log callback: nothing is formatted unless somebody listens at that level. */
#ifndef CAWS_LOG_H
#define CAWS_LOG_H

#include <stdbool.h>

#include <caws/client.h>

typedef struct caws_logger {
    caws_log_callback callback; /* NULL: nobody listens */
    void *context;
    caws_log_level level;
} caws_logger;

static inline bool caws_log_enabled(const caws_logger *logger, caws_log_level level)
{
    return logger->callback != NULL && level <= logger->level;
}

/* One line; a line that there is no memory for is lost. Never give it secrets or bodies. */
void caws_log(const caws_logger *logger, caws_log_level level, const char *format, ...)
    CAWS_PRINTF(3, 4);

/* As caws_log, with another context for the callback; NULL: the logger's. */
void caws_log_for(const caws_logger *logger, void *context, caws_log_level level,
                  const char *format, ...) CAWS_PRINTF(4, 5);

#endif

/* What the runtime asks of the operating system apart from sockets and clocks; tests put their own
 * in its place. */
#ifndef CAWS_SYSTEM_H
#define CAWS_SYSTEM_H

#include <stdbool.h>

#include "buffer.h"

typedef struct caws_system {
    void *context; /* handed to every function */
    /* The value of an environment variable, valid until the environment changes; NULL: not set. */
    const char *(*environment)(void *context, const char *name);
    /* Appends a whole file to content, whose limit bounds it. Returns 0 or an errno value: EFBIG if
     * the file is over the limit, ENOMEM if there is no memory. */
    int (*read_file)(void *context, const char *path, caws_buffer *content);
    /* Appends the user's home folder, asked for when HOME is not set; false: unknown, or no memory.
     * NULL: never known. */
    bool (*home)(void *context, caws_buffer *home);
    /* All variables as "NAME=value", NULL at the end, valid as long; may return NULL. NULL itself:
     * there are none to be found by searching. */
    char *const *(*variables)(void *context);
    bool windows; /* the variables and paths are those of Windows */
} caws_system;

/* getenv and the file system. */
extern const caws_system caws_real_system;

/* The value of an environment variable, with the SDKs' rule that an empty one counts as unset. */
const char *caws_system_variable(const caws_system *system, const char *name);

#endif

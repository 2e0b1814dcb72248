#include "system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char *get_variable(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static int read_file(void *context, const char *path, caws_buffer *content)
{
    (void)context;
    errno = 0;
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return errno != 0 ? errno : EIO;
    char piece[4096];
    size_t length = 0;
    int failure = 0;
    while (failure == 0 && (length = fread(piece, 1, sizeof(piece), file)) > 0)
        if (!caws_buffer_append(content, piece, length))
            failure = content->too_large ? EFBIG : ENOMEM;
    if (failure == 0 && ferror(file) != 0)
        failure = errno != 0 ? errno : EIO; /* EISDIR comes only now */
    (void)fclose(file);
    return failure;
}

const caws_system caws_real_system = {NULL, get_variable, read_file};

const char *caws_system_variable(const caws_system *system, const char *name)
{
    const char *value = system->environment(system->context, name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* For tests: an environment and files that are only in memory. Names and values are borrowed. */
#ifndef CAWS_TEST_FAKE_SYSTEM_H
#define CAWS_TEST_FAKE_SYSTEM_H

#include <errno.h>
#include <string.h>

#include "system.h"

enum { FAKE_MAX = 32 };

typedef struct fake_file {
    const char *path;
    const char *content; /* NULL: reading fails */
    size_t length;
    int failure;
} fake_file;

typedef struct fake_system {
    const char *variables[FAKE_MAX][2];
    size_t variable_count;
    fake_file files[FAKE_MAX];
    size_t file_count;
    const char *home;            /* of the user; NULL: unknown */
    char *entries[FAKE_MAX + 1]; /* what a search of the environment finds: "NAME=value" */
    int reads;
} fake_system;

static inline const char *fake_environment(void *context, const char *name)
{
    const fake_system *fake = context;
    for (size_t i = fake->variable_count; i > 0; i--)
        if (strcmp(fake->variables[i - 1][0], name) == 0)
            return fake->variables[i - 1][1];
    return NULL;
}

static inline int fake_read_file(void *context, const char *path, caws_buffer *content)
{
    fake_system *fake = context;
    fake->reads++;
    for (size_t i = fake->file_count; i > 0; i--) {
        const fake_file *file = &fake->files[i - 1];
        if (strcmp(file->path, path) != 0)
            continue;
        if (file->content == NULL)
            return file->failure;
        if (caws_buffer_append(content, file->content, file->length))
            return 0;
        return content->too_large ? EFBIG : ENOMEM;
    }
    return ENOENT;
}

static inline bool fake_home(void *context, caws_buffer *home)
{
    const fake_system *fake = context;
    return fake->home != NULL && caws_buffer_append_string(home, fake->home);
}

static inline char *const *fake_variables(void *context)
{
    return ((const fake_system *)context)->entries;
}

static inline caws_system fake_system_of(fake_system *fake)
{
    return (caws_system){.context = fake,
                         .environment = fake_environment,
                         .read_file = fake_read_file,
                         .home = fake_home,
                         .variables = fake_variables};
}

/* A later value takes an earlier one's place. */
static inline void fake_set(fake_system *fake, const char *name, const char *value)
{
    fake->variables[fake->variable_count][0] = name;
    fake->variables[fake->variable_count++][1] = value;
}

static inline void fake_write(fake_system *fake, const char *path, const char *content)
{
    fake->files[fake->file_count++] = (fake_file){path, content, strlen(content), 0};
}

static inline void fake_fail(fake_system *fake, const char *path, int failure)
{
    fake->files[fake->file_count++] = (fake_file){path, NULL, 0, failure};
}

#endif

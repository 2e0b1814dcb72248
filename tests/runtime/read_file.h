/* For tests: a whole file in memory. */
#ifndef CAWS_TEST_READ_FILE_H
#define CAWS_TEST_READ_FILE_H

#include <stdio.h>
#include <stdlib.h>

/* The content, NUL-terminated, which the caller frees; NULL if it cannot be read. */
static inline char *read_file(const char *path)
{
    enum { LIMIT = 1 << 22 };
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *data = malloc(LIMIT + 1);
    size_t length = data != NULL ? fread(data, 1, LIMIT, file) : 0;
    if (data != NULL)
        data[length] = '\0';
    (void)fclose(file);
    return data;
}

#endif

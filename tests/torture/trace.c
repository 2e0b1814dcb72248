#define _GNU_SOURCE /* dladdr */
#include "trace.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Behind the frames of the allocator, which are those up to its last exported function. */
static size_t skip_allocator(void *const *frames, size_t count)
{
    static const char *const names[] = {"malloc",   "calloc",        "realloc",
                                        "memalign", "aligned_alloc", "posix_memalign"};
    size_t skipped = 0;
    for (size_t i = 0; i < count && i < 6; i++) {
        Dl_info info;
        if (dladdr(frames[i], &info) == 0 || info.dli_sname == NULL)
            continue;
        for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
            if (strcmp(info.dli_sname, names[n]) == 0)
                skipped = i + 1;
    }
    return skipped;
}

const char *trace_caller(void *const *frames, size_t count)
{
    for (size_t i = skip_allocator(frames, count); i < count; i++) {
        Dl_info info;
        if (dladdr(frames[i], &info) == 0)
            continue;
        const char *name = base_name(info.dli_fname);
        if (strncmp(name, "libc.so", 7) != 0 && strncmp(name, "ld-", 3) != 0)
            return name;
    }
    return "libc";
}

void trace_format(char *out, size_t size, void *const *frames, size_t count)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = skip_allocator(frames, count); i < count && used < size; i++) {
        Dl_info info;
        if (dladdr(frames[i], &info) == 0)
            continue;
        int length =
            snprintf(out + used, size - used, "    %s+%#zx %s\n", base_name(info.dli_fname),
                     (size_t)((char *)frames[i] - (char *)info.dli_fbase - 1),
                     info.dli_sname != NULL ? info.dli_sname : "");
        used += length > 0 ? (size_t)length : 0;
    }
}

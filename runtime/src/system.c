#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *get_variable(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

extern char **environ;

static char *const *get_variables(void *context)
{
    (void)context;
    return environ;
}

/* Straight into content, with room for first bytes made at once: a buffer that grows leaves copies
 * behind, and there may be secrets in the file. */
static int read_all(int file, size_t first, caws_buffer *content)
{
    enum { PIECE = 4096 };
    size_t wanted = first;
    for (;;) {
        size_t spare = content->capacity > content->length + 1
                           ? content->capacity - content->length - 1
                           : wanted;
        if (content->limit != 0 && spare > content->limit - content->length)
            spare = content->limit - content->length;
        char beyond = 0;
        char *target = spare > 0 ? caws_buffer_reserve(content, spare) : &beyond;
        if (target == NULL)
            return ENOMEM;
        ssize_t length = read(file, target, spare > 0 ? spare : 1);
        if (length < 0 && errno != EINTR)
            return errno;
        if (length == 0)
            return 0;
        if (length > 0 && spare == 0)
            return EFBIG;
        if (length > 0) {
            content->length += (size_t)length;
            content->data[content->length] = '\0';
        }
        wanted = PIECE;
    }
}

static int read_file(void *context, const char *path, caws_buffer *content)
{
    (void)context;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0)
        return errno;
    struct stat status;
    size_t size = fstat(file, &status) == 0 && status.st_size > 0 ? (size_t)status.st_size : 4095;
    /* one more, to see the end without growing */
    int failure = read_all(file, size + 1, content);
    (void)close(file);
    return failure;
}

static bool find_home(void *context, caws_buffer *home)
{
    (void)context;
    char texts[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    return getpwuid_r(getuid(), &entry, texts, sizeof(texts), &found) == 0 && found != NULL &&
           found->pw_dir != NULL && found->pw_dir[0] != '\0' &&
           caws_buffer_append_string(home, found->pw_dir);
}

const caws_system caws_real_system = {
    .environment = get_variable,
    .read_file = read_file,
    .home = find_home,
    .variables = get_variables,
};

const char *caws_system_variable(const caws_system *system, const char *name)
{
    const char *value = system->environment(system->context, name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

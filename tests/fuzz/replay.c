/* Runs a target on files, and on all files of folders: replay FILE|FOLDER... */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static long replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (file == NULL || fstat(fileno(file), &status) != 0) {
        perror(path);
        exit(1);
    }
    size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size > 0 ? size : 1);
    if (data == NULL || fread(data, 1, size, file) != size) {
        perror(path);
        exit(1);
    }
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(data, size);
    /* Every beginning of a small one too: what ends early is where readers go astray. */
    for (size_t length = 0; length < size && size <= 4096; length++)
        (void)LLVMFuzzerTestOneInput(data, length);
    free(data);
    return 1;
}

static long replay_folder(const char *path)
{
    char name[4096];
    long count = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return replay(path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        count += replay(name);
    }
    (void)closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    long count = 0;
    for (int i = 1; i < argc; i++)
        count += replay_folder(argv[i]);
    printf("%ld files\n", count);
    return count > 0 ? 0 : 1;
}

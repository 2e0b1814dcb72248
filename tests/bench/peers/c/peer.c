#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool peer_init(peer *p, int argc, char **argv, const peer_kind *kinds)
{
    if (argc != 5)
        return false;
    *p = (peer){.url = argv[2], .flight = strtol(argv[3], NULL, 10), .folder = argv[4]};
    for (const peer_kind *kind = kinds; kind->name != NULL; kind++)
        if (strcmp(kind->name, argv[1]) == 0)
            p->calls = kind->calls;
    return p->calls != NULL && p->flight > 0;
}

int peer_serve(peer *p)
{
    char line[32];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        long sum = p->calls(p, strtol(line, NULL, 10));
        if (sum < 0)
            return 1;
        printf("done %ld\n", sum);
        (void)fflush(stdout);
    }
    return 0;
}

char *peer_read(const peer *p, const char *name, size_t *length)
{
    enum { LARGEST = 16 * 1024 * 1024 };
    char path[4096];
    char *data = malloc(LARGEST);
    (void)snprintf(path, sizeof(path), "%s/%s", p->folder, name);
    FILE *file = fopen(path, "rb");
    if (data != NULL && file != NULL) {
        *length = fread(data, 1, LARGEST - 1, file);
        data[*length] = '\0';
    }
    if (file == NULL) {
        free(data);
        data = NULL;
    } else {
        (void)fclose(file);
    }
    return data;
}

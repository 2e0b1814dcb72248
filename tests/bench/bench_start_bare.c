/* As bench_start, with libcurl alone. */
#include "floor.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    bare side = {.curl = NULL};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    bool ok = bare_init(&side, argv[argc - 1]) && call_bare(&side);
    bare_clear(&side);
    curl_global_cleanup();
    printf("%.3f %ld\n", now().cpu, peak_kib());
    return !ok;
}

/* One call of caws's in a process of its own: bench_start URL. Region and keys come from the shared
 * files. Prints the CPU time of the process in microseconds and the most memory in KiB. */
#include "caws_side.h"
#include "floor.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.endpoint_url = argv[argc - 1]};
    caws_client *client = caws_client_new(&options, &error);
    bool ok = client != NULL && call_caws(client, &error);
    (void)is_well(&error);
    caws_client_free(client);
    caws_error_clear(&error);
    printf("%.3f %ld\n", now().cpu, peak_kib());
    return !ok;
}

/* The command line of credential_process, which is split into words; none is run. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = {data, size};
    char *command = fuzz_text(&input, size);
    caws_arena arena = CAWS_ARENA_INIT;
    char **words = NULL;
    const char *problem = caws_command_split(command, &arena, &words);
    must(problem != caws_command_no_memory);
    if (problem == NULL) {
        size_t length = 0;
        must(words != NULL && words[0] != NULL);
        for (size_t i = 0; words[i] != NULL; i++)
            length += strlen(words[i]);
        must(length <= strlen(command));
    }
    caws_arena_clear(&arena);
    free(command);
    return 0;
}

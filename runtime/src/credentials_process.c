/* Credentials that a program tells: a profile's credential_process. */
#include "credentials_provider.h"

#include <errno.h>
#include <string.h>

#include "text.h"

enum {
    PROCESS_TIMEOUT_MS = 60000,
    FIRST_WAIT_MS = 5, /* between two looks at a process: doubled up to the longest */
    LONGEST_WAIT_MS = 50
};

static caws_provider_result start_process(caws_fetch *fetch, const char *command, const char *who)
{
    caws_arena arena = CAWS_ARENA_INIT;
    char **words = NULL;
    caws_provider_result result = CAWS_PROVIDER_WAIT;
    const char *problem = caws_command_split(command, &arena, &words);
    if (problem == caws_command_no_memory) {
        result = CAWS_PROVIDER_MEMORY;
    } else if (problem != NULL) {
        result = caws_provider_note(fetch, "%s: credential_process: %s", who, problem);
    } else {
        int failure =
            caws_process_start(&fetch->process, words, PROCESS_TIMEOUT_MS, CAWS_FETCH_MAX_ANSWER);
        char text[CAWS_ERRNO_TEXT_SIZE];
        char shown[CAWS_EXCERPT_SIZE];
        caws_excerpt(shown, words[0], strlen(words[0]));
        if (failure == ENOMEM)
            result = CAWS_PROVIDER_MEMORY;
        else if (failure != 0)
            result = caws_provider_note(fetch, "%s: credential_process: cannot start \"%s\": %s",
                                        who, shown, caws_errno_text(failure, text));
    }
    caws_arena_clear(&arena);
    fetch->step = 1;
    fetch->wait_ms = FIRST_WAIT_MS;
    return result;
}

/* What the program itself says of its failure. It must not be secret: the SDKs show it too. */
static caws_provider_result note_exit(caws_fetch *fetch, const char *who)
{
    const caws_process *process = &fetch->process;
    char shown[CAWS_EXCERPT_SIZE];
    caws_excerpt(shown, process->complaint.data, process->complaint.length);
    return caws_provider_note(fetch, "%s: the program ended with %s %d%s%s", who,
                              process->state == CAWS_PROCESS_EXITED ? "status" : "signal",
                              process->code, shown[0] != '\0' ? ": " : "", shown);
}

static caws_provider_result poll_process(caws_fetch *fetch, const char *who)
{
    caws_process *process = &fetch->process;
    const caws_found_credentials known = {
        .account_id = caws_provider_property(fetch, "aws_account_id").value, .source = who};
    caws_provider_result result = CAWS_PROVIDER_MEMORY;
    switch (caws_process_poll(process)) {
    case CAWS_PROCESS_RUNNING:
        fetch->wait_ms =
            fetch->wait_ms * 2 < LONGEST_WAIT_MS ? fetch->wait_ms * 2 : LONGEST_WAIT_MS;
        return CAWS_PROVIDER_WAIT;
    case CAWS_PROCESS_EXITED: /* with an unknown status (-1) the output decides */
        result = process->code > 0
                     ? note_exit(fetch, who)
                     : caws_provider_read(fetch, process->output.data, process->output.length,
                                          CAWS_CREDENTIALS_PROCESS, who, &known);
        break;
    case CAWS_PROCESS_SIGNALLED:
        result = note_exit(fetch, who);
        break;
    case CAWS_PROCESS_TIMED_OUT:
        result = caws_provider_note(fetch, "%s: the program did not end within %d seconds", who,
                                    PROCESS_TIMEOUT_MS / 1000);
        break;
    case CAWS_PROCESS_TOO_LARGE:
        result = caws_provider_note(fetch, "%s: the program wrote more than %d bytes", who,
                                    (int)CAWS_FETCH_MAX_ANSWER);
        break;
    case CAWS_PROCESS_NO_MEMORY:
        break;
    }
    caws_process_clear(process);
    return result;
}

caws_provider_result caws_process_provider(caws_fetch *fetch, const char *command, const char *who)
{
    return fetch->step > 0 ? poll_process(fetch, who) : start_process(fetch, command, who);
}

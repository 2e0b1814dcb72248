/* Stands for the providers that ask somebody, in builds without them (CAWS_CREDENTIAL_CHAIN=OFF).
 */
#include "../credentials_provider.h"

caws_provider_result caws_process_provider(caws_fetch *fetch, const char *command, const char *who)
{
    (void)command;
    return caws_provider_note(
        fetch, "%s: this build of caws leaves out credential_process (CAWS_CREDENTIAL_CHAIN)", who);
}

void caws_process_clear(caws_process *process)
{
    (void)process; /* none was started */
}

caws_provider_result caws_container_provider(caws_fetch *fetch, const caws_fetch_answer *answer)
{
    (void)answer;
    return caws_provider_note(
        fetch, "container, instance: this build of caws leaves them out (CAWS_CREDENTIAL_CHAIN)");
}

caws_provider_result caws_instance_provider(caws_fetch *fetch, const caws_fetch_answer *answer)
{
    (void)fetch; /* said above */
    (void)answer;
    return CAWS_PROVIDER_NEXT;
}

#include "sigpipe.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

static sigset_t only_sigpipe(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

bool caws_sigpipe_is_blocked(void)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    return pthread_sigmask(SIG_BLOCK, NULL, &blocked) == 0 && sigismember(&blocked, SIGPIPE) == 1;
}

void caws_sigpipe_unblock(void)
{
    static const struct timespec no_wait = {0, 0};
    const sigset_t set = only_sigpipe();
    (void)sigtimedwait(&set, NULL, &no_wait);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void caws_sigpipe_block(void)
{
    const sigset_t set = only_sigpipe();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

#include "sigpipe.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>

#ifdef MSG_NOSIGNAL
enum { PLAIN_WRITES_RAISE_IT = 0 };
#else
enum { PLAIN_WRITES_RAISE_IT = 1 };
#endif

static sigset_t only_sigpipe(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

static bool is_pending(void)
{
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
}

static void throw_away(const sigset_t *set)
{
    static const struct timespec no_wait = {0, 0};
    (void)sigtimedwait(set, NULL, &no_wait);
}

void caws_sigpipe_begin(caws_sigpipe_guard *guard, bool tls)
{
    guard->blocked = false;
    if (!tls && !PLAIN_WRITES_RAISE_IT)
        return;
    const sigset_t set = only_sigpipe();
    guard->was_pending = is_pending();
    guard->blocked = pthread_sigmask(SIG_BLOCK, &set, &guard->before) == 0;
}

void caws_sigpipe_end(caws_sigpipe_guard *guard)
{
    if (!guard->blocked)
        return;
    guard->blocked = false;
    if (!guard->was_pending && is_pending()) {
        const sigset_t set = only_sigpipe();
        throw_away(&set);
    }
    pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}

bool caws_sigpipe_pause(caws_sigpipe_guard *guard)
{
    bool blocked = guard->blocked;
    caws_sigpipe_end(guard);
    return blocked;
}

void caws_sigpipe_resume(caws_sigpipe_guard *guard, bool paused)
{
    if (paused)
        caws_sigpipe_begin(guard, true);
}

/* Keeps SIGPIPE from the host program. */
#ifndef CAWS_SIGPIPE_H
#define CAWS_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

/*
 * With CURLOPT_NOSIGNAL libcurl leaves SIGPIPE alone. Its own writes to sockets do not raise it
 * (MSG_NOSIGNAL), but a TLS library that writes to a closed socket might, and end the host program.
 * So the signal is blocked in this thread meanwhile, and one that came is taken away, unless it was
 * pending before.
 */
typedef struct caws_sigpipe_guard {
    sigset_t before;
    bool blocked;
    bool was_pending;
} caws_sigpipe_guard;

/* Does nothing where tls is false: the TLS library is what might raise it. */
void caws_sigpipe_begin(caws_sigpipe_guard *guard, bool tls);
void caws_sigpipe_end(const caws_sigpipe_guard *guard);

/*
 * Around the callbacks of a stream, which run in between: a callback that writes to a closed pipe
 * has to get its own, as it would anywhere else in the program.
 */

/* In this thread. */
bool caws_sigpipe_is_blocked(void);

/* Throws away one that is pending, and unblocks. */
void caws_sigpipe_unblock(void);

void caws_sigpipe_block(void);

#endif

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

/* Around what libcurl does; never one within another. Does nothing where tls is false: the TLS
 * library is what might raise it. */
void caws_sigpipe_begin(caws_sigpipe_guard *guard, bool tls);
void caws_sigpipe_end(caws_sigpipe_guard *guard);

/*
 * Around a callback of the caller's in between, which has to find the signal as it is anywhere else
 * in the program: one that writes to a closed pipe gets its own. pause returns what resume wants to
 * know.
 */
bool caws_sigpipe_pause(caws_sigpipe_guard *guard);
void caws_sigpipe_resume(caws_sigpipe_guard *guard, bool paused);

#endif

/*
 * SIGPIPE around the callbacks of a stream. During a TLS transfer the signal is blocked in the
 * calling thread, and one that comes is thrown away. A callback that writes to a closed pipe has to
 * get its own, as it would anywhere else in the program.
 */
#ifndef CAWS_SIGPIPE_H
#define CAWS_SIGPIPE_H

#include <stdbool.h>

/* In this thread. */
bool caws_sigpipe_is_blocked(void);

/* Throws away one that is pending, and unblocks. */
void caws_sigpipe_unblock(void);

void caws_sigpipe_block(void);

#endif

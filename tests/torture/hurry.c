/* Time that flies: pauses before retries would make up most of the hours. The monotonic clock of
 * the whole process runs FASTER times as fast, waiting takes as much less, and retries do not
 * pause. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    FASTER = 10,
    SECOND = 1000000000,
    PAUSE_BYTES = 4 /* that the length of a pause is made of */
};

#pragma GCC visibility push(default)

int clock_gettime(clockid_t clock, struct timespec *now)
{
    long result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_MONOTONIC) {
        long ns = now->tv_nsec * FASTER;
        now->tv_sec = now->tv_sec * FASTER + ns / SECOND;
        now->tv_nsec = ns % SECOND;
    }
    return (int)result;
}

int poll(struct pollfd *descriptors, nfds_t count, int timeout_ms)
{
    long ns = (long)(timeout_ms % (1000 * FASTER)) * (1000000 / FASTER);
    const struct timespec wait = {timeout_ms / (1000 * FASTER), ns};
    return ppoll(descriptors, count, timeout_ms >= 0 ? &wait : NULL, NULL);
}

int getentropy(void *bytes, size_t length)
{
    if (length == PAUSE_BYTES) {
        memset(bytes, 0, length);
        return 0;
    }
    return getrandom(bytes, length, 0) == (ssize_t)length ? 0 : -1;
}

#pragma GCC visibility pop

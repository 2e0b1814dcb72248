/* Time: the one place that asks the system for it. */
#ifndef CAWS_CLOCK_H
#define CAWS_CLOCK_H

#include <stdint.h>

/* Milliseconds that only go forward; for durations. */
int64_t caws_monotonic_ms(void);

/* Milliseconds, and seconds, since 1970-01-01 00:00 UTC by the system clock. */
int64_t caws_unix_ms(void);
int64_t caws_unix_seconds(void);

/* Sleeps the whole time, also when signal handlers of the host program run meanwhile. */
void caws_sleep_ms(int64_t ms);

#endif

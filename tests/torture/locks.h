/* How many locks of the process are held: each lock and unlock of a mutex or read-write lock is
 * counted, whoever calls it. */
#ifndef TORTURE_LOCKS_H
#define TORTURE_LOCKS_H

void locks_init(void);
long locks_held(void);

#endif

#define _GNU_SOURCE /* RTLD_NEXT */
#include "locks.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

typedef int (*mutex_function)(pthread_mutex_t *mutex);
typedef int (*rwlock_function)(pthread_rwlock_t *lock);

static atomic_long held;

static struct {
    mutex_function mutex_lock, mutex_trylock, mutex_unlock;
    rwlock_function rdlock, wrlock, unlock;
} next;

static void find(void *target, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(target, &found, sizeof(found));
}

/* Also called by whoever locks before main. */
void locks_init(void)
{
    if (next.unlock != NULL)
        return;
    find(&next.mutex_lock, "pthread_mutex_lock");
    find(&next.mutex_trylock, "pthread_mutex_trylock");
    find(&next.mutex_unlock, "pthread_mutex_unlock");
    find(&next.rdlock, "pthread_rwlock_rdlock");
    find(&next.wrlock, "pthread_rwlock_wrlock");
    find(&next.unlock, "pthread_rwlock_unlock");
}

long locks_held(void)
{
    return atomic_load(&held);
}

static int count(int result, int change)
{
    if (result == 0)
        atomic_fetch_add(&held, change);
    return result;
}

#pragma GCC visibility push(default)

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    locks_init();
    return count(next.mutex_lock(mutex), 1);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    locks_init();
    return count(next.mutex_trylock(mutex), 1);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    locks_init();
    return count(next.mutex_unlock(mutex), -1);
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    locks_init();
    return count(next.rdlock(lock), 1);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    locks_init();
    return count(next.wrlock(lock), 1);
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
    locks_init();
    return count(next.unlock(lock), -1);
}

#pragma GCC visibility pop

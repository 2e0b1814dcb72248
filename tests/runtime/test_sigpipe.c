/* Who gets which SIGPIPE: the library's own are thrown away, the program's are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sigpipe.h"

static volatile sig_atomic_t pipes;

static void count(int number)
{
    (void)number;
    pipes = pipes + 1;
}

static int start(void **state)
{
    (void)state;
    const struct sigaction counting = {.sa_handler = count};
    pipes = 0;
    return sigaction(SIGPIPE, &counting, NULL);
}

static bool is_blocked(void)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
    return sigismember(&blocked, SIGPIPE) == 1;
}

static void block(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    assert_int_equal(sigprocmask(how, &set, NULL), 0);
}

static void its_own_are_thrown_away(void **state)
{
    caws_sigpipe_guard guard;
    (void)state;
    caws_sigpipe_begin(&guard, true);
    assert_true(is_blocked());
    assert_int_equal(raise(SIGPIPE), 0);
    caws_sigpipe_end(&guard);
    assert_false(is_blocked());
    assert_int_equal(pipes, 0);
    caws_sigpipe_end(&guard); /* once more changes nothing */
    assert_false(is_blocked());
}

static void nothing_is_done_without_tls(void **state)
{
    caws_sigpipe_guard guard;
    (void)state;
    caws_sigpipe_begin(&guard, false);
    assert_false(is_blocked());
    bool paused = caws_sigpipe_pause(&guard);
    assert_int_equal(raise(SIGPIPE), 0);
    caws_sigpipe_resume(&guard, paused);
    assert_false(is_blocked());
    caws_sigpipe_end(&guard);
    assert_int_equal(pipes, 1);
}

static void callbacks_get_theirs(void **state)
{
    caws_sigpipe_guard guard;
    (void)state;
    caws_sigpipe_begin(&guard, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(raise(SIGPIPE), 0); /* the library's */
        bool paused = caws_sigpipe_pause(&guard);
        assert_int_equal(pipes, i);
        assert_false(is_blocked());
        assert_int_equal(raise(SIGPIPE), 0);
        assert_int_equal(pipes, i + 1);
        caws_sigpipe_resume(&guard, paused);
        assert_true(is_blocked());
    }
    caws_sigpipe_end(&guard);
    assert_false(is_blocked());
    assert_int_equal(pipes, 3);
}

/* Who has blocked it has it blocked in callbacks too, and finds there what was pending. */
static void a_blocked_one_stays_blocked_and_pending(void **state)
{
    caws_sigpipe_guard guard;
    sigset_t pending;
    (void)state;
    block(SIG_BLOCK);
    assert_int_equal(raise(SIGPIPE), 0);
    caws_sigpipe_begin(&guard, true);
    bool paused = caws_sigpipe_pause(&guard);
    assert_true(is_blocked());
    caws_sigpipe_resume(&guard, paused);
    caws_sigpipe_end(&guard);
    assert_true(is_blocked());
    assert_int_equal(sigpending(&pending), 0);
    assert_int_equal(sigismember(&pending, SIGPIPE), 1);
    assert_int_equal(pipes, 0);
    block(SIG_UNBLOCK);
    assert_int_equal(pipes, 1);
}

/* A callback may block it for good. */
static void a_callbacks_mask_is_kept(void **state)
{
    caws_sigpipe_guard guard;
    (void)state;
    caws_sigpipe_begin(&guard, true);
    bool paused = caws_sigpipe_pause(&guard);
    block(SIG_BLOCK);
    caws_sigpipe_resume(&guard, paused);
    caws_sigpipe_end(&guard);
    assert_true(is_blocked());
    block(SIG_UNBLOCK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(its_own_are_thrown_away, start),
        cmocka_unit_test_setup(nothing_is_done_without_tls, start),
        cmocka_unit_test_setup(callbacks_get_theirs, start),
        cmocka_unit_test_setup(a_blocked_one_stays_blocked_and_pending, start),
        cmocka_unit_test_setup(a_callbacks_mask_is_kept, start),
    };
    return cmocka_run_group_tests_name("sigpipe", tests, NULL, NULL);
}

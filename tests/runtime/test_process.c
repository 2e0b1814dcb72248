/* clang-format off: cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
/* clang-format on */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "process.h"

typedef struct split_case {
    const char *command;
    const char *words[6];
} split_case;

/* What Python's shlex.split makes of each. */
static void test_split(void **state)
{
    static const split_case cases[] = {
        {"/opt/bin/tool --user helen", {"/opt/bin/tool", "--user", "helen"}},
        {"  \ttool\n  a ", {"tool", "a"}},
        {"tool\r\na\r", {"tool", "a"}},
        {"\"/Users/Dave/my tool.sh\" x \"a b\"", {"/Users/Dave/my tool.sh", "x", "a b"}},
        {"a 'b \\ c' d", {"a", "b \\ c", "d"}},
        {"a b\\ c", {"a", "b c"}},
        {"a \"b\\\"c\\\\d\\e\"", {"a", "b\"c\\d\\e"}},
        {"a \"\" ''", {"a", "", ""}},
        {"a'b'\"c\"d", {"abcd"}},
        {"a # $HOME `x` | y", {"a", "#", "$HOME", "`x`", "|", "y"}},
        {"a \"it's\" 'say \"x\"'", {"a", "it's", "say \"x\""}},
        {"x", {"x"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_arena arena = CAWS_ARENA_INIT;
        char **words = NULL;
        assert_null(caws_command_split(cases[i].command, &arena, &words));
        size_t w = 0;
        for (; w < 6 && cases[i].words[w] != NULL; w++)
            assert_string_equal(words[w], cases[i].words[w]);
        assert_null(words[w]);
        caws_arena_clear(&arena);
    }
}

static void test_split_problems(void **state)
{
    static const char *const commands[] = {"",       "   ",     "\"\"", "'' x",
                                           "\"open", "a 'open", "a \\", "a \"b\\"};
    (void)state;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        caws_arena arena = CAWS_ARENA_INIT;
        char **words = NULL;
        assert_non_null(caws_command_split(commands[i], &arena, &words));
        caws_arena_clear(&arena);
    }
}

enum { TIMEOUT_MS = 20000, LIMIT = 4096 };

static int start(caws_process *process, const char *script, int32_t timeout_ms)
{
    char shell[] = "/bin/sh";
    char option[] = "-c";
    char *text = strdup(script);
    char *words[] = {shell, option, text, NULL};
    *process = (caws_process){0};
    int failure = caws_process_start(process, words, timeout_ms, LIMIT);
    free(text);
    return failure;
}

static caws_process_state finish(caws_process *process)
{
    caws_process_state state = CAWS_PROCESS_RUNNING;
    while ((state = caws_process_poll(process)) == CAWS_PROCESS_RUNNING)
        caws_sleep_ms(2);
    assert_int_equal(caws_process_poll(process), state); /* it stays so */
    return state;
}

static caws_process_state run(caws_process *process, const char *script)
{
    assert_int_equal(start(process, script, TIMEOUT_MS), 0);
    return finish(process);
}

static void assert_no_children(void)
{
    errno = 0;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void test_output_and_status(void **state)
{
    caws_process process;
    (void)state;
    assert_int_equal(run(&process, "printf '%s' out; printf '%s' err >&2; exit 3"),
                     CAWS_PROCESS_EXITED);
    assert_int_equal(process.code, 3);
    assert_string_equal(process.output.data, "out");
    assert_string_equal(process.complaint.data, "err");
    caws_process_clear(&process);
    assert_int_equal(run(&process, "kill -9 $$"), CAWS_PROCESS_SIGNALLED);
    assert_int_equal(process.code, SIGKILL);
    assert_int_equal(process.output.length, 0);
    caws_process_clear(&process);
    caws_process_clear(&process);
    assert_no_children();
}

/* Either the start says why or, as POSIX allows and valgrind does it, the child ends with 127. */
static void assert_cannot_start(char *path, int why)
{
    char *words[] = {path, NULL};
    caws_process process = {0};
    int failure = caws_process_start(&process, words, TIMEOUT_MS, LIMIT);
    if (failure == 0) {
        assert_int_equal(finish(&process), CAWS_PROCESS_EXITED);
        assert_int_equal(process.code, 127);
    } else {
        assert_int_equal(failure, why);
    }
    caws_process_clear(&process);
}

static void test_cannot_start(void **state)
{
    char missing[] = "/nonexistent/tool";
    char folder[] = "/tmp";
    (void)state;
    assert_cannot_start(missing, ENOENT);
    assert_cannot_start(folder, EACCES);
    assert_no_children();
}

static void test_found_in_path(void **state)
{
    char tool[] = "printf";
    char argument[] = "x y";
    char *words[] = {tool, argument, NULL};
    caws_process process = {0};
    (void)state;
    assert_int_equal(caws_process_start(&process, words, TIMEOUT_MS, LIMIT), 0);
    assert_int_equal(finish(&process), CAWS_PROCESS_EXITED);
    assert_string_equal(process.output.data, "x y");
    caws_process_clear(&process);
}

static void test_limits(void **state)
{
    caws_process process;
    (void)state;
    assert_int_equal(run(&process, "head -c 4096 /dev/zero"), CAWS_PROCESS_EXITED);
    assert_int_equal(process.output.length, LIMIT);
    caws_process_clear(&process);
    assert_int_equal(run(&process, "head -c 4097 /dev/zero"), CAWS_PROCESS_TOO_LARGE);
    caws_process_clear(&process);
    assert_int_equal(run(&process, "exec cat /dev/zero"), CAWS_PROCESS_TOO_LARGE);
    caws_process_clear(&process);
    /* a pipe's worth of complaints is read and lost, and does not hold the program up */
    assert_int_equal(run(&process, "head -c 300000 /dev/zero >&2; echo ok"), CAWS_PROCESS_EXITED);
    assert_int_equal(process.complaint.length, 1024);
    assert_string_equal(process.output.data, "ok\n");
    caws_process_clear(&process);
    assert_no_children();
}

static void test_timeout(void **state)
{
    caws_process process;
    (void)state;
    int64_t before = caws_monotonic_ms();
    assert_int_equal(start(&process, "exec sleep 30", 50), 0);
    assert_int_equal(finish(&process), CAWS_PROCESS_TIMED_OUT);
    assert_true(caws_monotonic_ms() - before < 5000);
    caws_process_clear(&process);
    assert_int_equal(start(&process, "exec >&- 2>&-; trap '' TERM; exec sleep 30", 50), 0);
    assert_int_equal(finish(&process), CAWS_PROCESS_TIMED_OUT);
    caws_process_clear(&process);
    assert_no_children();
}

static void test_cleared_while_it_runs(void **state)
{
    caws_process process;
    (void)state;
    assert_int_equal(start(&process, "exec sleep 30", TIMEOUT_MS), 0);
    caws_process_clear(&process);
    assert_no_children();
}

/* A helper that leaves a daemon behind with its output open. */
static void test_background_child_holds_nothing_up(void **state)
{
    caws_process process;
    (void)state;
    int64_t before = caws_monotonic_ms();
    assert_int_equal(run(&process, "echo done; sleep 7 & exit 0"), CAWS_PROCESS_EXITED);
    assert_int_equal(process.code, 0);
    assert_string_equal(process.output.data, "done\n");
    assert_true(caws_monotonic_ms() - before < 6000);
    caws_process_clear(&process);
}

static void test_host_that_ignores_children(void **state)
{
    caws_process process;
    (void)state;
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    assert_int_equal(run(&process, "echo x"), CAWS_PROCESS_EXITED);
    assert_int_equal(process.code, -1);
    assert_string_equal(process.output.data, "x\n");
    caws_process_clear(&process);
    assert_int_equal(start(&process, "exec sleep 30", 50), 0);
    assert_int_equal(finish(&process), CAWS_PROCESS_TIMED_OUT);
    caws_process_clear(&process);
    (void)signal(SIGCHLD, before);
}

static void test_other_children_are_left_alone(void **state)
{
    caws_process process;
    (void)state;
    pid_t other = fork();
    assert_true(other >= 0);
    if (other == 0) {
        (void)execl("/bin/sh", "sh", "-c", "exit 42", (char *)NULL);
        _exit(1);
    }
    assert_int_equal(run(&process, "exit 0"), CAWS_PROCESS_EXITED);
    caws_process_clear(&process);
    int status = 0;
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(WEXITSTATUS(status), 42);
}

/* Descriptors without close-on-exec are not handed down where the C library can see to it, and
 * never caws' own. */
static void test_nothing_is_handed_down(void **state)
{
    caws_process process;
    (void)state;
    int leak = open("/dev/null", O_RDONLY); /* NOLINT(android-cloexec-open) */
    assert_true(leak >= 3);
    assert_int_equal(run(&process, "ls /proc/self/fd | wc -l; cat"), CAWS_PROCESS_EXITED);
    (void)close(leak);
#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 34)
    assert_string_equal(process.output.data, "4\n"); /* 0, 1, 2 and the folder itself */
#endif
#endif
    caws_process_clear(&process);
}

static void test_signals_are_as_by_default(void **state)
{
    caws_process process;
    sigset_t set;
    sigset_t before;
    (void)state;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    void (*handler)(int) = signal(SIGPIPE, SIG_IGN);
    int failure = start(&process, "grep -E 'SigBlk|SigIgn' /proc/self/status", TIMEOUT_MS);
    (void)signal(SIGPIPE, handler);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(failure, 0);
    assert_int_equal(finish(&process), CAWS_PROCESS_EXITED);
    unsigned long long blocked = 1; /* sets of 64 signals, whatever a long is */
    unsigned long long ignored = 0;
    assert_int_equal(sscanf(process.output.data, "SigBlk: %llx SigIgn: %llx", &blocked, &ignored),
                     2); /* NOLINT(cert-err34-c) */
    assert_int_equal(blocked, 0);
    assert_int_equal(ignored & 1ULL << (SIGPIPE - 1), 0);
    caws_process_clear(&process);
}

/* A host that has closed its standard streams: the pipes get their numbers. */
static void test_host_without_standard_streams(void **state)
{
    caws_process process;
    (void)state;
    int saved[3];
    for (int i = 0; i < 3; i++) {
        saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 20);
        assert_true(saved[i] >= 20);
    }
    for (int i = 0; i < 3; i++)
        (void)close(i);
    int failure = start(&process, "cat; echo out; echo err >&2", TIMEOUT_MS);
    caws_process_state ended = CAWS_PROCESS_RUNNING;
    while (failure == 0 && (ended = caws_process_poll(&process)) == CAWS_PROCESS_RUNNING)
        caws_sleep_ms(2);
    for (int i = 0; i < 3; i++) {
        (void)dup2(saved[i], i);
        (void)close(saved[i]);
    }
    assert_int_equal(failure, 0);
    assert_int_equal(ended, CAWS_PROCESS_EXITED);
    assert_string_equal(process.output.data, "out\n");
    assert_string_equal(process.complaint.data, "err\n");
    caws_process_clear(&process);
}

static void test_no_descriptors_left(void **state)
{
    struct rlimit before;
    caws_process process;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (rlim_t room = 0; room < 4; room++) { /* the two pipes need four */
        int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_true(next >= 0);
        (void)close(next);
        struct rlimit tight = {(rlim_t)next + room, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
        int failure = start(&process, "exit 0", TIMEOUT_MS);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_int_equal(failure, EMFILE);
        int again = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_int_equal(again, next); /* none is left open */
        (void)close(again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_split_problems),
        cmocka_unit_test(test_output_and_status),
        cmocka_unit_test(test_cannot_start),
        cmocka_unit_test(test_found_in_path),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_cleared_while_it_runs),
        cmocka_unit_test(test_background_child_holds_nothing_up),
        cmocka_unit_test(test_host_that_ignores_children),
        cmocka_unit_test(test_other_children_are_left_alone),
        cmocka_unit_test(test_nothing_is_handed_down),
        cmocka_unit_test(test_signals_are_as_by_default),
        cmocka_unit_test(test_host_without_standard_streams),
        cmocka_unit_test(test_no_descriptors_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

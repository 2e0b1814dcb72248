#define _GNU_SOURCE /* pipe2, posix_spawn_file_actions_addclosefrom_np */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

enum {
    LARGEST_COMPLAINT = 1024, /* bytes that are kept of standard error */
    READS_A_POLL = 64         /* of it: a program that complains without end blocks nobody */
};

const char caws_command_no_memory[] = "out of memory";

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copies one word without its quotes, and moves on behind it; NULL or what is wrong. */
static const char *read_word(const char **cursor, char **out)
{
    char quote = '\0';
    const char *c = *cursor;
    for (; *c != '\0' && (quote != '\0' || !is_space(*c)); c++) {
        if (quote == '\0' && (*c == '"' || *c == '\'')) {
            quote = *c;
        } else if (quote != '\0' && *c == quote) {
            quote = '\0';
        } else if (*c == '\\' && quote != '\'') {
            if (c[1] == '\0')
                return "it ends in a backslash";
            if (quote == '\0' || c[1] == '"' || c[1] == '\\')
                c++;
            *(*out)++ = *c;
        } else {
            *(*out)++ = *c;
        }
    }
    *cursor = c;
    *(*out)++ = '\0';
    return quote != '\0' ? "a quotation mark is not closed" : NULL;
}

const char *caws_command_split(const char *command, caws_arena *arena, char ***words)
{
    size_t length = strlen(command);
    size_t count = 0;
    char **list = caws_arena_alloc(arena, (length / 2 + 2) * sizeof(*list));
    char *text = caws_arena_alloc(arena, length + 2);
    if (list == NULL || text == NULL)
        return caws_command_no_memory;
    for (;;) {
        while (is_space(*command))
            command++;
        if (*command == '\0')
            break;
        list[count++] = text;
        const char *problem = read_word(&command, &text);
        if (problem != NULL)
            return problem;
    }
    *words = list;
    return count > 0 && list[0][0] != '\0' ? NULL : "there is no program in it";
}

/* A host without standard streams gives pipes their numbers, which the child's own will take. */
static int move_up(int *descriptor)
{
    if (*descriptor > STDERR_FILENO)
        return 0;
    int moved = fcntl(*descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (moved < 0)
        return errno;
    (void)close(*descriptor);
    *descriptor = moved;
    return 0;
}

static void close_all(int *descriptors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (descriptors[i] >= 0)
            (void)close(descriptors[i]);
        descriptors[i] = -1;
    }
}

/* Two pipes, reading ends first: pipes[0] and [1] are ours, [2] and [3] the child's. */
static int open_pipes(int pipes[4])
{
    for (int i = 0; i < 2; i++) {
        int ends[2] = {-1, -1};
        if (pipe2(ends, O_CLOEXEC) != 0)
            return errno;
        pipes[i] = ends[0];
        pipes[i + 2] = ends[1];
    }
    for (int i = 0; i < 4; i++) {
        int failure = move_up(&pipes[i]);
        if (failure != 0)
            return failure;
    }
    for (int i = 0; i < 2; i++)
        if (fcntl(pipes[i], F_SETFL, O_NONBLOCK) != 0)
            return errno;
    return 0;
}

static int set_files(posix_spawn_file_actions_t *files, const int pipes[4])
{
    int failure = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (failure == 0)
        failure = posix_spawn_file_actions_adddup2(files, pipes[2], STDOUT_FILENO);
    if (failure == 0)
        failure = posix_spawn_file_actions_adddup2(files, pipes[3], STDERR_FILENO);
#ifdef __GLIBC__ /* other libraries may not have it */
#if __GLIBC_PREREQ(2, 34)
    if (failure == 0)
        failure = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
#endif
#endif
    return failure;
}

static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t set;
    sigemptyset(&set);
    int failure = posix_spawnattr_setsigmask(attributes, &set);
    sigaddset(&set, SIGPIPE);
    if (failure == 0)
        failure = posix_spawnattr_setsigdefault(attributes, &set);
    if (failure == 0)
        failure =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return failure;
}

extern char **environ;

/* posix_spawn and not fork: it runs no handlers of the host's, copies no page tables, and is safe
 * beside other threads. */
static int spawn(pid_t *pid, char *const *words, const int pipes[4])
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&files);
    if (failure != 0)
        return failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure == 0) {
        failure = set_files(&files, pipes);
        if (failure == 0)
            failure = set_signals(&attributes);
        if (failure == 0)
            failure = posix_spawnp(pid, words[0], &files, &attributes, words, environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return failure;
}

int caws_process_start(caws_process *process, char *const *words, int32_t timeout_ms, size_t limit)
{
    int pipes[4] = {-1, -1, -1, -1};
    pid_t pid = 0;
    int failure = open_pipes(pipes);
    if (failure == 0)
        failure = spawn(&pid, words, pipes);
    close_all(pipes + 2, 2);
    if (failure != 0) {
        close_all(pipes, 2);
        return failure;
    }
    process->pid = pid;
    process->streams[0] = pipes[0];
    process->streams[1] = pipes[1];
    process->deadline_ms = caws_monotonic_ms() + timeout_ms;
    process->state = CAWS_PROCESS_RUNNING;
    process->output.limit = limit;
    process->complaint.limit = LARGEST_COMPLAINT;
    /* At once, because growing would leave copies of secrets behind; a failure is seen later. */
    (void)!caws_buffer_reserve(&process->output, limit);
    return 0;
}

/* Empties a pipe. The buffer's limit ends it; with cut, what is over the limit is read and lost,
 * for some time. */
static void drain(int *stream, caws_buffer *into, bool cut)
{
    char piece[1024];
    for (int i = 0; *stream >= 0 && caws_buffer_ok(into) && (!cut || i < READS_A_POLL); i++) {
        ssize_t length = read(*stream, piece, sizeof(piece));
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (length <= 0) {
            close_all(stream, 1);
            return;
        }
        size_t room = into->limit - into->length;
        (void)caws_buffer_append(into, piece, cut && (size_t)length > room ? room : (size_t)length);
    }
}

/* Waits for this child alone; options may be WNOHANG. Whether it is gone. */
static bool collect(caws_process *process, int options)
{
    int status = 0;
    pid_t found = 0;
    do {
        found = waitpid((pid_t)process->pid, &status, options);
    } while (found < 0 && errno == EINTR);
    if (found == 0)
        return false;
    process->pid = 0;
    process->state = CAWS_PROCESS_EXITED;
    process->code = -1; /* the host ignores SIGCHLD, or waits for every child */
    if (found > 0 && WIFEXITED(status))
        process->code = WEXITSTATUS(status);
    if (found > 0 && WIFSIGNALED(status)) {
        process->state = CAWS_PROCESS_SIGNALLED;
        process->code = WTERMSIG(status);
    }
    return true;
}

/* Only a child that has not been collected is killed: its number may be somebody else's by now. */
static void end(caws_process *process)
{
    if (process->pid != 0 && !collect(process, WNOHANG)) {
        (void)kill((pid_t)process->pid, SIGKILL);
        (void)collect(process, 0);
    }
}

static caws_process_state give_up(caws_process *process, caws_process_state why)
{
    end(process);
    process->state = why;
    return why;
}

caws_process_state caws_process_poll(caws_process *process)
{
    if (process->pid == 0)
        return process->state;
    bool gone = collect(process, WNOHANG); /* before the reading: what it wrote is in the pipe */
    drain(&process->streams[0], &process->output, false);
    drain(&process->streams[1], &process->complaint, true);
    if (process->output.too_large)
        return give_up(process, CAWS_PROCESS_TOO_LARGE);
    if (process->output.no_memory)
        return give_up(process, CAWS_PROCESS_NO_MEMORY);
    if (!gone && caws_monotonic_ms() >= process->deadline_ms)
        return give_up(process, CAWS_PROCESS_TIMED_OUT);
    return process->state;
}

void caws_process_clear(caws_process *process)
{
    if (process->deadline_ms == 0) /* it was never started */
        return;
    end(process);
    close_all(process->streams, 2);
    caws_buffer_wipe(&process->output);
    caws_buffer_wipe(&process->complaint);
    *process = (caws_process){0};
}

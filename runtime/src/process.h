/* A child process whose output is read without blocking, and the splitting of a command line. */
#ifndef CAWS_PROCESS_H
#define CAWS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buffer.h"

/*
 * Splits a command line into words as a POSIX shell would, of which it knows quotes and backslashes
 * and nothing else: no variables, no patterns, no operators, no comments. words becomes an array in
 * the arena that ends in NULL. Returns NULL or what is wrong with the text, static; "out of memory"
 * is caws_command_no_memory.
 */
const char *caws_command_split(const char *command, caws_arena *arena, char ***words);
extern const char caws_command_no_memory[];

typedef enum caws_process_state {
    CAWS_PROCESS_RUNNING,
    CAWS_PROCESS_EXITED,    /* code has its exit status; -1: somebody else has collected it */
    CAWS_PROCESS_SIGNALLED, /* code has the signal that ended it */
    CAWS_PROCESS_TIMED_OUT, /* these have been killed */
    CAWS_PROCESS_TOO_LARGE,
    CAWS_PROCESS_NO_MEMORY
} caws_process_state;

/* Zeroed before caws_process_start. */
typedef struct caws_process {
    int64_t pid; /* 0: not started, or collected */
    int streams[2];
    int64_t deadline_ms; /* by the monotonic clock */
    caws_process_state state;
    int code;
    caws_buffer output;    /* what it wrote to its standard output */
    caws_buffer complaint; /* the beginning of what it wrote to its standard error */
} caws_process;

/*
 * Starts words[0], looked for in PATH, with the environment of this process, /dev/null as its
 * input, no signal blocked, SIGPIPE as by default, and no other descriptors than its three (where
 * the C library cannot see to that: none that close on exec). It stays in the process group, so
 * that a terminal's keys reach it. limit: bytes of output. Returns 0 or an errno value; then there
 * is nothing to clear.
 */
int caws_process_start(caws_process *process, char *const *words, int32_t timeout_ms, size_t limit);

/* Reads what there is, never blocks, and tells the state; output is whole when it has ended. A
 * program that goes on in the background holds up nothing, even with the output open. */
caws_process_state caws_process_poll(caws_process *process);

/* Kills it if it still runs, collects it and nothing else, and wipes what it has written. */
void caws_process_clear(caws_process *process);

#endif

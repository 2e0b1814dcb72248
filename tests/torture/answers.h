/* What the server answers with. */
#ifndef TORTURE_ANSWERS_H
#define TORTURE_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

enum { ANSWER_SIZE = 256 * 1024 };

typedef struct answer {
    int status;
    const char *headers; /* lines with their ends */
    char *body;          /* room for ANSWER_SIZE */
    size_t length;
    bool drop; /* no answer at all: the connection is closed */
} answer;

typedef struct request {
    const char *method;
    const char *name; /* the first segment of the path */
    const char *path; /* all of it */
    const char *head; /* the lines of the head */
    const char *body; /* NUL-terminated */
    unsigned number;  /* of requests with the same path, from 0 */
} request;

void torture_answer(const request *request, answer *answer);

#endif

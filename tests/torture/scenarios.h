/* A client's life, in each of the ways that programs lead it. */
#ifndef TORTURE_SCENARIOS_H
#define TORTURE_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>

#include <caws/client.h>
#include <caws/error.h>

enum { LIFE_STEPS = 16, LIFE_TEXT = 512 };

/* What came of each step, as text. */
typedef struct life {
    caws_client *client;
    unsigned run; /* the server counts for each run anew */
    size_t step_count;
    char steps[LIFE_STEPS][LIFE_TEXT];
} life;

typedef struct scenario {
    const char *name;
    /* Of the environment, which has no other AWS_ variables: "NAME=value"; %P stands for the plain
     * server's host and port, %F for the folder, %R for the run. The last is NULL. */
    const char *const *variables;
    void (*options)(caws_client_options *options); /* NULL: none */
    void (*body)(life *life);                      /* the client's calls */
    const char *url;                               /* option endpoint_url; the same, %T: over TLS */
    bool cold; /* the first client of its process: what libraries set up once fails too */
} scenario;

extern const scenario scenarios[];
extern const size_t scenario_count;

/* Where the server listens and the files are, for all scenarios. */
typedef struct surroundings {
    int plain_port;
    int tls_port;
    const char *folder;
} surroundings;

extern surroundings around;

/* Writes the files that scenarios have in their environment. */
bool scenarios_write_files(void);

/* Replaces %P and the like in a text. */
void scenarios_fill(char *out, size_t size, const char *text, unsigned run);

/* A new client for this scenario; the step is noted if it fails. */
caws_client *scenario_client(const scenario *scenario, life *life);

/* A call that always goes well, if the client still does. */
bool scenario_call_well(caws_client *client, char *text, size_t size);

#endif

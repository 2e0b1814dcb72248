/* One life of a client, in a process of its own, with an allocation that fails. */
#ifndef TORTURE_RUN_H
#define TORTURE_RUN_H

#include <stdbool.h>

#include "memory.h"
#include "scenarios.h"

enum { REPORT_TEXT = 16 * 1024, RUN_SECONDS = 60 };

/* In memory that both processes see. */
typedef struct report {
    bool finished;
    bool calls_well;       /* that scenario_call_well is true in the end */
    bool failed;           /* an allocation did fail */
    bool no_memory;        /* and a step ended with CAWS_ERROR_MEMORY */
    unsigned long created; /* allocations until there was a client */
    unsigned long count;   /* of allocations */
    life life;
    char finding[32];       /* "": nothing wrong */
    char text[REPORT_TEXT]; /* what, and where the allocation failed */
    char caller[64];        /* whose allocation it was */
} report;

/* Sets the environment of a scenario. */
void run_set_environment(const scenario *scenario, unsigned run);

/* The whole life. Never returns. baseline: the steps to compare with; NULL: this run makes them. */
_Noreturn void run_child(const scenario *scenario, unsigned run, const memory_plan *plan,
                         const report *baseline, report *report);

/* What libraries set up once is set up after this. */
void run_warm_up(const scenario *scenario, unsigned run);

#endif

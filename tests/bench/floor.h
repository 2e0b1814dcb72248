/* The floor of what calls cost: CreateExportTask's request through libcurl alone, with headers that
 * are made once; and how costs are taken. */
#ifndef FLOOR_H
#define FLOOR_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

/* CPU time of the process and wall time, in microseconds. */
typedef struct times {
    double cpu;
    double wall;
} times;

times now(void);

/* Per call since then. */
times since(times began, long calls);

/* The most memory that the process has had, in KiB. */
long peak_kib(void);

/* A handle of libcurl's with its headers and the answer. */
typedef struct bare {
    CURL *curl;
    struct curl_slist *headers;
    size_t length;
    char answer[4096];
} bare;

bool bare_init(bare *side, const char *url);
void bare_clear(bare *side);
bool call_bare(bare *side);

#endif

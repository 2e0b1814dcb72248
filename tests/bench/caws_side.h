/* The side of caws in what is compared with floor.h. */
#ifndef CAWS_SIDE_H
#define CAWS_SIDE_H

#include <caws/logs.h>

/* Whether the error says nothing; prints what it says. */
bool is_well(const caws_error *error);

/* A client of that server, with nothing to look for; NULL and a filled error on failure. */
caws_client *new_client(const char *url, caws_error *error);

/* The request of the floor's. */
extern const caws_logs_create_export_task_input task_input;

bool call_caws(caws_client *client, caws_error *error);

#endif

/* The prefix that some operations put in front of their endpoint's host: "stream-". */
#ifndef CAWS_HOST_PREFIX_H
#define CAWS_HOST_PREFIX_H

#include <caws/schema.h>

#include "arena.h"

/* Whether a host (with or without a port) can have a prefix: not an IP address, and not a name of
 * one label, such as localhost, for under such there are no others. */
bool caws_host_takes_prefix(const char *host);

/*
 * Sets *prefixed to the operation's host prefix and host, in the arena. A {member} in the prefix
 * stands for that member of the input, which must be a host label (RFC 1123):
 * CAWS_ERROR_INVALID_INPUT else. Also CAWS_ERROR_MEMORY.
 */
caws_status caws_host_prefix(const caws_operation *operation, const void *input, const char *host,
                             caws_arena *arena, const char **prefixed, caws_error *error);

#endif

/* Random bytes, and random UUIDs (RFC 9562, version 4): idempotency tokens, calls' identities. */
#ifndef CAWS_UUID_H
#define CAWS_UUID_H

#include <stdbool.h>
#include <stddef.h>

#include <caws/export.h>

enum { CAWS_UUID_TEXT_SIZE = 37 };

/* At most 256 bytes. False if neither the system nor OpenSSL has any. */
CAWS_MUST_USE bool caws_random_bytes(void *bytes, size_t length);

/* False as above. */
CAWS_MUST_USE bool caws_uuid_random(char text[CAWS_UUID_TEXT_SIZE]);

/* Random bytes for several UUIDs: asking the system for each costs more than making it. Of one
 * process: after fork() the child's would be the parent's. */
typedef struct caws_uuid_pool {
    unsigned char bytes[256];
    size_t left;
} caws_uuid_pool;

/* False as above. */
CAWS_MUST_USE bool caws_uuid_take(caws_uuid_pool *pool, char text[CAWS_UUID_TEXT_SIZE]);

#endif

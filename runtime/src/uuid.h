/* Random UUIDs (RFC 9562, version 4), for idempotency tokens. */
#ifndef CAWS_UUID_H
#define CAWS_UUID_H

#include <stdbool.h>

#include <caws/export.h>

enum { CAWS_UUID_TEXT_SIZE = 37 };

/* False if OpenSSL has no random bytes. */
CAWS_MUST_USE bool caws_uuid_random(char text[CAWS_UUID_TEXT_SIZE]);

#endif

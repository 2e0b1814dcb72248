/* Percent-encoding and path normalisation, as AWS services expect them. */
#ifndef CAWS_URI_H
#define CAWS_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

enum {
    CAWS_URI_KEEP_SLASH = 1, /* '/' stays as it is: for paths */
    CAWS_URI_KEEP_ESCAPES =
        2 /* the text may be encoded already: a percent sign with two hexadecimal
             digits stands for its byte, and comes out in the one way this
             function writes that byte ("%7e" as "~", "%2f" as "%2F") */
};

/*
 * Appends text with every byte but A-Z a-z 0-9 - . _ ~ (RFC 3986, unreserved) as %XX, in upper
 * case.
 * '+' is a plus sign, never a space. A percent sign that begins no escape is encoded as any other
 * byte. Returns whether all appends to out have succeeded so far.
 */
bool caws_uri_append_encoded(caws_buffer *out, const char *text, size_t length, unsigned flags);

/*
 * Appends an absolute path without empty, "." and ".." segments; a slash at the end stays, unless
 * the path comes to "/". ".." above the root is dropped. Escapes are not looked into. A path that
 * does not begin with a slash gets one. Returns whether all appends to out have succeeded so far.
 */
bool caws_uri_append_normalized_path(caws_buffer *out, const char *path, size_t length);

#endif

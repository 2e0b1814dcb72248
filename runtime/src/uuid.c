#define _DEFAULT_SOURCE /* getentropy, which POSIX has had since 2024 only */
#include "uuid.h"

#include <unistd.h>

#include <openssl/rand.h>

/* The system's generator first: OpenSSL's takes a millisecond to start, in each thread anew, and
 * twice as long for so few bytes. */
bool caws_random_bytes(void *bytes, size_t length)
{
    return getentropy(bytes, length) == 0 || RAND_bytes(bytes, (int)length) == 1;
}

bool caws_uuid_random(char text[CAWS_UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    if (!caws_random_bytes(bytes, sizeof(bytes)))
        return false;
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* the RFC's variant */
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
    return true;
}

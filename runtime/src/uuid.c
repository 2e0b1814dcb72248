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

enum { UUID_SIZE = 16 };

static void put_text(unsigned char bytes[UUID_SIZE], char text[CAWS_UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* the RFC's variant */
    for (unsigned i = 0; i < UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

bool caws_uuid_random(char text[CAWS_UUID_TEXT_SIZE])
{
    unsigned char bytes[UUID_SIZE];
    if (!caws_random_bytes(bytes, sizeof(bytes)))
        return false;
    put_text(bytes, text);
    return true;
}

bool caws_uuid_take(caws_uuid_pool *pool, char text[CAWS_UUID_TEXT_SIZE])
{
    if (pool->left < UUID_SIZE) {
        if (!caws_random_bytes(pool->bytes, sizeof(pool->bytes)))
            return false;
        pool->left = sizeof(pool->bytes);
    }
    pool->left -= UUID_SIZE;
    put_text(pool->bytes + pool->left, text);
    return true;
}

/* The CRC-32 of Ethernet, gzip and zlib (ISO 3309): 0xCBF43926 for "123456789". */
#ifndef CAWS_CRC32_H
#define CAWS_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* data may be NULL if length is 0. */
uint32_t caws_crc32(const void *data, size_t length);

#endif

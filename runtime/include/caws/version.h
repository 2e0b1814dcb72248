/** @file
 * The version of caws: that of the headers, for the compiler, and that of the library, at run time.
 * ./dev generate writes the numbers, from the file VERSION. */
#ifndef CAWS_VERSION_H
#define CAWS_VERSION_H

#include <caws/export.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAWS_VERSION_MAJOR 0       /**< of the headers: rises when programs break, from 1.0 on */
#define CAWS_VERSION_MINOR 1       /**< of the headers: before 1.0, rises when programs break */
#define CAWS_VERSION_PATCH 0       /**< of the headers */
#define CAWS_VERSION       "0.1.0" /**< of the headers: the three numbers as text */

/**
 * The version of the library that the program runs with, as CAWS_VERSION has it. It may be newer
 * than that of the headers, where the shared library has been replaced by a later one with the same
 * SONAME. Static: never freed, never NULL.
 */
CAWS_API const char *caws_version(void);

#ifdef __cplusplus
}
#endif

#endif

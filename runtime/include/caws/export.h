/* Which symbols the library exports, and what compilers are told about its functions. */
#ifndef CAWS_EXPORT_H
#define CAWS_EXPORT_H

#if defined(__GNUC__)
#define CAWS_API             __attribute__((visibility("default")))
#define CAWS_PRINTF(fmt, va) __attribute__((format(printf, fmt, va)))
#define CAWS_MUST_USE        __attribute__((warn_unused_result))
#else
#define CAWS_API
#define CAWS_PRINTF(fmt, va)
#define CAWS_MUST_USE
#endif

#endif

/*
 * Signature Version 4: signs requests to any AWS service, in headers or in the query string.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
#ifndef CAWS_SIGV4_H
#define CAWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caws/client.h>

#include "buffer.h"
#include "digest.h"
#include "request.h"
#include "sigv4_canonical.h"
#include "sigv4_key.h"

enum { /* caws_sigv4_request.flags; 0 is right for most services */
       /* The path is signed with its empty, "." and ".." segments: S3, where they are part of keys.
        */
       CAWS_SIGV4_NO_NORMALIZE = 1,
       /* Escapes in the path are not encoded once more: S3. */
       CAWS_SIGV4_NO_DOUBLE_ENCODING = 2,
       /* The payload is left out of the signature. Header signing adds x-amz-content-sha256 then.
        */
       CAWS_SIGV4_UNSIGNED_PAYLOAD = 4,
       /* Header signing adds x-amz-content-sha256, which S3 demands. */
       CAWS_SIGV4_CONTENT_SHA256 = 8,
       /* The session token is added but not signed: a few services, AWS IoT among them. */
       CAWS_SIGV4_OMIT_SESSION_TOKEN = 16,
       /* The signer's canonical_request and string_to_sign stay readable: for tests. Otherwise the
        * canonical request is wiped, because it may carry the session token. */
       CAWS_SIGV4_KEEP_TEXTS = 32
};

/*
 * What is to be signed. Everything is borrowed for the length of the call, and trusted to have no
 * CR, LF or NUL where HTTP allows none.
 */
typedef struct caws_sigv4_request {
    const caws_credentials *credentials; /* an empty session token counts as none */
    uint64_t generation; /* of the credentials: another number for other keys, so that the signer
                            need not look whether they changed; 0: unknown, it looks */
    const char *region;
    const char *service; /* the signing name */
    int64_t time;        /* seconds since 1970-01-01 UTC */
    const char *method;  /* in upper case, as it is sent */
    const char *path;    /* as it is sent, with '/' first; "" is "/" */
    const char *query;   /* as it is sent, without the '?'; NULL or "": none */
    /*
     * All headers that are known now, Host among them. Those that change on the way (user-agent,
     * connection ... see sigv4_canonical.c) are left out of the signature. Authorization,
     * x-amz-date and x-amz-security-token are the signer's to make: left over from an earlier
     * attempt they are ignored, and must not be sent. An x-amz-content-sha256 that is given stands
     * for the payload's hash, whatever the payload and the flags say, and is not added.
     */
    const caws_header *headers;
    size_t header_count;
    const void *payload; /* NULL if payload_length is 0 */
    size_t payload_length;
    unsigned flags;
} caws_sigv4_request;

typedef enum caws_sigv4_result {
    CAWS_SIGV4_OK,
    CAWS_SIGV4_NO_MEMORY,
    CAWS_SIGV4_CRYPTO,  /* OpenSSL failed; for want of memory, as good as always */
    CAWS_SIGV4_BAD_TIME /* before 1970 or after 9999 */
} caws_sigv4_result;

/* x-amz-date, authorization; x-amz-security-token and x-amz-content-sha256 where they apply. */
enum { CAWS_SIGV4_MAX_HEADERS = 4 };

typedef struct caws_sigv4_headers {
    caws_header items[CAWS_SIGV4_MAX_HEADERS];
    size_t count;
} caws_sigv4_headers;

enum {
    CAWS_SIGV4_DATE_LENGTH = 8,                   /* YYYYMMDD */
    CAWS_SIGV4_TIME_LENGTH = 16,                  /* YYYYMMDDTHHMMSSZ */
    CAWS_SIGV4_HASH_LENGTH = 2 * CAWS_SHA256_SIZE /* in hexadecimal digits */
};

/*
 * Working memory of signatures, for one thread at a time (one a connection is a good measure).
 * After the first few requests it has grown to their size and a signature allocates nothing, apart
 * from what OpenSSL does for each digest. It remembers the key it used last, ready to sign with.
 */
typedef struct caws_signer {
    caws_signing_keys *keys; /* borrowed */
    caws_digest digest;
    caws_hmac hmac;          /* keyed for id, if at all */
    caws_signing_id id;      /* of that key */
    caws_buffer key_scope;   /* the scope of that key */
    uint64_t key_generation; /* of its credentials; 0: unknown */
    int64_t day;             /* days since 1970 that time_text shows; -1: none */
    char time_text[CAWS_SIGV4_TIME_LENGTH + 1];
    char payload_hash[CAWS_SIGV4_HASH_LENGTH + 1];
    caws_pairs headers;
    caws_pairs query;
    caws_buffer path;         /* normalised */
    caws_buffer scope;        /* YYYYMMDD/region/service/aws4_request */
    caws_buffer signed_names; /* a;b;c */
    caws_buffer canonical_request;
    caws_buffer string_to_sign;
    caws_buffer output; /* the authorization header or the query string */
} caws_signer;

/* algorithms and keys are borrowed until clear, keys may be shared between signers and threads.
 * False if OpenSSL failed (or has no memory); nothing has to be cleared then. */
CAWS_MUST_USE bool caws_signer_init(caws_signer *signer, const caws_algorithms *algorithms,
                                    caws_signing_keys *keys);

/* Wipes and frees everything. */
void caws_signer_clear(caws_signer *signer);

/*
 * Signs in headers: out receives those to send besides the given ones. Their values live until the
 * signer is used again or cleared; that of x-amz-security-token is the credentials' own.
 */
CAWS_MUST_USE caws_sigv4_result caws_signer_sign(caws_signer *signer,
                                                 const caws_sigv4_request *request,
                                                 caws_sigv4_headers *out);

/*
 * Signs in the query string, for a URL that can be handed on and used for expires_seconds (services
 * allow 1 to 604,800). query receives the whole query string to send: the given one, which must
 * have no X-Amz-Algorithm and the like, and the signature's parameters. It lives until the signer
 * is used again or cleared. S3 wants CAWS_SIGV4_UNSIGNED_PAYLOAD here; x-amz-content-sha256 is
 * never added.
 */
CAWS_MUST_USE caws_sigv4_result caws_signer_presign(caws_signer *signer,
                                                    const caws_sigv4_request *request,
                                                    uint32_t expires_seconds, const char **query);

#endif

#include "sigv4.h"

#include <string.h>

#include <openssl/crypto.h>

#include "timestamp.h"
#include "uri.h"

static const char algorithm[] = "AWS4-HMAC-SHA256";
static const char content_sha256[] = "x-amz-content-sha256";
static const char unsigned_payload[] = "UNSIGNED-PAYLOAD";

bool caws_signer_init(caws_signer *signer, const caws_algorithms *algorithms,
                      caws_signing_keys *keys)
{
    *signer = (caws_signer){
        .keys = keys,
        .day = -1,
        .digest = CAWS_DIGEST_INIT,
        .hmac = CAWS_HMAC_INIT,
        .headers = CAWS_PAIRS_INIT,
        .query = CAWS_PAIRS_INIT,
        .path = CAWS_BUFFER_INIT,
        .scope = CAWS_BUFFER_INIT,
        .key_scope = CAWS_BUFFER_INIT,
        .signed_names = CAWS_BUFFER_INIT,
        .canonical_request = CAWS_BUFFER_INIT,
        .string_to_sign = CAWS_BUFFER_INIT,
        .output = CAWS_BUFFER_INIT,
    };
    if (!caws_digest_init(&signer->digest, algorithms))
        return false;
    if (!caws_hmac_init(&signer->hmac, algorithms)) {
        caws_digest_clear(&signer->digest);
        return false;
    }
    return true;
}

void caws_signer_clear(caws_signer *signer)
{
    caws_digest_clear(&signer->digest);
    caws_hmac_clear(&signer->hmac);
    OPENSSL_cleanse(signer->id.bytes, sizeof signer->id.bytes);
    caws_pairs_clear(&signer->headers);
    caws_pairs_clear(&signer->query);
    caws_buffer_wipe(&signer->path);
    caws_buffer_wipe(&signer->scope);
    caws_buffer_wipe(&signer->key_scope);
    caws_buffer_wipe(&signer->signed_names);
    caws_buffer_wipe(&signer->canonical_request);
    caws_buffer_wipe(&signer->string_to_sign);
    caws_buffer_wipe(&signer->output);
}

/* Writes value as so many decimal digits. */
static void put_digits(char *out, int64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Writes YYYYMMDD. gmtime_r is no help here: it takes a lock and may read the environment. */
static void put_date(char *out, int64_t seconds)
{
    caws_civil date = caws_civil_from_unix(seconds);
    put_digits(out, date.year, 4);
    put_digits(out + 4, date.month, 2);
    put_digits(out + 6, date.day, 2);
}

static bool set_time(caws_signer *signer, int64_t time)
{
    const int64_t day_seconds = 86400;
    const int64_t last = 253402300799; /* 9999-12-31T23:59:59Z */
    if (time < 0 || time > last)
        return false;
    char *text = signer->time_text;
    int64_t day = time / day_seconds;
    int64_t second = time % day_seconds;
    if (day != signer->day) {
        put_date(text, time);
        signer->day = day;
    }
    text[8] = 'T';
    put_digits(text + 9, second / 3600, 2);
    put_digits(text + 11, second / 60 % 60, 2);
    put_digits(text + 13, second % 60, 2);
    text[15] = 'Z';
    text[16] = '\0';
    return true;
}

/* Whether the key in hand is this request's, which the caller's word on the credentials can tell
 * without a hash over them. */
static bool has_key(const caws_signer *signer, const caws_sigv4_request *request)
{
    return signer->hmac.keyed && request->generation != 0 &&
           request->generation == signer->key_generation &&
           signer->key_scope.length == signer->scope.length &&
           memcmp(signer->key_scope.data, signer->scope.data, signer->scope.length) == 0;
}

static void note_key(caws_signer *signer, const caws_sigv4_request *request)
{
    caws_buffer_reset(&signer->key_scope);
    bool noted = caws_buffer_append(&signer->key_scope, signer->scope.data, signer->scope.length);
    signer->key_generation = noted ? request->generation : 0;
}

/* Makes signer->hmac hold the signing key of this request, whose scope is in signer->scope. */
static caws_sigv4_result load_key(caws_signer *signer, const caws_sigv4_request *request)
{
    const caws_signing_scope scope = {signer->time_text, request->region, request->service,
                                      request->credentials};
    caws_signing_id id;
    if (has_key(signer, request))
        return CAWS_SIGV4_OK;
    signer->key_generation = 0;
    if (!caws_signing_id_of(&scope, &signer->digest, &id))
        return CAWS_SIGV4_CRYPTO;
    if (signer->hmac.keyed && memcmp(id.bytes, signer->id.bytes, sizeof id.bytes) == 0) {
        note_key(signer, request);
        return CAWS_SIGV4_OK;
    }

    uint8_t key[CAWS_SHA256_SIZE];
    bool ok;
    if (caws_signing_keys_find(signer->keys, &id, key)) {
        ok = caws_hmac_set_key(&signer->hmac, key, sizeof key);
    } else {
        ok = caws_signing_key_derive(&scope, &signer->hmac, key);
        if (ok)
            caws_signing_keys_store(signer->keys, &id, key);
    }
    OPENSSL_cleanse(key, sizeof key);
    signer->id = id;
    if (ok)
        note_key(signer, request);
    return ok ? CAWS_SIGV4_OK : CAWS_SIGV4_CRYPTO;
}

/* The x-amz-content-sha256 that the caller gave, or NULL. */
static const char *given_payload_hash(const caws_sigv4_request *request)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (caws_header_is(request->headers[i].name, content_sha256))
            return request->headers[i].value;
    return NULL;
}

/* What stands for the payload where the caller gave nothing; NULL if OpenSSL failed. */
static const char *make_payload_hash(caws_signer *signer, const caws_sigv4_request *request)
{
    if ((request->flags & CAWS_SIGV4_UNSIGNED_PAYLOAD) != 0)
        return unsigned_payload;
    uint8_t bytes[CAWS_SHA256_SIZE];
    if (!caws_digest_sha256(&signer->digest, request->payload, request->payload_length, bytes))
        return NULL;
    caws_hex_encode(bytes, sizeof bytes, signer->payload_hash);
    signer->payload_hash[CAWS_SIGV4_HASH_LENGTH] = '\0';
    return signer->payload_hash;
}

static void append_scope(caws_buffer *out, const char *date, const caws_sigv4_request *request)
{
    (void)caws_buffer_append(out, date, CAWS_SIGV4_DATE_LENGTH);
    (void)caws_buffer_append_char(out, '/');
    (void)caws_buffer_append_string(out, request->region);
    (void)caws_buffer_append_char(out, '/');
    (void)caws_buffer_append_string(out, request->service);
    (void)caws_buffer_append_string(out, "/aws4_request");
}

/* What both kinds of signing begin with. own: the headers that the signer adds. */
static bool begin(caws_signer *signer, const caws_sigv4_request *request, const caws_header *own,
                  size_t own_count)
{
    caws_buffer_reset(&signer->scope);
    caws_buffer_reset(&signer->canonical_request);
    caws_buffer_reset(&signer->string_to_sign);
    caws_buffer_reset(&signer->output);
    append_scope(&signer->scope, signer->time_text, request);
    if (!caws_buffer_ok(&signer->scope))
        return false;
    if (caws_buffer_ok(&signer->signed_names) &&
        caws_canonical_collect_again(&signer->headers, own, own_count, request->headers,
                                     request->header_count))
        return true;
    caws_buffer_reset(&signer->signed_names);
    return caws_canonical_collect(&signer->headers, own, own_count, request->headers,
                                  request->header_count) &&
           caws_canonical_names(&signer->signed_names, &signer->headers);
}

static bool make_canonical_request(caws_signer *signer, const caws_sigv4_request *request,
                                   const char *query, size_t query_length, const char *payload_hash)
{
    caws_buffer *out = &signer->canonical_request;
    (void)caws_buffer_append_string(out, request->method);
    (void)caws_buffer_append_char(out, '\n');
    if (!caws_canonical_path(out, &signer->path, request->path,
                             (request->flags & CAWS_SIGV4_NO_NORMALIZE) == 0,
                             (request->flags & CAWS_SIGV4_NO_DOUBLE_ENCODING) == 0))
        return false;
    (void)caws_buffer_append_char(out, '\n');
    if (!caws_canonical_query(out, &signer->query, query, query_length))
        return false;
    (void)caws_buffer_append_char(out, '\n');
    (void)caws_canonical_headers(out, &signer->headers);
    (void)caws_buffer_append_char(out, '\n');
    (void)caws_buffer_append(out, signer->signed_names.data, signer->signed_names.length);
    (void)caws_buffer_append_char(out, '\n');
    return caws_buffer_append_string(out, payload_hash);
}

/* Makes the string to sign, signs it and appends the signature to output. */
static caws_sigv4_result append_signature(caws_signer *signer, const caws_sigv4_request *request)
{
    uint8_t hash[CAWS_SHA256_SIZE];
    char hex[CAWS_SIGV4_HASH_LENGTH];
    caws_buffer *canonical = &signer->canonical_request;
    caws_buffer *out = &signer->string_to_sign;
    if (!caws_digest_sha256(&signer->digest, canonical->data, canonical->length, hash))
        return CAWS_SIGV4_CRYPTO;
    caws_hex_encode(hash, sizeof hash, hex);
    (void)caws_buffer_append(out, algorithm, sizeof algorithm - 1);
    (void)caws_buffer_append_char(out, '\n');
    (void)caws_buffer_append(out, signer->time_text, CAWS_SIGV4_TIME_LENGTH);
    (void)caws_buffer_append_char(out, '\n');
    (void)caws_buffer_append(out, signer->scope.data, signer->scope.length);
    (void)caws_buffer_append_char(out, '\n');
    if (!caws_buffer_append(out, hex, sizeof hex))
        return CAWS_SIGV4_NO_MEMORY;

    caws_sigv4_result result = load_key(signer, request);
    if (result != CAWS_SIGV4_OK)
        return result;
    if (!caws_hmac_sign(&signer->hmac, out->data, out->length, hash))
        return CAWS_SIGV4_CRYPTO;
    caws_hex_encode(hash, sizeof hash, hex);
    return caws_buffer_append(&signer->output, hex, sizeof hex) ? CAWS_SIGV4_OK
                                                                : CAWS_SIGV4_NO_MEMORY;
}

static void forget_texts(caws_signer *signer, const caws_sigv4_request *request)
{
    caws_buffer *canonical = &signer->canonical_request;
    if ((request->flags & CAWS_SIGV4_KEEP_TEXTS) != 0)
        return;
    if (canonical->data != NULL)
        OPENSSL_cleanse(canonical->data, canonical->length);
    caws_buffer_reset(canonical);
    caws_buffer_reset(&signer->string_to_sign);
}

/* NULL if there is none. */
static const char *session_token(const caws_sigv4_request *request)
{
    const char *token = request->credentials->session_token;
    return token != NULL && token[0] != '\0' ? token : NULL;
}

static void add_own(caws_sigv4_headers *headers, const char *name, const char *value)
{
    headers->items[headers->count++] = (caws_header){name, value};
}

static caws_sigv4_result sign(caws_signer *signer, const caws_sigv4_request *request,
                              const char *payload_hash, const caws_sigv4_headers *own)
{
    if (!begin(signer, request, own->items, own->count))
        return CAWS_SIGV4_NO_MEMORY;
    const char *query = request->query != NULL ? request->query : "";
    if (!make_canonical_request(signer, request, query, strlen(query), payload_hash))
        return CAWS_SIGV4_NO_MEMORY;
    caws_buffer *out = &signer->output;
    (void)caws_buffer_append(out, algorithm, sizeof algorithm - 1);
    (void)caws_buffer_append_string(out, " Credential=");
    (void)caws_buffer_append_string(out, request->credentials->access_key_id);
    (void)caws_buffer_append_char(out, '/');
    (void)caws_buffer_append(out, signer->scope.data, signer->scope.length);
    (void)caws_buffer_append_string(out, ", SignedHeaders=");
    (void)caws_buffer_append(out, signer->signed_names.data, signer->signed_names.length);
    (void)caws_buffer_append_string(out, ", Signature=");
    return append_signature(signer, request);
}

caws_sigv4_result caws_signer_sign(caws_signer *signer, const caws_sigv4_request *request,
                                   caws_sigv4_headers *out)
{
    out->count = 0;
    if (!set_time(signer, request->time))
        return CAWS_SIGV4_BAD_TIME;
    const char *given = given_payload_hash(request);
    const char *payload_hash = given != NULL ? given : make_payload_hash(signer, request);
    if (payload_hash == NULL)
        return CAWS_SIGV4_CRYPTO;

    const unsigned shows_hash = CAWS_SIGV4_CONTENT_SHA256 | CAWS_SIGV4_UNSIGNED_PAYLOAD;
    const char *token = session_token(request);
    bool sign_token = (request->flags & CAWS_SIGV4_OMIT_SESSION_TOKEN) == 0;
    caws_sigv4_headers own = {.count = 0};
    if ((request->flags & shows_hash) != 0 && given == NULL)
        add_own(&own, content_sha256, payload_hash);
    add_own(&own, "x-amz-date", signer->time_text);
    if (token != NULL && sign_token)
        add_own(&own, "x-amz-security-token", token);

    caws_sigv4_result result = sign(signer, request, payload_hash, &own);
    forget_texts(signer, request);
    if (result != CAWS_SIGV4_OK)
        return result;
    if (token != NULL && !sign_token)
        add_own(&own, "x-amz-security-token", token);
    add_own(&own, "authorization", signer->output.data);
    *out = own;
    return CAWS_SIGV4_OK;
}

static bool append_encoded(caws_buffer *out, const char *name, const char *value, size_t length)
{
    (void)caws_buffer_append_string(out, name);
    return caws_uri_append_encoded(out, value, length, 0);
}

/* Appends the parameters that are signed themselves. */
static bool append_parameters(caws_signer *signer, const caws_sigv4_request *request,
                              uint32_t expires_seconds, const char *token)
{
    caws_buffer *out = &signer->output;
    const char *key_id = request->credentials->access_key_id;
    if (request->query != NULL && request->query[0] != '\0') {
        (void)caws_buffer_append_string(out, request->query);
        (void)caws_buffer_append_char(out, '&');
    }
    (void)caws_buffer_append_string(out, "X-Amz-Algorithm=");
    (void)caws_buffer_append(out, algorithm, sizeof algorithm - 1);
    (void)append_encoded(out, "&X-Amz-Credential=", key_id, strlen(key_id));
    (void)append_encoded(out, "%2F", signer->scope.data, signer->scope.length);
    (void)caws_buffer_append_string(out, "&X-Amz-Date=");
    (void)caws_buffer_append(out, signer->time_text, CAWS_SIGV4_TIME_LENGTH);
    (void)append_encoded(out, "&X-Amz-SignedHeaders=", signer->signed_names.data,
                         signer->signed_names.length);
    (void)caws_buffer_append_format(out, "&X-Amz-Expires=%lu", (unsigned long)expires_seconds);
    if (token != NULL)
        (void)append_encoded(out, "&X-Amz-Security-Token=", token, strlen(token));
    return caws_buffer_ok(out);
}

static caws_sigv4_result presign(caws_signer *signer, const caws_sigv4_request *request,
                                 uint32_t expires_seconds, const char *payload_hash)
{
    caws_buffer *out = &signer->output;
    const char *token = session_token(request);
    bool sign_token = (request->flags & CAWS_SIGV4_OMIT_SESSION_TOKEN) == 0;
    if (!begin(signer, request, NULL, 0) ||
        !append_parameters(signer, request, expires_seconds, sign_token ? token : NULL) ||
        !make_canonical_request(signer, request, out->data, out->length, payload_hash))
        return CAWS_SIGV4_NO_MEMORY;
    if (token != NULL && !sign_token)
        (void)append_encoded(out, "&X-Amz-Security-Token=", token, strlen(token));
    (void)caws_buffer_append_string(out, "&X-Amz-Signature=");
    return append_signature(signer, request);
}

caws_sigv4_result caws_signer_presign(caws_signer *signer, const caws_sigv4_request *request,
                                      uint32_t expires_seconds, const char **query)
{
    *query = NULL;
    if (!set_time(signer, request->time))
        return CAWS_SIGV4_BAD_TIME;
    const char *given = given_payload_hash(request);
    const char *payload_hash = given != NULL ? given : make_payload_hash(signer, request);
    if (payload_hash == NULL)
        return CAWS_SIGV4_CRYPTO;
    caws_sigv4_result result = presign(signer, request, expires_seconds, payload_hash);
    forget_texts(signer, request);
    if (result == CAWS_SIGV4_OK)
        *query = signer->output.data;
    return result;
}

#include "certificates.h"

#include <stdbool.h>
#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static bool add_extension(X509 *certificate, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

/* Signs itself, and lives for a day. */
static X509 *make_certificate(EVP_PKEY *key)
{
    static const char names[] = "IP:127.0.0.1,DNS:localhost,DNS:logs.us-east-1.amazonaws.com";
    X509 *certificate = X509_new();
    X509_NAME *subject = certificate != NULL ? X509_get_subject_name(certificate) : NULL;
    bool ok = subject != NULL && X509_set_version(certificate, 2) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(certificate), -86400) != NULL &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), 86400) != NULL &&
              X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                         (const unsigned char *)"caws torture", -1, -1, 0) == 1 &&
              X509_set_issuer_name(certificate, subject) == 1 &&
              X509_set_pubkey(certificate, key) == 1 &&
              add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
              add_extension(certificate, NID_subject_alt_name, names) &&
              X509_sign(certificate, key, EVP_sha256()) > 0;
    if (!ok) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

static bool write_certificate(X509 *certificate, const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    bool ok = file != NULL && PEM_write_X509(file, certificate) == 1;
    return file != NULL && fclose(file) == 0 && ok;
}

static bool write_new(const char *folder, const char *name, SSL_CTX *context)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key != NULL ? make_certificate(key) : NULL;
    bool ok = certificate != NULL && write_certificate(certificate, folder, name) &&
              (context == NULL || (SSL_CTX_use_certificate(context, certificate) == 1 &&
                                   SSL_CTX_use_PrivateKey(context, key) == 1));
    X509_free(certificate);
    EVP_PKEY_free(key);
    return ok;
}

SSL_CTX *torture_tls_context(const char *folder)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context != NULL && write_new(folder, "ca.pem", context) &&
        write_new(folder, "other-ca.pem", NULL))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

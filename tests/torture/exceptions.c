#include "exceptions.h"

static const char set_up[] =
    "OpenSSL notes that a step of setting itself up failed, and never tries it again; it only ends "
    "with the process";

/* Each fails safe: no connection is made that should not be, and no answer is taken for another. */
const exception exceptions[] = {
    {"unusable", "", "libcrypto", "", true, set_up},
    {"unusable", "", "libssl", "", true, set_up},
    {"wrong result", "OpenSSL has no SHA-256", "libcrypto", "", true,
     "OpenSSL does not tell why it finds no algorithm"},
    {"wrong result", "TlsFailed", "libcrypto", "", true,
     "OpenSSL does not tell why it finds no algorithm or random bytes"},
    {"leak", "", "libcrypto", "", true, "OpenSSL's list of names loses the one it is adding"},
    {"wrong result", "TlsFailed", "libcrypto", "SSL certificate problem", false,
     "OpenSSL takes a certificate that it has no memory to read for a bad one"},
    {"wrong result", "certificate subject name 'caws torture' does not match", "libcrypto", "",
     false, "libcurl takes names that OpenSSL has no memory to read for names that are not there"},
    {"wrong result", "TlsFailed", "libcrypto", "couldn't get X509-issuer name", false,
     "libcurl takes a certificate that it has no memory to print for a bad one"},
    {"wrong result", "a kept connection ended without an answer", "libcrypto", "SSL_read", false,
     "libcurl takes a read that OpenSSL had no memory for as the end of the connection"},
    {"wrong result", "Could not resolve host: 127.0.0.1", "libcurl", "", false,
     "libcurl tells nothing else of a look-up that lacked memory; calls try again, but an instance "
     "is "
     "asked once"},
};

const size_t exception_count = sizeof(exceptions) / sizeof(exceptions[0]);

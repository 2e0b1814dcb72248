/* Certificates for the server, made anew for every run. */
#ifndef TORTURE_CERTIFICATES_H
#define TORTURE_CERTIFICATES_H

#include <openssl/ssl.h>

/* A context with a certificate of its own for loopback and for the hosts of logs in us-east-1,
 * which is written to folder/ca.pem too, to be trusted; folder/other-ca.pem is a stranger's. NULL
 * on failure. */
SSL_CTX *torture_tls_context(const char *folder);

#endif

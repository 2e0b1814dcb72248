/* What the scenarios call: a server of AWS's answers, a container and an instance with credentials,
 * and a proxy, in a process of its own. */
#ifndef TORTURE_SERVER_H
#define TORTURE_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct torture_server {
    pid_t pid;
    int plain_port; /* HTTP, and a proxy to the other by CONNECT */
    int tls_port;
} torture_server;

/* Writes the certificates ca.pem, whom to trust, and other-ca.pem, whom not to, into folder. */
bool torture_server_start(torture_server *server, const char *folder);
void torture_server_stop(const torture_server *server);

#endif

/*
 * The sockets of a loop. libcurl opens them through here, so that programs which the host starts do
 * not inherit them, and so that a child which was forked can let go of its parent's.
 */
#ifndef CAWS_SOCKETS_H
#define CAWS_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

typedef struct caws_socket {
    int fd;
    int port; /* its own; 0: not known yet */
} caws_socket;

typedef struct caws_sockets {
    caws_socket *items;
    size_t count;
    size_t capacity;
    bool no_memory; /* for the last one that libcurl wanted */
} caws_sockets;

/* For libcurl, which opens and closes through them from now on. sockets has to outlive every
 * connection. */
CURLcode caws_sockets_use(caws_sockets *sockets, CURL *curl);

/*
 * Cuts the connection from that port of ours off if there is something to read on it, or its end:
 * whatever is sent on it fails from now on. Returns whether it did. Sockets do not block.
 */
bool caws_sockets_cut_unless_quiet(caws_sockets *sockets, int port);

/*
 * In a child after fork: puts something that goes nowhere in the place of each socket. What libcurl
 * and the TLS library write when they close a connection would otherwise reach the server in the
 * middle of what the parent sends.
 */
void caws_sockets_detach(caws_sockets *sockets);

void caws_sockets_clear(caws_sockets *sockets);

#endif

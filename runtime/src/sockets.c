#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool reserve(caws_sockets *sockets)
{
    if (sockets->count < sockets->capacity)
        return true;
    size_t capacity = sockets->capacity == 0 ? 4 : sockets->capacity * 2;
    caws_socket *items = realloc(sockets->items, capacity * sizeof(*items));
    if (items == NULL)
        return false;
    sockets->items = items;
    sockets->capacity = capacity;
    return true;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    caws_sockets *sockets = context;
    (void)purpose;
    sockets->no_memory = !reserve(sockets);
    if (sockets->no_memory)
        return CURL_SOCKET_BAD;
#ifdef SOCK_CLOEXEC
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
    int fd = socket(address->family, address->socktype, address->protocol);
    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
#endif
    if (fd < 0)
        return CURL_SOCKET_BAD;
    sockets->items[sockets->count++] = (caws_socket){fd, 0};
    return fd;
}

static int close_socket(void *context, curl_socket_t socket)
{
    caws_sockets *sockets = context;
    for (size_t i = 0; i < sockets->count; i++)
        if (sockets->items[i].fd == socket) {
            sockets->items[i] = sockets->items[--sockets->count];
            break;
        }
    return close(socket);
}

CURLcode caws_sockets_use(caws_sockets *sockets, CURL *curl)
{
    const CURLcode codes[] = {
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket),
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, sockets),
        curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, close_socket),
        curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, sockets),
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i] != CURLE_OK)
            return codes[i];
    return CURLE_OK;
}

static int own_port(int fd)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t length = sizeof(address);
    in_port_t port = 0;
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return 0;
    if (address.ss_family == AF_INET)
        port = ((const struct sockaddr_in *)&address)->sin_port;
    else if (address.ss_family == AF_INET6)
        port = ((const struct sockaddr_in6 *)&address)->sin6_port;
    return ntohs(port);
}

/* To other hosts there may be connections from the same port: then it is not known. */
static int only_one_at(caws_sockets *sockets, int port)
{
    int found = -1;
    for (size_t i = 0; i < sockets->count; i++) {
        caws_socket *one = &sockets->items[i];
        if (one->port == 0)
            one->port = own_port(one->fd);
        if (one->port != port)
            continue;
        if (found >= 0)
            return -1;
        found = one->fd;
    }
    return found;
}

bool caws_sockets_cut_unless_quiet(caws_sockets *sockets, int port)
{
    char byte = 0;
    int fd = only_one_at(sockets, port);
    if (fd < 0 || (recv(fd, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN))
        return false;
    (void)shutdown(fd, SHUT_RDWR);
    return true;
}

void caws_sockets_detach(caws_sockets *sockets)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (size_t i = 0; i < sockets->count; i++) {
        if (nowhere >= 0 && dup2(nowhere, sockets->items[i].fd) >= 0)
            (void)fcntl(sockets->items[i].fd, F_SETFD, FD_CLOEXEC);
        else
            (void)close(sockets->items[i].fd); /* what is written to it then fails */
    }
    if (nowhere >= 0)
        (void)close(nowhere);
    sockets->count = 0;
}

void caws_sockets_clear(caws_sockets *sockets)
{
    free(sockets->items);
    *sockets = (caws_sockets){.items = NULL};
}

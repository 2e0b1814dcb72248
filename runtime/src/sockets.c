#include "sockets.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool reserve(caws_sockets *sockets)
{
    if (sockets->count < sockets->capacity)
        return true;
    size_t capacity = sockets->capacity == 0 ? 4 : sockets->capacity * 2;
    int *items = realloc(sockets->items, capacity * sizeof(*items));
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
    sockets->items[sockets->count++] = fd;
    return fd;
}

static int close_socket(void *context, curl_socket_t socket)
{
    caws_sockets *sockets = context;
    for (size_t i = 0; i < sockets->count; i++)
        if (sockets->items[i] == socket) {
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

void caws_sockets_detach(caws_sockets *sockets)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (size_t i = 0; i < sockets->count; i++) {
        if (nowhere >= 0 && dup2(nowhere, sockets->items[i]) >= 0)
            (void)fcntl(sockets->items[i], F_SETFD, FD_CLOEXEC);
        else
            (void)close(sockets->items[i]); /* what is written to it then fails */
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

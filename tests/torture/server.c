#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "server.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "answers.h"
#include "certificates.h"

enum { BUFFER = 256 * 1024, COUNTERS = 1 << 24, IDLE_SECONDS = 30 };

static SSL_CTX *context;
static atomic_uint counters[COUNTERS]; /* of requests, by the run's number in the path */

typedef struct listener {
    int socket;
    bool tls;
} listener;

typedef struct peer {
    int socket;
    bool tls;
    SSL *ssl; /* NULL: plain */
    char input[BUFFER];
    size_t have;
    char body[ANSWER_SIZE];
} peer;

static ssize_t receive(peer *p, char *data, size_t size)
{
    return p->ssl != NULL ? SSL_read(p->ssl, data, (int)size) : recv(p->socket, data, size, 0);
}

static bool send_all(peer *p, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = p->ssl != NULL ? SSL_write(p->ssl, data, (int)size)
                                      : send(p->socket, data, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool begin_tls(peer *p)
{
    p->ssl = SSL_new(context);
    return p->ssl != NULL && SSL_set_fd(p->ssl, p->socket) == 1 && SSL_accept(p->ssl) == 1;
}

static bool receive_more(peer *p)
{
    if (p->have >= BUFFER - 1)
        return false;
    ssize_t length = receive(p, p->input + p->have, BUFFER - 1 - p->have);
    if (length <= 0)
        return false;
    p->have += (size_t)length;
    p->input[p->have] = '\0';
    return true;
}

static size_t body_length(const char *head)
{
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, "content-length:", 15) == 0)
            return strtoul(line + 17, NULL, 10);
    return 0;
}

static bool send_answer(peer *p, const request *r)
{
    char head[512];
    answer a = {.body = p->body};
    torture_answer(r, &a);
    if (a.drop)
        return false;
    int length = snprintf(head, sizeof(head),
                          "HTTP/1.1 %d Whatever\r\nx-amzn-RequestId: request-1\r\n%s"
                          "Content-Length: %zu\r\n\r\n",
                          a.status, a.headers, a.length);
    return send_all(p, head, (size_t)length) && send_all(p, a.body, a.length);
}

/* "/name/run/rest": counts for each name and run. */
static unsigned count_request(const char *path, const char *name)
{
    unsigned long run =
        strtoul(path + 1 + strlen(name) + (path[1 + strlen(name)] == '/'), NULL, 10);
    uint32_t sum = 0;
    for (const char *c = name; *c != '\0'; c++)
        sum += (unsigned char)*c;
    return atomic_fetch_add(&counters[((uint32_t)run * 31 + sum % 31) % COUNTERS], 1);
}

static bool serve_request(peer *p)
{
    char *end = NULL;
    char method[16];
    char path[512];
    char name[64] = "";
    p->input[p->have] = '\0';
    while ((end = strstr(p->input, "\r\n\r\n")) == NULL)
        if (!receive_more(p))
            return false;
    end[2] = '\0';
    size_t head = (size_t)(end - p->input) + 4;
    size_t body = body_length(p->input);
    while (p->have < head + body)
        if (!receive_more(p))
            return false;
    if (sscanf(p->input, "%15s %511s", method, path) != 2)
        return false;
    (void)sscanf(path, "/%63[^/?]", name);
    if (strcmp(method, "CONNECT") == 0) {
        p->have = 0;
        return send_all(p, "HTTP/1.1 200 OK\r\n\r\n", 19) && begin_tls(p);
    }
    char after = p->input[head + body];
    p->input[head + body] = '\0';
    const request r = {method, name, path, p->input, p->input + head, count_request(path, name)};
    bool ok = send_answer(p, &r);
    p->input[head + body] = after;
    p->have -= head + body;
    memmove(p->input, p->input + head + body, p->have);
    return ok;
}

static void *serve(void *argument)
{
    peer *p = argument;
    if (!p->tls || begin_tls(p))
        while (serve_request(p)) {
        }
    SSL_free(p->ssl);
    close(p->socket);
    (void)munmap(p, sizeof(*p));
    return NULL;
}

static void *accept_all(void *argument)
{
    const listener *l = argument;
    const struct timeval patience = {IDLE_SECONDS, 0};
    for (int one = 1;;) {
        pthread_t thread;
        int accepted = accept(l->socket, NULL, NULL);
        if (accepted < 0)
            continue;
        /* Not from malloc, which in this program fills what it gives. */
        peer *p =
            mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) {
            close(accepted);
            continue;
        }
        p->socket = accepted;
        p->tls = l->tls;
        (void)setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        (void)setsockopt(accepted, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        if (pthread_create(&thread, NULL, serve, p) == 0) {
            pthread_detach(thread);
        } else {
            close(accepted);
            (void)munmap(p, sizeof(*p));
        }
    }
    return NULL;
}

static int listen_on(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0 || bind(listening, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listening, 256) != 0 ||
        getsockname(listening, (struct sockaddr *)&address, &length) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return listening;
}

/* Never returns. One byte on ready tells that the certificates are there. */
static void run(const char *folder, listener listeners[2], int ready)
{
    pthread_t thread;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    context = torture_tls_context(folder);
    if (context == NULL || pthread_create(&thread, NULL, accept_all, &listeners[1]) != 0 ||
        write(ready, "", 1) != 1)
        _exit(1);
    close(ready);
    (void)accept_all(&listeners[0]);
    _exit(1);
}

bool torture_server_start(torture_server *server, const char *folder)
{
    int ready[2];
    char byte = 0;
    listener listeners[2] = {{listen_on(&server->plain_port), false},
                             {listen_on(&server->tls_port), true}};
    if (listeners[0].socket < 0 || listeners[1].socket < 0 || pipe(ready) != 0)
        return false;
    server->pid = fork();
    if (server->pid == 0) {
        close(ready[0]);
        run(folder, listeners, ready[1]);
    }
    close(ready[1]);
    close(listeners[0].socket);
    close(listeners[1].socket);
    bool ok = server->pid > 0 && read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    return ok;
}

void torture_server_stop(const torture_server *server)
{
    if (server->pid <= 0)
        return;
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
}

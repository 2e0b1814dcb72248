/* Kept connections on which something has been said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockets.h"

/* A connection over loopback, of which ours does not block. */
typedef struct connection {
    int ours;
    int theirs;
    int port; /* ours */
} connection;

static int port_of(const struct sockaddr_storage *address)
{
    return ntohs(address->ss_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port
                                               : ((const struct sockaddr_in6 *)address)->sin6_port);
}

/* Returns false where there is no such family. */
static bool connect_over(int family, connection *c)
{
    struct sockaddr_storage address = {.ss_family = (sa_family_t)family};
    socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    if (family == AF_INET)
        ((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        ((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
    int listener = socket(family, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0) {
        (void)close(listener);
        return false;
    }
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    c->ours = socket(family, SOCK_STREAM, 0);
    assert_int_equal(connect(c->ours, (struct sockaddr *)&address, length), 0);
    c->theirs = accept(listener, NULL, NULL);
    assert_true(c->theirs >= 0);
    assert_int_equal(getsockname(c->ours, (struct sockaddr *)&address, &length), 0);
    c->port = port_of(&address);
    assert_int_equal(fcntl(c->ours, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(close(listener), 0);
    return true;
}

static void disconnect(const connection *c)
{
    (void)close(c->ours);
    (void)close(c->theirs);
}

static void wait_for_bytes(const connection *c)
{
    struct pollfd one = {.fd = c->ours, .events = POLLIN};
    assert_int_equal(poll(&one, 1, 10000), 1);
}

static bool can_send(const connection *c)
{
    return send(c->ours, "x", 1, MSG_NOSIGNAL) == 1;
}

static void what_is_quiet_is_kept(int family)
{
    connection c = {-1, -1, 0};
    if (!connect_over(family, &c))
        return;
    caws_socket item = {c.ours, 0};
    caws_sockets sockets = {.items = &item, .count = 1, .capacity = 1};
    assert_false(caws_sockets_cut_unless_quiet(&sockets, c.port));
    assert_int_equal(item.port, c.port);
    assert_false(caws_sockets_cut_unless_quiet(&sockets, c.port));
    assert_true(can_send(&c));
    assert_int_equal(send(c.theirs, "HTTP/1.1 408", 12, MSG_NOSIGNAL), 12);
    wait_for_bytes(&c);
    assert_false(caws_sockets_cut_unless_quiet(&sockets, c.port + 1)); /* another's */
    assert_true(can_send(&c));
    assert_true(caws_sockets_cut_unless_quiet(&sockets, c.port));
    assert_false(can_send(&c));
    disconnect(&c);
}

static void bytes_that_nobody_asked_for_cut(void **state)
{
    (void)state;
    what_is_quiet_is_kept(AF_INET);
    what_is_quiet_is_kept(AF_INET6);
}

static void an_end_cuts(void **state)
{
    connection c = {-1, -1, 0};
    (void)state;
    assert_true(connect_over(AF_INET, &c));
    caws_socket item = {c.ours, 0};
    caws_sockets sockets = {.items = &item, .count = 1, .capacity = 1};
    assert_int_equal(shutdown(c.theirs, SHUT_WR), 0);
    wait_for_bytes(&c);
    assert_true(caws_sockets_cut_unless_quiet(&sockets, c.port));
    assert_false(can_send(&c));
    disconnect(&c);
}

/* A port may be that of connections to several hosts. */
static void in_doubt_nothing_is_cut(void **state)
{
    connection first = {-1, -1, 0};
    connection second = {-1, -1, 0};
    (void)state;
    assert_true(connect_over(AF_INET, &first));
    assert_true(connect_over(AF_INET, &second));
    caws_socket items[] = {{first.ours, 0}, {second.ours, first.port}};
    caws_sockets sockets = {.items = items, .count = 2, .capacity = 2};
    assert_int_equal(send(first.theirs, "x", 1, MSG_NOSIGNAL), 1);
    wait_for_bytes(&first);
    assert_false(caws_sockets_cut_unless_quiet(&sockets, first.port));
    assert_true(can_send(&first));
    assert_true(can_send(&second));
    disconnect(&first);
    disconnect(&second);
}

/* Sockets that are not connected yet, or of another kind, have no port. */
static void others_are_nobodys(void **state)
{
    int pair[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    caws_socket items[] = {{-1, 0}, {pair[0], 0}};
    caws_sockets sockets = {.items = items, .count = 2, .capacity = 2};
    assert_int_equal(send(pair[1], "x", 1, MSG_NOSIGNAL), 1);
    assert_false(caws_sockets_cut_unless_quiet(&sockets, 80));
    assert_int_equal(send(pair[0], "x", 1, MSG_NOSIGNAL), 1);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_nobody_asked_for_cut),
        cmocka_unit_test(an_end_cuts),
        cmocka_unit_test(in_doubt_nothing_is_cut),
        cmocka_unit_test(others_are_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

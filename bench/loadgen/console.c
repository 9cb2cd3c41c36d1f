/* The console: a banner, then an answer to each command of six bytes.
 *
 *     5 . . . . .       a pointer event, answered with ANSWER_BYTES
 *     F . K K K K       an update is wanted, answered with K KiB (big endian)
 *     X . . . . .       it ends, once everything is sent
 *     R . . . . .       it resets the connection
 *
 * A viewer that has ended its own direction still gets what it asked for.
 * What it sends is one endless pattern, so that a viewer can check it.
 */
#define _GNU_SOURCE
#include "loadgen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SENDS_A_TURN 2 /* bounded, so that one session's bulk is not another one's latency */
#define ACCEPTS_A_TURN 64
#define SEND_BYTES (1u << 18)

struct screen {
    uint64_t to_send, offset;
    int count, ending;
    uint32_t watched;
    unsigned char command[COMMAND_BYTES];
};
static struct screen *screens;

static int listen_on(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (void *)&address, sizeof address) || listen(fd, 4096)) die("listen");
    watch(fd, EPOLL_CTL_ADD, EPOLLIN);
    return fd;
}

static int flush(int fd) {
    struct screen *s = &screens[fd];
    for (int turn = 0; s->to_send && turn < SENDS_A_TURN; turn++) {
        size_t at = s->offset % PATTERN_BYTES, count = PATTERN_BYTES - at;
        if (count > SEND_BYTES) count = SEND_BYTES;
        if (count > s->to_send) count = s->to_send;
        ssize_t sent = send(fd, pattern + at, count, 0);
        if (sent < 0) {
            if (errno != EAGAIN) return -1;
            break;
        }
        s->to_send -= sent;
        s->offset += sent;
    }
    if (s->ending && !s->to_send) return -1;
    uint32_t wanted = (s->ending ? 0 : EPOLLIN) | (s->to_send ? EPOLLOUT : 0);
    if (s->watched != wanted) watch(fd, EPOLL_CTL_MOD, s->watched = wanted);
    return 0;
}

/* What the kernel does at the close of a socket that lingers no time at all. */
static int reset(int fd) {
    struct linger none = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    return -1;
}

static int obey(int fd) {
    struct screen *s = &screens[fd];
    ssize_t count = recv(fd, scratch, 65536, 0);
    if (count < 0) return errno == EAGAIN ? 0 : -1;
    if (!count) s->ending = 1;
    for (ssize_t i = 0; i < count; i++) {
        unsigned char *c = s->command;
        c[s->count++] = scratch[i];
        if (s->count < COMMAND_BYTES) continue;
        s->count = 0;
        if (c[0] == 5)
            s->to_send += ANSWER_BYTES;
        else if (c[0] == 'F')
            s->to_send += 1024ull * ((uint32_t)c[2] << 24 | c[3] << 16 | c[4] << 8 | c[5]);
        else if (c[0] == 'X')
            s->ending = 1;
        else if (c[0] == 'R')
            return reset(fd);
        else
            return -1; /* the proxy has damaged the stream */
    }
    return flush(fd);
}

static void accept_some(int listening) {
    for (int i = 0, fd; i < ACCEPTS_A_TURN && (fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0; i++) {
        if (fd >= MAX_FD) {
            close(fd);
            continue;
        }
        nodelay(fd);
        screens[fd] = (struct screen){.watched = EPOLLIN};
        watch(fd, EPOLL_CTL_ADD, EPOLLIN);
        send(fd, banner, BANNER_BYTES, 0);
    }
}

int console(int port) {
    struct epoll_event events[EVENTS];
    screens = calloc(MAX_FD, sizeof *screens);
    int listening = listen_on(port);
    puts("READY");
    fflush(stdout);
    for (;;) {
        int count = wait_for(-1, events);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd, bad = 0;
            if (fd == listening) {
                accept_some(listening);
                continue;
            }
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) bad = obey(fd);
            if (!bad && events[i].events & EPOLLOUT) bad = flush(fd);
            if (bad) close(fd);
        }
    }
}

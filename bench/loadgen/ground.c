/* The clock, epoll, and the bytes that a console sends. */
#define _GNU_SOURCE
#include "loadgen.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

const char banner[BANNER_BYTES + 1] = "RFB 003.008\n";
unsigned char *pattern, scratch[1 << 18];
static int poller;

void die(const char *what) {
    perror(what);
    exit(1);
}

int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void nodelay(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void watch(int fd, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(poller, operation, fd, &event) < 0) die("epoll_ctl");
}

/* Wait, less than a millisecond too; for ever if the time is negative. */
int wait_for(int64_t nanoseconds, struct epoll_event *events) {
    struct timespec t = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    int count = epoll_pwait2(poller, events, EVENTS, nanoseconds < 0 ? NULL : &t, NULL);
    return count < 0 ? 0 : count;
}

void prepare(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    pattern = malloc(PATTERN_BYTES);
    if (!pattern) die("malloc");
    for (uint32_t i = 0, x = 12345; i < PATTERN_BYTES; i++) {
        x = x * 1664525u + 1013904223u;
        pattern[i] = x >> 24;
    }
    if ((poller = epoll_create1(0)) < 0) die("epoll_create1");
}

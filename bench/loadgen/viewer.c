/* Sessions as a viewer sees them: connect, say the preamble, check the banner, read. */
#define _GNU_SOURCE
#include "loadgen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FULL_READ 65536 /* a shorter one has drained the socket */

static enum { RAW, XVP, WEBSOCKET } mode;
static struct sockaddr_in proxy;
struct session *sessions;
int *session_of_fd;
int errors, opened, verify, frame_kib; /* frame_kib: what a paced request asks for; 0: a pointer event */
const char *token_prefix = "";
int token_count = 1;

void viewer_prepare(int slots, int port, const char *name) {
    tls = !strcmp(name, "tls") || !strcmp(name, "xvps") || !strcmp(name, "wss");
    mode = !strncmp(name, "xvp", 3) ? XVP : !strncmp(name, "ws", 2) ? WEBSOCKET : RAW;
    proxy = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.1", &proxy.sin_addr);
    sessions = calloc(slots, sizeof *sessions);
    session_of_fd = calloc(MAX_FD, sizeof *session_of_fd);
    if (!sessions || !session_of_fd) die("calloc");
}

void session_close(struct session *s) {
    tls_end(s, s->state == OPEN);
    close(s->fd);
    s->fd = -1;
}

void session_fail(struct session *s, const char *why) {
    if (s->state == DEAD) return;
    if (errors++ < 3)
        fprintf(stderr, "session %ld: %s (errno %d, state %d, '%.40s')\n", (long)(s - sessions), why, errno, s->state,
                s->status_line);
    if (s->state == OPEN) opened--;
    s->state = DEAD;
    tls_end(s, 0);
    close(s->fd);
}

void session_start(struct session *s) {
    *s = (struct session){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), .began = now()};
    if (s->fd < 0 || s->fd >= MAX_FD) die("socket");
    nodelay(s->fd);
    session_of_fd[s->fd] = s - sessions;
    if (connect(s->fd, (void *)&proxy, sizeof proxy) && errno != EINPROGRESS) {
        session_fail(s, "connect");
        return;
    }
    watch(s->fd, EPOLL_CTL_ADD, EPOLLOUT);
}

/* To the console; as a masked binary frame where the leg is a WebSocket. */
static void say(struct session *s, const unsigned char *data, int count) {
    unsigned char frame[6 + COMMAND_BYTES];
    if (mode == WEBSOCKET) {
        uint32_t mask = (uint32_t)now() * 2654435761u;
        frame[0] = 0x82;
        frame[1] = 0x80 | count;
        memcpy(frame + 2, &mask, 4);
        for (int i = 0; i < count; i++) frame[6 + i] = data[i] ^ frame[2 + i % 4];
        data = frame;
        count += 6;
    }
    if (leg_send(s, data, count) != count) session_fail(s, "send");
}

void ask_bytes(struct session *s, uint32_t kib) {
    unsigned char command[COMMAND_BYTES] = {'F', 0, kib >> 24, kib >> 16, kib >> 8, kib};
    s->expected += 1024ull * kib;
    say(s, command, COMMAND_BYTES);
}

/* A request whose answer is timed from `at`. */
void ask(struct session *s, int64_t at) {
    static const unsigned char pointer[COMMAND_BYTES] = {5, 0, 1, 2, 3, 4};
    if (s->sent - s->answered >= RING) {
        errors++; /* the proxy does not keep up */
        return;
    }
    s->sent_at[s->sent++ % RING] = at;
    if (frame_kib) {
        ask_bytes(s, frame_kib);
        return;
    }
    s->expected += ANSWER_BYTES;
    say(s, pointer, COMMAND_BYTES);
}

static void take(struct session *s, const unsigned char *data, uint64_t count) {
    while (count && s->state == BANNER) {
        if (*data++ != (unsigned char)banner[s->banner_count++]) {
            session_fail(s, "banner");
            return;
        }
        count--;
        if (s->banner_count == BANNER_BYTES) {
            s->state = OPEN;
            opened++;
        }
    }
    if (verify)
        for (uint64_t i = 0; i < count; i++)
            if (data[i] != pattern[(s->received + i) % PATTERN_BYTES]) {
                session_fail(s, "content");
                return;
            }
    s->received += count;
}

/* Frames from a server are not masked; only those with data count. */
static void take_frames(struct session *s, const unsigned char *data, ssize_t count) {
    while (count && s->state != DEAD) {
        if (s->frame_left) {
            uint64_t part = (uint64_t)count < s->frame_left ? (uint64_t)count : s->frame_left;
            if ((s->frame_head[0] & 15) <= 2) take(s, data, part);
            s->frame_left -= part;
            data += part;
            count -= part;
            continue;
        }
        s->frame_head[s->frame_head_count++] = *data++;
        count--;
        int length = s->frame_head_count < 2 ? 0 : s->frame_head[1] & 127;
        int head = length == 126 ? 4 : length == 127 ? 10 : 2;
        if (s->frame_head_count < head) continue;
        s->frame_left = head == 2 ? (uint64_t)length : 0;
        for (int i = 2; i < head; i++) s->frame_left = s->frame_left << 8 | s->frame_head[i];
        s->frame_head_count = 0;
    }
}

static void arrived(struct session *s, const unsigned char *data, ssize_t count) {
    while (count && s->state == HEAD) {
        if (s->head_count < (int)sizeof s->status_line - 1) s->status_line[s->head_count++] = *data;
        s->head_end = *data == "\r\n\r\n"[s->head_end] ? s->head_end + 1 : *data == '\r';
        data++;
        count--;
        if (s->head_end == 4) {
            if (!strstr(s->status_line, mode == WEBSOCKET ? " 101" : " 200")) {
                session_fail(s, "refused");
                return;
            }
            s->state = BANNER;
        }
    }
    if (mode == WEBSOCKET)
        take_frames(s, data, count);
    else
        take(s, data, count);
}

static void hello(struct session *s) {
    static unsigned number;
    char request[512];
    s->state = mode == RAW ? BANNER : HEAD;
    if (mode == RAW) return;
    int count = snprintf(
        request, sizeof request,
        mode == WEBSOCKET ? "GET /console?token=%s%012d HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: binary\r\n\r\n"
                          : "CONNECT /console?token=%s%012d HTTP/1.0\r\n\r\n",
        token_prefix, (int)(number++ % token_count));
    if (leg_send(s, request, count) != count) session_fail(s, "send");
}

static void connected(struct session *s) {
    int status = 0;
    socklen_t size = sizeof status;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &status, &size);
    if (status) {
        errno = status;
        session_fail(s, "connect");
        return;
    }
    watch(s->fd, EPOLL_CTL_MOD, EPOLLIN);
    if (tls)
        s->state = SHAKING;
    else
        hello(s);
}

static void happened(struct session *s) {
    if (s->state == CONNECTING) {
        connected(s);
        if (!tls) return;
    }
    if (s->state == SHAKING) {
        int result = tls_shake(s);
        if (result < 0) session_fail(s, "TLS handshake");
        if (result > 0) hello(s);
        if (s->state != BANNER) return;
    }
    for (int turn = 0; turn < (tls ? 32 : 8) && s->state != DEAD; turn++) {
        /* Bytes that nobody looks at need not be copied out of the kernel. */
        int drop = s->state == OPEN && mode != WEBSOCKET && !verify && !tls;
        ssize_t count = drop ? recv(s->fd, NULL, 16 << 20, MSG_TRUNC) : leg_receive(s, scratch, sizeof scratch);
        if (count == 0) {
            session_fail(s, "closed by the proxy");
            return;
        }
        if (count < 0) {
            if (errno != EAGAIN) session_fail(s, "receive");
            return;
        }
        if (drop)
            s->received += count;
        else
            arrived(s, scratch, count);
        if (count < (tls ? 1 : FULL_READ)) return;
    }
}

/* Wait, and let every session with something to read read it. */
int serve(int64_t nanoseconds, struct epoll_event *events) {
    int count = wait_for(nanoseconds, events);
    for (int i = 0; i < count; i++) {
        struct session *s = &sessions[session_of_fd[events[i].data.fd]];
        if (s->state != DEAD) happened(s);
    }
    return count;
}

/* Open `count` sessions, so many at once; whether all of them opened in time. */
int establish(int count, int at_once, double seconds) {
    struct epoll_event events[EVENTS];
    int64_t end = now() + seconds * 1e9;
    int started = 0;
    while (opened + errors < count && now() < end) {
        while (started < count && started - opened - errors < at_once) session_start(&sessions[started++]);
        serve(100000000, events);
    }
    return opened == count;
}

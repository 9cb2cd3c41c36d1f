/* What the parts of the load generator share; main.c says what it does. */
#ifndef LOADGEN_H
#define LOADGEN_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

#ifdef WITH_TLS
#include <openssl/ssl.h>
#else
typedef void SSL;
#endif

#define PATTERN_BYTES (1u << 20)
#define ANSWER_BYTES 32
#define COMMAND_BYTES 6
#define BANNER_BYTES 12
#define EVENTS 512
#define MAX_FD 70000
#define MAX_ERRORS 1000

/* ground.c: the clock, epoll, and the bytes that a console sends */
extern unsigned char *pattern, scratch[1 << 18];
extern const char banner[BANNER_BYTES + 1];

void die(const char *what);
int64_t now(void);
void nodelay(int fd);
void watch(int fd, int operation, uint32_t events);
int wait_for(int64_t nanoseconds, struct epoll_event *events);
void prepare(void);

/* console.c */
int console(int port);

/* viewer.c: sessions as a viewer sees them */
enum state { CONNECTING, SHAKING, HEAD, BANNER, OPEN, DEAD };
#define RING 64 /* requests of one session that may be under way */

struct session {
    int fd;
    enum state state;
    int head_end, head_count, banner_count;
    uint64_t received, expected;
    int64_t began, sent_at[RING];
    unsigned sent, answered; /* positions in the ring */
    unsigned char frame_head[14];
    int frame_head_count;
    uint64_t frame_left;
    SSL *ssl;
    char status_line[64];
};

extern struct session *sessions;
extern int *session_of_fd;
extern int errors, opened, verify, frame_kib;
extern const char *token_prefix;
extern int token_count;

void viewer_prepare(int slots, int port, const char *mode);
void session_start(struct session *s);
void session_close(struct session *s);
void session_fail(struct session *s, const char *why);
void ask_bytes(struct session *s, uint32_t kib);
void ask(struct session *s, int64_t at);
int serve(int64_t nanoseconds, struct epoll_event *events);
int establish(int count, int at_once, double seconds);

/* tls.c: raw bytes, or the same inside TLS 1.3 */
extern int tls, resume_sessions, resumed;

void tls_prepare(const char *cipher);
int tls_shake(struct session *s);
void tls_end(struct session *s, int tidy);
ssize_t leg_send(struct session *s, const void *data, size_t count);
ssize_t leg_receive(struct session *s, void *data, size_t count);

/* load.c: what is measured */
struct load {
    const char *test;
    int count, at_once;
    double seconds, limit, rate;
    uint32_t chunk_kib;
};

int touch_all(int count, double seconds);
void run(const struct load *load);

#endif

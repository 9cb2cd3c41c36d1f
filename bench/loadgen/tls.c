/* A leg: raw bytes, or the same inside TLS 1.3. The proxy's certificate is not checked. */
#define _GNU_SOURCE
#include "loadgen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int tls, resume_sessions, resumed;

#ifdef WITH_TLS
#include <openssl/err.h>

static SSL_CTX *context;
static SSL_SESSION *ticket;

static int keep_ticket(SSL *ssl, SSL_SESSION *fresh) {
    (void)ssl;
    SSL_SESSION_free(ticket);
    ticket = SSL_SESSION_dup(fresh);
    return 0;
}

/* A copy each: OpenSSL bars a ticket from further use once a handshake with it is through. */
static void show_ticket(SSL *ssl) {
    SSL_SESSION *own = SSL_SESSION_dup(ticket);
    SSL_set_session(ssl, own);
    SSL_SESSION_free(own);
}

void tls_prepare(const char *cipher) {
    context = SSL_CTX_new(TLS_client_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
        !SSL_CTX_set_ciphersuites(context, cipher)) {
        fprintf(stderr, "cannot set up TLS with %s\n", cipher);
        exit(2);
    }
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (resume_sessions) {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, keep_ticket);
    }
}

/* 1: done, 0: not yet, -1: failed */
int tls_shake(struct session *s) {
    if (!s->ssl) {
        s->ssl = SSL_new(context);
        SSL_set_fd(s->ssl, s->fd);
        if (resume_sessions && ticket) show_ticket(s->ssl);
    }
    ERR_clear_error();
    int result = SSL_connect(s->ssl), error = SSL_get_error(s->ssl, result);
    if (result == 1) {
        resumed += SSL_session_reused(s->ssl);
        return 1;
    }
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

void tls_end(struct session *s, int tidy) {
    if (!s->ssl) return;
    if (tidy) SSL_shutdown(s->ssl);
    ERR_clear_error();
    SSL_free(s->ssl);
    s->ssl = NULL;
}

static ssize_t tls_receive(struct session *s, void *data, size_t count) {
    ERR_clear_error();
    int result = SSL_read(s->ssl, data, count), error = SSL_get_error(s->ssl, result);
    if (result > 0) return result;
    if (error == SSL_ERROR_WANT_READ) errno = EAGAIN;
    if (error == SSL_ERROR_SSL) errno = EPROTO;
    return error == SSL_ERROR_ZERO_RETURN || (error == SSL_ERROR_SYSCALL && !errno) ? 0 : -1;
}
#else
void tls_prepare(const char *cipher) {
    fprintf(stderr, "built without TLS: %s is out of reach\n", cipher);
    exit(2);
}

int tls_shake(struct session *s) {
    (void)s;
    return -1;
}

void tls_end(struct session *s, int tidy) {
    (void)s;
    (void)tidy;
}
#endif

ssize_t leg_send(struct session *s, const void *data, size_t count) {
#ifdef WITH_TLS
    if (tls) return SSL_write(s->ssl, data, count);
#endif
    return send(s->fd, data, count, 0);
}

/* As recv: 0 at the end, -1 with EAGAIN when there is nothing; at most one TLS record. */
ssize_t leg_receive(struct session *s, void *data, size_t count) {
#ifdef WITH_TLS
    if (tls) return tls_receive(s, data, count);
#endif
    return recv(s->fd, data, count, 0);
}

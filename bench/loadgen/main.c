/* The load generator of the benchmark, and the console behind the proxies.
 *
 *     loadgen console PORT
 *     loadgen viewer port=PORT mode=MODE test=TEST [NAME=VALUE]...
 *
 * A viewer opens sessions through a proxy on loopback in mode raw, xvp or ws,
 * or the same inside TLS 1.3 (tls, xvps, wss; if built with -DWITH_TLS), prints
 * READY, waits for a line, runs TEST (bulk, ping, paced, setup, idle), prints one
 * JSON line, and holds its sessions until the next line or the end of its input.
 */
#define _GNU_SOURCE
#include "loadgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *cipher = "TLS_AES_128_GCM_SHA256", *mode_name = "raw";
static int port, touching;
static struct load load = {.test = "ping", .count = 1, .at_once = 50, .seconds = 1, .limit = 20, .rate = 20,
                           .chunk_kib = 8192};

static void usage(const char *what) {
    fprintf(stderr, "%s: see the head of main.c\n", what);
    exit(2);
}

static void set(const char *name, const char *value) {
    if (!strcmp(name, "test")) load.test = value;
    else if (!strcmp(name, "port")) port = atoi(value);
    else if (!strcmp(name, "mode")) mode_name = value;
    else if (!strcmp(name, "sessions")) load.count = atoi(value);
    else if (!strcmp(name, "at_once")) load.at_once = atoi(value);
    else if (!strcmp(name, "seconds")) load.seconds = atof(value);
    else if (!strcmp(name, "limit")) load.limit = atof(value); /* seconds beyond its end, and to open */
    else if (!strcmp(name, "rate")) load.rate = atof(value);   /* requests a second and session */
    else if (!strcmp(name, "chunk_kib")) load.chunk_kib = atoi(value);
    else if (!strcmp(name, "frame_kib")) frame_kib = atoi(value);
    else if (!strcmp(name, "verify")) verify = atoi(value);
    else if (!strcmp(name, "touch")) touching = atoi(value);
    else if (!strcmp(name, "resume")) resume_sessions = atoi(value);
    else if (!strcmp(name, "cipher")) cipher = value;
    else if (!strcmp(name, "token_prefix")) token_prefix = value;
    else if (!strcmp(name, "tokens")) token_count = atoi(value);
    else usage(name);
}

/* The harness closes our input when it wants no more of us. */
static void wait_for_line(void) {
    char line[64];
    if (!fgets(line, sizeof line, stdin)) exit(0);
}

/* A first session, so that all those that are measured have a ticket to show. */
static void fetch_ticket(double seconds) {
    if (!establish(1, 1, seconds)) fprintf(stderr, "no session to fetch a ticket with\n");
    if (sessions[0].state == OPEN) session_close(&sessions[0]);
    opened = resumed = 0;
}

int main(int argc, char **argv) {
    prepare();
    if (argc == 3 && !strcmp(argv[1], "console")) return console(atoi(argv[2]));
    if (argc < 3 || strcmp(argv[1], "viewer")) usage("loadgen");
    for (int i = 2; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) usage(argv[i]);
        *value++ = 0;
        set(argv[i], value);
    }
    if (load.count < 1 || load.at_once < 1 || token_count < 1 || load.rate <= 0) usage("a number");
    int setup = !strcmp(load.test, "setup");
    viewer_prepare(setup ? load.at_once : load.count, port, mode_name);
    if (tls) tls_prepare(cipher);
    if (setup && resume_sessions) fetch_ticket(load.limit);
    if (!setup && !establish(load.count, load.at_once, load.limit))
        fprintf(stderr, "only %d of %d sessions opened\n", opened, load.count);
    if (touching && !touch_all(load.count, load.limit)) {
        fprintf(stderr, "not all answers came\n");
        errors++;
    }
    puts("READY");
    fflush(stdout);
    wait_for_line();
    run(&load);
    wait_for_line();
    return 0;
}

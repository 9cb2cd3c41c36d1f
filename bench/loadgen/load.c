/* What is measured: each test runs for a while over sessions and prints one line of JSON. */
#define _GNU_SOURCE
#include "loadgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAVE 50

static uint32_t *samples; /* nanoseconds, at most about four seconds */
static size_t sample_count, sample_room;
static uint64_t done;

static void sample(int64_t nanoseconds) {
    if (sample_count == sample_room) {
        sample_room = sample_room ? sample_room * 2 : 65536;
        samples = realloc(samples, sample_room * sizeof *samples);
        if (!samples) die("realloc");
    }
    samples[sample_count++] = nanoseconds > 4000000000LL ? 4000000000u : nanoseconds;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile(double p) { return sample_count ? samples[(size_t)(p * (sample_count - 1))] / 1e3 : -1; }

static struct session *told_by(const struct epoll_event *event) { return &sessions[session_of_fd[event->data.fd]]; }

static int unanswered(int first, int count) {
    int waiting = 0;
    for (struct session *s = sessions + first; s < sessions + first + count; s++)
        waiting += s->state == OPEN && s->received < s->expected;
    return waiting;
}

/* One round trip on each session, so that whatever a proxy allocates late is there. In waves: all of them at once would
 * measure how much a proxy buffers. Whether all answers came within `seconds`. */
int touch_all(int count, double seconds) {
    struct epoll_event events[EVENTS];
    int64_t end = now() + seconds * 1e9;
    for (int first = 0; first < count; first += WAVE) {
        int size = count - first < WAVE ? count - first : WAVE;
        for (struct session *s = sessions + first; s < sessions + first + size; s++)
            if (s->state == OPEN) ask(s, now());
        while (unanswered(first, size) && now() < end) serve(20000000, events);
    }
    for (int i = 0; i < count; i++) sessions[i].answered = sessions[i].sent;
    return !unanswered(0, count);
}

/* Updates of `chunk_kib`, two of them asked for ahead, as fast as they come. */
static void bulk(const struct load *load, int64_t stop, int64_t last) {
    struct epoll_event events[EVENTS];
    for (int i = 0; i < load->count; i++)
        for (int ahead = 0; ahead < 2; ahead++)
            if (sessions[i].state == OPEN) ask_bytes(&sessions[i], load->chunk_kib);
    for (int busy = 1; busy && opened && now() < last;) {
        int count = serve(1000000000, events);
        busy = now() < stop;
        for (int i = 0; busy && i < count; i++) {
            struct session *s = told_by(&events[i]);
            while (s->state == OPEN && s->expected - s->received <= 1024ull * load->chunk_kib)
                ask_bytes(s, load->chunk_kib);
        }
        if (!busy) busy = unanswered(0, load->count);
    }
}

/* Closed loop: the next request once the answer is there. */
static void ping(const struct load *load, int64_t stop, int64_t last) {
    struct epoll_event events[EVENTS];
    for (int i = 0; i < load->count; i++)
        if (sessions[i].state == OPEN) ask(&sessions[i], now());
    for (int busy = 1; busy && opened && now() < last;) {
        int count = serve(1000000000, events);
        int64_t moment = now();
        for (int i = 0; i < count; i++) {
            struct session *s = told_by(&events[i]);
            if (s->state != OPEN || s->received < s->expected) continue;
            sample(moment - s->sent_at[s->answered++ % RING]);
            done++;
            if (moment < stop) ask(s, now());
        }
        busy = moment < stop || unanswered(0, load->count);
    }
}

/* Open loop: requests at fixed times, and latency counts from those times. */
static void paced(const struct load *load, int64_t start, int64_t last) {
    struct epoll_event events[EVENTS];
    uint64_t asked = 0, total = load->seconds * load->rate * load->count, waiting = 0;
    uint64_t unit = frame_kib ? 1024ull * frame_kib : ANSWER_BYTES;
    double gap = 1e9 / (load->rate * load->count);
    uint64_t *seen = calloc(load->count, sizeof *seen);
    for (int i = 0; i < load->count; i++) seen[i] = sessions[i].received;
    while ((asked < total || waiting) && opened && now() < last) {
        int64_t moment = now(), due = start + (int64_t)(asked * gap);
        while (asked < total && due <= moment) {
            struct session *s = &sessions[asked % load->count];
            unsigned before = s->sent;
            if (s->state == OPEN) ask(s, due);
            waiting += s->sent != before;
            due = start + (int64_t)(++asked * gap);
        }
        moment = now();
        int count = serve(asked < total ? (due > moment ? due - moment : 0) : 10000000, events);
        moment = now();
        for (int i = 0; i < count; i++) {
            struct session *s = told_by(&events[i]);
            uint64_t *mark = &seen[s - sessions];
            for (; s->received - *mark >= unit; *mark += unit) {
                sample(moment - s->sent_at[s->answered++ % RING]);
                done++;
                waiting--;
            }
        }
    }
    free(seen);
}

/* Whole sessions, `at_once` of them: connect, first bytes of the console, close, again. */
static void set_up(const struct load *load, int64_t stop, int64_t last) {
    struct epoll_event events[EVENTS];
    for (int i = 0; i < load->at_once; i++) session_start(&sessions[i]);
    for (int live = load->at_once; live && now() < last;) {
        int count = serve(1000000000, events);
        int64_t moment = now();
        for (int i = 0; i < count; i++) {
            struct session *s = told_by(&events[i]);
            if (s->fd < 0 || (s->state != OPEN && s->state != DEAD)) continue;
            if (s->state == OPEN) {
                sample(moment - s->began);
                done++;
                session_close(s);
            }
            s->fd = -1;
            s->state = DEAD;
            if (moment < stop && errors < MAX_ERRORS)
                session_start(s);
            else
                live--;
        }
    }
}

void run(const struct load *load) {
    int64_t start = now(), stop = start + load->seconds * 1e9, last = stop + load->limit * 1e9;
    int holding = strcmp(load->test, "setup") ? load->count : 0;
    uint64_t before = 0, after = 0;
    for (int i = 0; i < holding; i++) before += sessions[i].received;
    if (!strcmp(load->test, "bulk"))
        bulk(load, stop, last);
    else if (!strcmp(load->test, "ping"))
        ping(load, stop, last);
    else if (!strcmp(load->test, "paced"))
        paced(load, start, last);
    else if (!strcmp(load->test, "setup"))
        set_up(load, stop, last);
    double seconds = (now() - start) / 1e9;
    for (int i = 0; i < holding; i++) after += sessions[i].received;
    if (sample_count) qsort(samples, sample_count, sizeof *samples, ascending);
    printf("{\"seconds\":%.6f,\"bytes\":%llu,\"done\":%llu,\"open\":%d,\"errors\":%d,\"resumed\":%d,"
           "\"p50_us\":%.2f,\"p99_us\":%.2f,\"max_us\":%.2f}\n",
           seconds, (unsigned long long)(after - before), (unsigned long long)done, holding ? opened : 0, errors,
           resumed, percentile(.5), percentile(.99), percentile(1));
    fflush(stdout);
}

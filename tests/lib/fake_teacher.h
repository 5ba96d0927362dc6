/*
 * fake_teacher: a chat-completions server on the loopback that misbehaves as told, one thread for
 * each connection. The first part of a request's path names the script that answers it:
 * http://127.0.0.1:PORT/NAME/v1. A script may also be bytes that are not HTTP.
 */
#ifndef TESTS_LIB_FAKE_TEACHER_H
#define TESTS_LIB_FAKE_TEACHER_H

#include <stdbool.h>
#include <stddef.h>

enum fake_act {
    FAKE_END,    /* the connection stays for the next request */
    FAKE_SEND,   /* text, n times (0: once) */
    FAKE_DRIP,   /* text again and again, every few milliseconds, until the client has gone */
    FAKE_STALL,  /* nothing until the client has gone */
    FAKE_GATHER, /* wait until n requests have got here */
    FAKE_CLOSE,
    FAKE_RESET, /* close with RST */
};

struct fake_step {
    enum fake_act act;
    const char *text;
    size_t n;
};

struct fake_script {
    const char *name;
    struct fake_step steps[8];
};

struct fake_counts {
    size_t connections, requests, gathered;
    size_t repeated; /* requests whose bytes are those of the one before */
};

struct fake_teacher;

/* fake_teacher_start(scripts, n): listens; the scripts must outlive it. Asserts that all went well.
 */
struct fake_teacher *fake_teacher_start(const struct fake_script *scripts, size_t n);
/* fake_teacher_stop(f): cuts all connections, ends all threads. */
void fake_teacher_stop(struct fake_teacher *f);
int fake_teacher_port(const struct fake_teacher *f);
struct fake_counts fake_teacher_counts(struct fake_teacher *f);
/* fake_teacher_request(f, text, size): the bytes of the last request, as a C string. */
void fake_teacher_request(struct fake_teacher *f, char *text, size_t size);

#endif

/*
 * faults: what can go wrong with an answer, and how often. A fault of the transport means that no
 * whole answer arrives; it may strike one attempt and not the next. A fault of the content is a
 * whole answer without a usable verdict; it belongs to the request and is the same each time.
 */
#ifndef SIM_TEACHER_FAULTS_H
#define SIM_TEACHER_FAULTS_H

#include "base/err.h"
#include "base/slice.h"

/* name, its text, help */
#define FAULTS(X)                                                   \
    X(NONE, "", "")                                                 \
    X(429, "429", "too many requests, Retry-After 1")               \
    X(500, "500", "internal server error")                          \
    X(503, "503", "overloaded")                                     \
    X(HANG, "hang", "never answers")                                \
    X(DROP, "drop", "closes before or in the middle of the answer") \
    X(TRUNCATE, "truncate", "ends before the length it announced")  \
    X(BADJSON, "badjson", "200 with broken JSON")                   \
    X(ERROR200, "error200", "200 with an error inside")             \
    X(DRIP, "drip", "the answer comes slowly, over three seconds")  \
    X(NO_VERDICT, "no_verdict", "prose without a verdict")          \
    X(TIE, "tie", "calls it a tie")                                 \
    X(BOTH, "both", "names both answers as the better one")         \
    X(UNCLOSED, "unclosed", "never closes the thought")             \
    X(LENGTH, "length", "cut off, finish_reason length")            \
    X(REFUSED, "refused", "finish_reason content_filter")           \
    X(EMPTY, "empty", "an answer without text")

enum fault {
#define X(name, text, help) FAULT_##name,
    FAULTS(X)
#undef X
        FAULT_COUNT
};

struct faults {
    double rates[FAULT_COUNT];
};

/* faults_add(f, "429=0.05", e): the rates of one group (transport, content) may not sum to over 1.
 */
bool faults_add(struct faults *f, const char *assignment, struct err *e);
/* faults_transport(f, attempt): a fault of the transport or NONE; `attempt` is a hash of the
 * request and how often it was seen. */
enum fault faults_transport(const struct faults *f, uint64_t attempt);
/* faults_content(f, answer): a fault of the content or NONE; `answer`: a hash of the request and of
 * which of its answers this is. */
enum fault faults_content(const struct faults *f, uint64_t answer);
const char *faults_name(enum fault v);
/* faults_refuses(v): answered at once, without generating anything (429, 500, 503), or never
 * (hang). */
bool faults_refuses(enum fault v);
/* faults_spoils(v): no whole answer arrives. */
bool faults_spoils(enum fault v);

#endif

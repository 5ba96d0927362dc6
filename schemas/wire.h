/*
 * wire: the messages between coordinator and worker, as field lists. Struct, encoder and
 * bounds-checked decoder of each message come from its list. PROTOCOL.md has the life cycle and
 * what every message means in every state. Integers are little-endian; a text is a 32-bit length
 * and its bytes; an id is 16 bytes. One frame holds any number of messages, each with a 32-bit
 * length before it.
 */
#ifndef SCHEMAS_WIRE_H
#define SCHEMAS_WIRE_H

#include "base/buf.h"
#include "schemas/call.h"

#define WIRE_VERSION 3

/* F(kind, field): kind is one of u8, u16, u32, u64, i64, id, text. */
#define WIRE_HELLO(F) \
    F(u32, version)   \
    F(text, program)  \
    F(id, worker) F(u32, slots) F(u32, read_ahead) F(u32, pid) F(text, host) F(u8, local)
#define WIRE_WELCOME(F) F(u32, version) F(u64, epoch) F(u32, lease_ms) F(text, project)
#define WIRE_CALL(F) \
    F(u64, attempt)  \
    F(id, subject)   \
    F(id, recipe) F(u64, row) F(u8, seat) F(u8, lane) F(u8, k) F(u8, step) F(u16, endpoint)
/* n > 1: so many rollouts from one request: attempt, k and the following ones of both. `task` is
 * what is judged (judges/task.h), `history` the rollout so far (judges/history.h), empty for its
 * first call; `cue` what is said to go on. */
#define WIRE_GRANT(F) \
    WIRE_CALL(F)      \
    F(u32, seed) F(u8, n) F(u8, ask) F(u8, format) F(text, cue) F(text, task) F(text, history)
#define WIRE_RESULT(F)                                                                   \
    WIRE_CALL(F)                                                                         \
    F(u16, http_status)                                                                  \
    F(u8, finish)                                                                        \
    F(u8, thought_field)                                                                 \
    F(u8, ask) F(u8, format) F(u8, verdict) F(u8, first) F(i64, score_a) F(i64, score_b) \
        F(u32, trace_tokens) F(u32, prompt_tokens) F(u32, completion_tokens)             \
            F(u32, reasoning_tokens) F(u32, cached_tokens) F(u32, latency_ms)            \
                F(u32, first_byte_ms) F(text, filter) F(text, model) F(text, request_id) \
                    F(text, thought) F(text, answer) F(text, segments)
#define WIRE_FAIL(F) \
    WIRE_CALL(F) F(u8, failure) F(u16, http_status) F(i64, retry_after_ms) F(text, message)
#define WIRE_ACK(F) F(u64, attempt)
#define WIRE_RENEW(F) WIRE_CALL(F)
#define WIRE_CANCEL(F) F(u64, attempt)
#define WIRE_PING(F) F(u32, in_flight)
#define WIRE_DRAIN(F) F(u8, unused)
#define WIRE_BYE(F) F(u8, why) F(text, reason)

/* M(NAME, name): in the order of their numbers, from 1; append only. */
#define WIRE_MESSAGES(M)                                                               \
    M(HELLO, hello)     /* worker: who I am, how many calls I take */                  \
    M(WELCOME, welcome) /* coordinator: the project; from now on you have credit */    \
    M(GRANT, grant)     /* coordinator: make this call */                              \
    M(RESULT, result)   /* worker: its whole answer; sent until acknowledged */        \
    M(FAIL, fail)       /* worker: this attempt brought none */                        \
    M(ACK, ack)         /* coordinator: the result is durable, or the failure noted */ \
    M(RENEW, renew)     /* worker: I still hold this call */                           \
    M(CANCEL, cancel)   /* coordinator: its result is not needed any more */           \
    M(PING, ping)       /* worker: alive; coordinator: so am I */                      \
    M(DRAIN, drain)     /* either: no more calls will come, or give me none */         \
    M(BYE, bye)         /* either: I am going, or I refuse you */

enum wire_type {
    WIRE_NOTHING,
#define X(NAME, name) WIRE_TYPE_##NAME,
    WIRE_MESSAGES(X)
#undef X
        WIRE_TYPE_COUNT
};

enum wire_bye_why {
    WIRE_BYE_DONE,    /* the work is done, or the worker leaves */
    WIRE_BYE_VERSION, /* we do not speak the same protocol */
    WIRE_BYE_UNKNOWN, /* I do not know you (any more): say HELLO */
    WIRE_BYE_REFUSED, /* this worker cannot serve this project */
};

typedef struct slice wire_text;
typedef struct id wire_id;
typedef uint8_t wire_u8;
typedef uint16_t wire_u16;
typedef uint32_t wire_u32;
typedef uint64_t wire_u64;
typedef int64_t wire_i64;

#define WIRE_FIELD(kind, field) wire_##kind field;
#define X(NAME, name)           \
    struct wire_##name {        \
        WIRE_##NAME(WIRE_FIELD) \
    };
WIRE_MESSAGES(X)
#undef X
#undef WIRE_FIELD

/* A decoded message; its texts point into the frame. */
struct wire_message {
    enum wire_type type;
    union {
#define X(NAME, name) struct wire_##name name;
        WIRE_MESSAGES(X)
#undef X
    } as;
};

/* wire_put_<name>(out, message): appends one message to a frame. */
#define X(NAME, name) void wire_put_##name(struct buf *out, const struct wire_##name *m);
WIRE_MESSAGES(X)
#undef X

/* wire_next(frame, message, e): takes the next message off *frame: 1; 0 when the frame is at its
 * end; -1 with ERR_PROTOCOL when it is not a whole, well-formed message (*frame is then of no more
 * use). */
int wire_next(struct slice *frame, struct wire_message *m, struct err *e);
const char *wire_name(enum wire_type type);

/* wire_call_of(m): the call that a GRANT, RESULT, FAIL or RENEW speaks of. */
struct wire_call {
    uint64_t attempt;
    struct id subject, recipe;
    struct call_key key;
    uint16_t endpoint;
};
struct wire_call wire_call_of(const struct wire_message *m);
/* wire_set_call(m, call): fills the call part of any of these four. */
#define wire_set_call(m, call)            \
    do {                                  \
        (m)->attempt = (call)->attempt;   \
        (m)->subject = (call)->subject;   \
        (m)->recipe = (call)->recipe;     \
        (m)->row = (call)->key.row;       \
        (m)->seat = (call)->key.seat;     \
        (m)->lane = (call)->key.lane;     \
        (m)->k = (call)->key.k;           \
        (m)->step = (call)->key.step;     \
        (m)->endpoint = (call)->endpoint; \
    } while (0)
/* wire_result_of(m): what a RESULT says; false when a number in it is no known code. */
bool wire_result_of(const struct wire_result *m, struct call_result *out);
/* wire_put_call_result(out, call, r): the RESULT that says so. */
void wire_put_call_result(struct buf *out, const struct wire_call *call,
                          const struct call_result *r);

#endif

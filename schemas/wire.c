#include "schemas/wire.h"

#include <string.h>

/* Encoding: each kind knows how to append itself. */

static void put_u64_bytes(struct buf *b, uint64_t v, size_t n)
{
    char bytes[8];
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(v >> (8 * i));
    buf_add(b, bytes, n);
}

static void put_u8(struct buf *b, uint8_t v)
{
    put_u64_bytes(b, v, 1);
}

static void put_u16(struct buf *b, uint16_t v)
{
    put_u64_bytes(b, v, 2);
}

static void put_u32(struct buf *b, uint32_t v)
{
    put_u64_bytes(b, v, 4);
}

static void put_u64(struct buf *b, uint64_t v)
{
    put_u64_bytes(b, v, 8);
}

static void put_i64(struct buf *b, int64_t v)
{
    put_u64_bytes(b, (uint64_t)v, 8);
}

static void put_id(struct buf *b, struct id v)
{
    buf_add(b, v.b, ID_BYTES);
}

static void put_text(struct buf *b, struct slice v)
{
    put_u32(b, (uint32_t)v.n);
    buf_slice(b, v);
}

/* The length is known when the message is written: it is patched in afterwards. */
static void seal(struct buf *b, size_t start)
{
    if (b->failed)
        return;
    uint32_t n = (uint32_t)(b->n - start - 4);
    for (size_t i = 0; i < 4; i++)
        b->p[start + i] = (char)(n >> (8 * i));
}

#define PUT_FIELD(kind, field) put_##kind(out, m->field);
#define X(NAME, name)                                                  \
    void wire_put_##name(struct buf *out, const struct wire_##name *m) \
    {                                                                  \
        size_t start = out->n;                                         \
        put_u32(out, 0);                                               \
        put_u8(out, WIRE_TYPE_##NAME);                                 \
        WIRE_##NAME(PUT_FIELD) seal(out, start);                       \
    }
WIRE_MESSAGES(X)
#undef X

/* Decoding: each kind takes itself off the front, false when too little is left. */

static bool take_bytes(struct slice *s, uint64_t *v, size_t n)
{
    if (s->n < n)
        return false;
    *v = 0;
    for (size_t i = 0; i < n; i++)
        *v |= (uint64_t)(unsigned char)s->p[i] << (8 * i);
    *s = slice_from(*s, n);
    return true;
}

#define TAKE_NUMBER(kind, type, n)                    \
    static bool take_##kind(struct slice *s, type *v) \
    {                                                 \
        uint64_t wide;                                \
        if (!take_bytes(s, &wide, n))                 \
            return false;                             \
        *v = (type)wide;                              \
        return true;                                  \
    }
TAKE_NUMBER(u8, uint8_t, 1)
TAKE_NUMBER(u16, uint16_t, 2)
TAKE_NUMBER(u32, uint32_t, 4)
TAKE_NUMBER(u64, uint64_t, 8)
TAKE_NUMBER(i64, int64_t, 8)

static bool take_id(struct slice *s, struct id *v)
{
    if (s->n < ID_BYTES)
        return false;
    memcpy(v->b, s->p, ID_BYTES);
    *s = slice_from(*s, ID_BYTES);
    return true;
}

static bool take_text(struct slice *s, struct slice *v)
{
    uint32_t n;
    if (!take_u32(s, &n) || s->n < n)
        return false;
    *v = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    return true;
}

#define TAKE_FIELD(kind, field) &&take_##kind(&body, &m->field)
#define X(NAME, name)                                                         \
    static bool take_message_##name(struct slice body, struct wire_##name *m) \
    {                                                                         \
        return true WIRE_##NAME(TAKE_FIELD) && body.n == 0;                   \
    }
WIRE_MESSAGES(X)
#undef X

static bool take_message(struct slice body, struct wire_message *m)
{
    switch (m->type) {
#define X(NAME, name)      \
    case WIRE_TYPE_##NAME: \
        return take_message_##name(body, &m->as.name);
        WIRE_MESSAGES(X)
#undef X
    case WIRE_NOTHING:
    case WIRE_TYPE_COUNT:
        break;
    }
    return false;
}

int wire_next(struct slice *frame, struct wire_message *m, struct err *e)
{
    if (frame->n == 0)
        return 0;
    uint32_t n;
    uint8_t type = WIRE_NOTHING;
    struct slice body;
    if (!take_u32(frame, &n) || n < 1 || frame->n < n) {
        err_set(e, ERR_PROTOCOL, "a torn message of %zu bytes", frame->n);
        return -1;
    }
    body = slice_sub(*frame, 0, n);
    *frame = slice_from(*frame, n);
    if (!take_u8(&body, &type) || type == WIRE_NOTHING || type >= WIRE_TYPE_COUNT) {
        err_set(e, ERR_PROTOCOL, "a message of the unknown type %u", type);
        return -1;
    }
    memset(m, 0, sizeof *m);
    m->type = (enum wire_type)type;
    if (!take_message(body, m)) {
        err_set(e, ERR_PROTOCOL, "a malformed %s", wire_name(m->type));
        return -1;
    }
    return 1;
}

const char *wire_name(enum wire_type type)
{
    static const char *const names[] = {"nothing",
#define X(NAME, name) #NAME,
                                        WIRE_MESSAGES(X)
#undef X
    };
    return type < WIRE_TYPE_COUNT ? names[type] : "unknown";
}

#define CALL_OF(m)                                                                            \
    (struct wire_call)                                                                        \
    {                                                                                         \
        (m).attempt, (m).subject, (m).recipe, {(m).row, (m).seat, (m).lane, (m).k, (m).step}, \
            (m).endpoint                                                                      \
    }

struct wire_call wire_call_of(const struct wire_message *m)
{
    switch ((int)m->type) {
    case WIRE_TYPE_GRANT:
        return CALL_OF(m->as.grant);
    case WIRE_TYPE_RESULT:
        return CALL_OF(m->as.result);
    case WIRE_TYPE_FAIL:
        return CALL_OF(m->as.fail);
    case WIRE_TYPE_RENEW:
        return CALL_OF(m->as.renew);
    default:
        return (struct wire_call){0};
    }
}

static bool is_score(int64_t v)
{
    return v >= SCORE_NONE && v <= SCORE_MAX;
}

bool wire_result_of(const struct wire_result *m, struct call_result *out)
{
    *out = (struct call_result){
        .endpoint = m->endpoint,
        .http_status = m->http_status,
        .finish = (enum finish)m->finish,
        .thought_field = (enum thought_field)m->thought_field,
        .thought = m->thought,
        .answer = m->answer,
        .request_id = m->request_id,
        .model = m->model,
        .prompt_tokens = m->prompt_tokens,
        .completion_tokens = m->completion_tokens,
        .reasoning_tokens = m->reasoning_tokens,
        .cached_tokens = m->cached_tokens,
        .latency_ms = m->latency_ms,
        .first_byte_ms = m->first_byte_ms,
        .ask = (enum ask)m->ask,
        .format = (enum format)m->format,
        .verdict = (enum verdict)m->verdict,
        .first = (enum verdict)m->first,
        .score_a = (int)m->score_a,
        .score_b = (int)m->score_b,
        .trace_tokens = m->trace_tokens,
        .segments = m->segments,
        .filter = m->filter,
    };
    return m->finish < FINISH_COUNT && m->thought_field < THOUGHT_COUNT && m->ask < ASK_COUNT &&
           m->format < FORMAT_COUNT && m->verdict < VERDICT_COUNT && m->first < VERDICT_COUNT &&
           is_score(m->score_a) && is_score(m->score_b) && m->lane < LANE_COUNT &&
           m->k < CALL_MAX_K && m->step < CALL_MAX_STEP && m->seat < CALL_MAX_SEAT;
}

void wire_put_call_result(struct buf *out, const struct wire_call *call,
                          const struct call_result *r)
{
    struct wire_result m = {
        .http_status = r->http_status,
        .finish = (uint8_t)r->finish,
        .thought_field = (uint8_t)r->thought_field,
        .ask = (uint8_t)r->ask,
        .format = (uint8_t)r->format,
        .verdict = (uint8_t)r->verdict,
        .first = (uint8_t)r->first,
        .score_a = r->score_a,
        .score_b = r->score_b,
        .trace_tokens = r->trace_tokens,
        .prompt_tokens = r->prompt_tokens,
        .completion_tokens = r->completion_tokens,
        .reasoning_tokens = r->reasoning_tokens,
        .cached_tokens = r->cached_tokens,
        .latency_ms = r->latency_ms,
        .first_byte_ms = r->first_byte_ms,
        .filter = r->filter,
        .model = r->model,
        .request_id = r->request_id,
        .thought = r->thought,
        .answer = r->answer,
        .segments = r->segments,
    };
    wire_set_call(&m, call);
    wire_put_result(out, &m);
}

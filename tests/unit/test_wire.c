/* The messages: what is put into a frame comes out of it, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "schemas/wire.h"

/* A value of each kind, small or at the edge of its range; texts from one pool of bytes. */
static char pool[4096];

static uint64_t any_number(struct rng *r)
{
    switch (rng_below(r, 4)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return rng_below(r, 300);
    default:
        return rng_u64(r);
    }
}

static void fill_u8(struct rng *r, uint8_t *v)
{
    *v = (uint8_t)any_number(r);
}

static void fill_u16(struct rng *r, uint16_t *v)
{
    *v = (uint16_t)any_number(r);
}

static void fill_u32(struct rng *r, uint32_t *v)
{
    *v = (uint32_t)any_number(r);
}

static void fill_u64(struct rng *r, uint64_t *v)
{
    *v = any_number(r);
}

static void fill_i64(struct rng *r, int64_t *v)
{
    *v = (int64_t)any_number(r);
}

static void fill_id(struct rng *r, struct id *v)
{
    for (size_t i = 0; i < ID_BYTES; i++)
        v->b[i] = (uint8_t)rng_u64(r);
}

static void fill_text(struct rng *r, struct slice *v)
{
    size_t n = (size_t)rng_below(r, 3) ? (size_t)rng_below(r, 40) : 0;
    *v = (struct slice){pool + rng_below(r, sizeof pool - n), n};
}

#define SAME_NUMBER(kind, type)                           \
    static bool same_##kind(const type *a, const type *b) \
    {                                                     \
        return *a == *b;                                  \
    }
SAME_NUMBER(u8, uint8_t)
SAME_NUMBER(u16, uint16_t)
SAME_NUMBER(u32, uint32_t)
SAME_NUMBER(u64, uint64_t)
SAME_NUMBER(i64, int64_t)

static bool same_id(const struct id *a, const struct id *b)
{
    return id_eq(a, b);
}

static bool same_text(const struct slice *a, const struct slice *b)
{
    return slice_eq(*a, *b);
}

/* The same for whole messages, from the field lists that the product is made from. */
#define FILL(kind, field) fill_##kind(r, &m->field);
#define SAME(kind, field) &&same_##kind(&a->field, &b->field)
#define X(NAME, name)                                                                 \
    static void fill_##name(struct rng *r, struct wire_##name *m)                     \
    {                                                                                 \
        WIRE_##NAME(FILL)                                                             \
    }                                                                                 \
    static bool same_##name(const struct wire_##name *a, const struct wire_##name *b) \
    {                                                                                 \
        return true WIRE_##NAME(SAME);                                                \
    }
WIRE_MESSAGES(X)
#undef X

static void put_any(struct rng *r, enum wire_type type, struct wire_message *m, struct buf *out)
{
    memset(m, 0, sizeof *m);
    m->type = type;
    switch ((int)type) {
#define X(NAME, name)                      \
    case WIRE_TYPE_##NAME:                 \
        fill_##name(r, &m->as.name);       \
        wire_put_##name(out, &m->as.name); \
        return;
        WIRE_MESSAGES(X)
#undef X
    default:
        fail();
    }
}

static bool same(const struct wire_message *a, const struct wire_message *b)
{
    if (a->type != b->type)
        return false;
    switch ((int)a->type) {
#define X(NAME, name)      \
    case WIRE_TYPE_##NAME: \
        return same_##name(&a->as.name, &b->as.name);
        WIRE_MESSAGES(X)
#undef X
    default:
        return false;
    }
}

/* An exact copy on the heap, so that the sanitizer sees a read past its end. */
static char *exact(struct slice s)
{
    char *copy = malloc(s.n ? s.n : 1);
    assert_non_null(copy);
    if (s.n)
        memcpy(copy, s.p, s.n);
    return copy;
}

static void every_message_comes_back_as_it_was(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 1);
    for (int round = 0; round < 200; round++) {
        for (int type = 1; type < WIRE_TYPE_COUNT; type++) {
            struct buf b;
            struct wire_message sent, got;
            struct err e;
            buf_init(&b, 65536);
            put_any(&r, (enum wire_type)type, &sent, &b);
            struct slice frame = buf_view(&b);
            assert_int_equal(wire_next(&frame, &got, &e), 1);
            assert_true(same(&sent, &got));
            assert_int_equal(wire_next(&frame, &got, &e), 0);
            buf_free(&b);
        }
    }
}

static void many_messages_of_one_frame_keep_their_order(void **state)
{
    (void)state;
    enum { MANY = 64 };
    struct wire_message sent[MANY];
    struct rng r;
    rng_init(&r, 2);
    for (int round = 0; round < 50; round++) {
        struct buf b;
        struct err e;
        buf_init(&b, 1 << 20);
        for (int i = 0; i < MANY; i++)
            put_any(&r, (enum wire_type)(1 + rng_below(&r, WIRE_TYPE_COUNT - 1)), &sent[i], &b);
        struct slice frame = buf_view(&b);
        for (int i = 0; i < MANY; i++) {
            struct wire_message got;
            assert_int_equal(wire_next(&frame, &got, &e), 1);
            assert_true(same(&sent[i], &got));
        }
        assert_int_equal(frame.n, 0);
        buf_free(&b);
    }
}

static void a_frame_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 3);
    for (int type = 1; type < WIRE_TYPE_COUNT; type++) {
        struct buf b;
        struct wire_message sent, got;
        struct err e;
        buf_init(&b, 65536);
        put_any(&r, (enum wire_type)type, &sent, &b);
        for (size_t n = 1; n < b.n; n++) {
            char *copy = exact(slice_sub(buf_view(&b), 0, n));
            struct slice frame = {copy, n};
            assert_int_equal(wire_next(&frame, &got, &e), -1);
            assert_int_equal(e.code, ERR_PROTOCOL);
            free(copy);
        }
        buf_free(&b);
    }
}

/* The length before the message says where it ends; a body of another length is malformed. */
static void a_body_shorter_or_longer_than_its_fields_is_malformed(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 4);
    for (int type = 1; type < WIRE_TYPE_COUNT; type++) {
        struct buf b;
        struct wire_message sent, got;
        struct err e;
        buf_init(&b, 65536);
        put_any(&r, (enum wire_type)type, &sent, &b);
        for (int by = -1; by <= 1; by += 2) {
            struct buf wrong;
            buf_init(&wrong, 65536);
            uint32_t n = (uint32_t)((int64_t)b.n - 4 + by);
            for (size_t i = 0; i < 4; i++)
                buf_char(&wrong, (char)(n >> (8 * i)));
            buf_add(&wrong, b.p + 4, b.n - 4);
            if (by > 0)
                buf_char(&wrong, 'x');
            char *copy = exact(slice_sub(buf_view(&wrong), 0, n + 4));
            struct slice frame = {copy, n + 4};
            assert_int_equal(wire_next(&frame, &got, &e), -1);
            assert_non_null(strstr(e.text, wire_name((enum wire_type)type)));
            free(copy);
            buf_free(&wrong);
        }
        buf_free(&b);
    }
}

static void an_unknown_type_is_an_error_that_names_it(void **state)
{
    (void)state;
    static const unsigned char types[] = {0, WIRE_TYPE_COUNT, 200, 255};
    for (size_t i = 0; i < sizeof types; i++) {
        const char bytes[] = {1, 0, 0, 0, (char)types[i]};
        char expect[32];
        struct slice frame = {bytes, sizeof bytes};
        struct wire_message got;
        struct err e;
        snprintf(expect, sizeof expect, "unknown type %u", types[i]);
        assert_int_equal(wire_next(&frame, &got, &e), -1);
        assert_non_null(strstr(e.text, expect));
    }
}

static void a_message_without_a_type_is_torn(void **state)
{
    (void)state;
    const char bytes[4] = {0};
    struct slice frame = {bytes, sizeof bytes};
    struct wire_message got;
    struct err e;
    assert_int_equal(wire_next(&frame, &got, &e), -1);
    assert_int_equal(e.code, ERR_PROTOCOL);
}

/* Reads a frame to its end or its first error; every text must lie within it. */
static int read_all(struct slice frame)
{
    struct wire_message m;
    struct err e;
    int got, n = 0;
    while ((got = wire_next(&frame, &m, &e)) == 1) {
        n++;
        if (m.type == WIRE_TYPE_RESULT) {
            struct call_result result;
            unsigned sum = 0;
            for (size_t i = 0; i < m.as.result.answer.n; i++)
                sum += (unsigned char)m.as.result.answer.p[i];
            /* a result that is taken has only codes that the tables of names know */
            if (wire_result_of(&m.as.result, &result))
                assert_non_null(verdict_name(result.verdict));
            assert_true(sum <= 255u * m.as.result.answer.n);
        }
    }
    return got < 0 ? -1 : n;
}

static void garbage_never_reads_past_its_end(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 5);
    int errors = 0;
    for (int round = 0; round < 20000; round++) {
        size_t n = (size_t)rng_below(&r, 200);
        char *bytes = malloc(n ? n : 1);
        assert_non_null(bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)rng_u64(&r);
        if (n >= 5) { /* now and then a plausible length and a known type, or few would get far */
            bytes[1] = bytes[2] = bytes[3] = 0;
            bytes[4] = (char)rng_below(&r, WIRE_TYPE_COUNT + 1);
        }
        errors += read_all((struct slice){bytes, n}) < 0;
        free(bytes);
    }
    assert_true(errors > 15000);
}

static void one_flipped_byte_never_reads_past_the_end(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 6);
    int taken = 0, refused = 0;
    for (int round = 0; round < 20000; round++) {
        struct buf b;
        struct wire_message sent;
        buf_init(&b, 65536);
        put_any(&r, (enum wire_type)(1 + rng_below(&r, WIRE_TYPE_COUNT - 1)), &sent, &b);
        char *copy = exact(buf_view(&b));
        copy[rng_below(&r, b.n)] ^= (char)(1 << rng_below(&r, 8));
        if (read_all((struct slice){copy, b.n}) < 0)
            refused++;
        else
            taken++;
        free(copy);
        buf_free(&b);
    }
    assert_true(taken > 0 && refused > 0);
}

static void a_result_with_a_number_that_is_no_code_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t finish, thought_field, verdict, lane, k;
        bool ok;
        const char *why;
    } rows[] = {
        {0,                0,                 0,                 0,              0,              true,  "all at the low end" },
        {FINISH_COUNT - 1, THOUGHT_COUNT - 1, VERDICT_COUNT - 1, LANE_COUNT - 1, CALL_MAX_K - 1,
         true,                                                                                          "all at the high end"},
        {FINISH_COUNT,     0,                 0,                 0,              0,              false, "finish"             },
        {0,                THOUGHT_COUNT,     0,                 0,              0,              false, "thought field"      },
        {0,                0,                 VERDICT_COUNT,     0,              0,              false, "verdict"            },
        {0,                0,                 0,                 LANE_COUNT,     0,              false, "lane"               },
        {0,                0,                 0,                 0,              CALL_MAX_K,     false, "k"                  },
        {255,              255,               255,               255,            255,            false, "everything"         },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wire_result m = {.finish = rows[i].finish,
                                .thought_field = rows[i].thought_field,
                                .verdict = rows[i].verdict,
                                .lane = rows[i].lane,
                                .k = rows[i].k,
                                .latency_ms = 7,
                                .answer = S("a")};
        struct call_result out;
        if (wire_result_of(&m, &out) != rows[i].ok)
            fail_msg("%s", rows[i].why);
        assert_int_equal(out.latency_ms, 7);
    }
}

static void the_call_of_a_message_is_what_was_set(void **state)
{
    (void)state;
    struct rng r;
    struct wire_call call = {
        .attempt = 5ull << 32 | 9, .key = {.row = 77, .lane = 1, .k = 3, .step = 2},
                 .endpoint = 4
    };
    rng_init(&r, 7);
    fill_id(&r, &call.subject);
    fill_id(&r, &call.recipe);
    struct wire_message m[5] = {{.type = WIRE_TYPE_GRANT},
                                {.type = WIRE_TYPE_RESULT},
                                {.type = WIRE_TYPE_FAIL},
                                {.type = WIRE_TYPE_RENEW},
                                {.type = WIRE_TYPE_PING}};
    wire_set_call(&m[0].as.grant, &call);
    wire_set_call(&m[1].as.result, &call);
    wire_set_call(&m[2].as.fail, &call);
    wire_set_call(&m[3].as.renew, &call);
    for (int i = 0; i < 5; i++) {
        struct wire_call got = wire_call_of(&m[i]);
        assert_int_equal(got.attempt, i < 4 ? call.attempt : 0);
        assert_int_equal(id_eq(&got.subject, &call.subject), i < 4);
        assert_int_equal(id_eq(&got.recipe, &call.recipe), i < 4);
        assert_int_equal(call_key_eq(got.key, call.key), i < 4);
        assert_int_equal(got.endpoint, i < 4 ? 4 : 0);
    }
}

static void a_frame_that_is_full_says_so(void **state)
{
    (void)state;
    struct buf b;
    struct err e;
    buf_init(&b, 40);
    struct wire_bye small = {.why = WIRE_BYE_DONE, .reason = S("short")};
    struct wire_bye large = {.why = WIRE_BYE_DONE,
                             .reason = S("a reason that does not fit into forty bytes")};
    wire_put_bye(&b, &small);
    assert_true(buf_ok(&b, "the frame", &e));
    wire_put_bye(&b, &large);
    assert_false(buf_ok(&b, "the frame", &e));
    assert_int_equal(e.code, ERR_LIMIT);
    buf_free(&b);
}

int main(void)
{
    for (size_t i = 0; i < sizeof pool; i++)
        pool[i] = (char)(i * 7);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_comes_back_as_it_was),
        cmocka_unit_test(many_messages_of_one_frame_keep_their_order),
        cmocka_unit_test(a_frame_cut_anywhere_is_an_error),
        cmocka_unit_test(a_body_shorter_or_longer_than_its_fields_is_malformed),
        cmocka_unit_test(an_unknown_type_is_an_error_that_names_it),
        cmocka_unit_test(a_message_without_a_type_is_torn),
        cmocka_unit_test(garbage_never_reads_past_its_end),
        cmocka_unit_test(one_flipped_byte_never_reads_past_the_end),
        cmocka_unit_test(a_result_with_a_number_that_is_no_code_is_refused),
        cmocka_unit_test(the_call_of_a_message_is_what_was_set),
        cmocka_unit_test(a_frame_that_is_full_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Frames: what is decoded is encoded to the very same bytes, and nothing points outside. */
#include "schemas/wire.h"
#include "tests/fuzz/fuzz.h"

static void encode(const struct wire_message *m, struct buf *out)
{
    switch (m->type) {
#define X(NAME, name)                      \
    case WIRE_TYPE_##NAME:                 \
        wire_put_##name(out, &m->as.name); \
        return;
        WIRE_MESSAGES(X)
#undef X
    case WIRE_NOTHING:
    case WIRE_TYPE_COUNT:
        break;
    }
    fuzz_check(m->type != WIRE_NOTHING && m->type != WIRE_TYPE_COUNT);
}

static void check_result(const struct wire_message *m)
{
    struct call_result r;
    if (m->type != WIRE_TYPE_RESULT || !wire_result_of(&m->as.result, &r))
        return;
    fuzz_check(r.verdict < VERDICT_COUNT && r.finish < FINISH_COUNT);
    fuzz_check(r.thought_field < THOUGHT_COUNT && wire_call_of(m).key.k < CALL_MAX_K);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice frame = fuzz_input(data, n);
    struct wire_message m;
    struct err e = {0};
    struct buf again;
    int more;
    buf_init(&again, 1 << 24);
    for (struct slice before = frame; (more = wire_next(&frame, &m, &e)) == 1; before = frame) {
        buf_clear(&again);
        encode(&m, &again);
        fuzz_check(slice_eq(buf_view(&again), slice_sub(before, 0, before.n - frame.n)));
        check_result(&m);
    }
    fuzz_check(more == 0 ? frame.n == 0 : e.code == ERR_PROTOCOL && e.text[0]);
    buf_free(&again);
    return 0;
}

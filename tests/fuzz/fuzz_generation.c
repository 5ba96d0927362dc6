/*
 * What a generator wrote when it was asked for a changed prompt: read or refused. What is read lies
 * within the text, in order, trimmed, and stands so when it is written once more; without the nonce
 * nothing is read; and the check of it comes to a mark.
 */
#include "coordinator/checking.h"
#include "judges/generation.h"
#include "tests/fuzz/fuzz.h"

#define NONCE "_k3f9b2d"
#define PROMPT "[{\"role\":\"user\",\"content\":\"Where does the river Tiber end?\"}]"

static bool is_inside(struct slice part, struct slice whole)
{
    return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

static void put(struct buf *b, const char *tag, struct slice text, struct slice nonce)
{
    buf_addf(b, "<%s" SLICE_FMT ">", tag, SLICE_ARG(nonce));
    buf_slice(b, text);
    buf_addf(b, "</%s" SLICE_FMT ">", tag, SLICE_ARG(nonce));
}

static void check_again(const struct generation_modified *m, struct slice nonce)
{
    struct generation_modified again;
    struct buf b;
    buf_init(&b, 1 << 26);
    put(&b, GENERATION_PROMPT_TAG, m->prompt, nonce);
    put(&b, GENERATION_ANSWER_TAG, m->answer, nonce);
    fuzz_check(!b.failed && generation_parse(buf_view(&b), nonce, &again));
    fuzz_check(slice_eq(again.prompt, m->prompt) && slice_eq(again.answer, m->answer));
    buf_free(&b);
}

static bool check_parts(struct slice text, struct slice nonce)
{
    struct generation_modified m;
    if (!generation_parse(text, nonce, &m))
        return false;
    fuzz_check(m.prompt.n && m.answer.n && is_inside(m.prompt, text) && is_inside(m.answer, text));
    fuzz_check(m.prompt.p + m.prompt.n < m.answer.p);
    fuzz_check(slice_eq(slice_trim(m.prompt), m.prompt) &&
               slice_eq(slice_trim(m.answer), m.answer));
    fuzz_check(!nonce.n || slice_find(text, nonce) != SIZE_MAX);
    check_again(&m, nonce);
    return true;
}

static const struct project *project(void)
{
    static struct project p;
    static struct arena arena;
    struct err e;
    if (!p.file) {
        arena_init(&arena, 1 << 22);
        fuzz_check(project_from_text(&p, &arena, "t.yaml",
                                     S("endpoints: [{url: \"http://127.0.0.1:1/v1\", model: m}]\n"),
                                     &e));
    }
    return &p;
}

/* The first byte: finish, whether the thought ended, the nonce. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena;
    struct samples_check check;
    struct slice text = fuzz_input(data, n);
    uint8_t choice = fuzz_byte(&text);
    struct slice nonce = choice & 64 ? S(NONCE) : S("");
    bool read = check_parts(text, nonce);
    const struct checking c = {.project = project(),
                               .lane = LANE_MODIFIED,
                               .prompt = S(PROMPT),
                               .baseline = S("In the sea at Ostia."),
                               .nonce = nonce,
                               .finish = (enum finish)(choice % FINISH_COUNT),
                               .unclosed = choice & 128,
                               .answer = text};
    arena_init(&arena, 64 << 20);
    fuzz_check(checking_look(&c, &check, &arena));
    fuzz_check(check.mark > MARK_UNCHECKED && check.mark < MARK_COUNT);
    bool whole = c.finish != FINISH_LENGTH && c.finish != FINISH_CONTENT_FILTER && !c.unclosed &&
                 slice_trim(text).n;
    fuzz_check(!whole || read == (check.mark != MARK_UNREADABLE));
    fuzz_check(check.mark != MARK_USABLE || (whole && check.prompt_overlap >= 0));
    arena_free(&arena);
    return 0;
}

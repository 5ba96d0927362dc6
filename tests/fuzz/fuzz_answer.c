/*
 * What a server sends: a document, a stream however it is cut, or a refusal with its head. A whole
 * answer has text and a known finish; anything else is a failure with a sentence.
 */
#include "base/text.h"
#include "tests/fuzz/fuzz.h"
#include "worker/teacher/answer.h"
#include "worker/teacher/sse.h"

enum { TEXT_MAX = 4096, LINE_MAX_BYTES = 16384 };

static void check_error(const struct http_error *x)
{
    fuzz_check(x->failure < FAILURE_COUNT && x->retry_after_ms >= -1);
    fuzz_check(x->retry_after_ms <= HEAD_MAX_WAIT_MS);
    fuzz_check(x->message.n > 0 && x->message.n <= HTTP_ERROR_MESSAGE_MAX);
}

static void check_choice(const struct answer *a, const struct answer_choice *c)
{
    fuzz_check(c->content.n <= TEXT_MAX && c->reasoning.n <= TEXT_MAX && c->refusal.n <= TEXT_MAX);
    fuzz_check((c->reasoning.n > 0) == (c->field != THOUGHT_ABSENT) || answer_too_large(a));
    fuzz_check(answer_finish(c) < FINISH_COUNT);
}

static void check_answer(const struct answer *a)
{
    const struct answer_choice *c;
    size_t n = 0;
    for (; (c = answer_nth(a, n)); n++)
        check_choice(a, c);
    fuzz_check(n <= a->wanted && !(a->failed && answer_is_whole(a)));
    fuzz_check(n > 0 || !answer_is_whole(a));
    if (a->failed)
        check_error(&a->error);
}

static void read_document(struct slice body, size_t wanted)
{
    struct answer a;
    answer_init(&a, TEXT_MAX);
    fuzz_check(answer_want(&a, wanted));
    answer_document(&a, body);
    fuzz_check(answer_is_whole(&a) || a.failed);
    check_answer(&a);
    answer_free(&a);
}

static void on_event(void *context, struct slice name, struct slice data)
{
    answer_event(context, name, data);
}

static void read_stream(struct answer *a, struct slice body, size_t wanted, size_t piece)
{
    struct sse s;
    answer_init(a, TEXT_MAX);
    fuzz_check(answer_want(a, wanted));
    sse_init(&s, LINE_MAX_BYTES);
    for (size_t at = 0; at < body.n; at += piece)
        sse_feed(&s, slice_sub(body, at, piece), on_event, a);
    sse_end(&s, on_event, a);
    fuzz_check(s.line.n <= LINE_MAX_BYTES && s.data.n <= LINE_MAX_BYTES);
    check_answer(a);
    sse_free(&s);
}

static bool same(const struct buf *a, const struct buf *b)
{
    return slice_eq(buf_view(a), buf_view(b));
}

static void check_same_choice(const struct answer_choice *a, const struct answer_choice *b)
{
    fuzz_check(same(&a->content, &b->content) && same(&a->reasoning, &b->reasoning));
    fuzz_check(same(&a->refusal, &b->refusal) && a->came == b->came);
    fuzz_check(a->finished == b->finished && a->finish == b->finish && a->field == b->field);
}

static void check_same(const struct answer *a, const struct answer *b)
{
    check_same_choice(&a->first, &b->first);
    for (size_t i = 0; i + 1 < a->wanted; i++)
        check_same_choice(&a->more[i], &b->more[i]);
    fuzz_check(same(&a->model, &b->model));
    fuzz_check(a->failed == b->failed && a->done == b->done);
    fuzz_check(a->completion_tokens == b->completion_tokens);
    fuzz_check(!a->failed || a->error.failure == b->error.failure);
}

static void read_cut_stream(struct slice body, size_t wanted, size_t piece)
{
    struct answer whole, cut;
    read_stream(&whole, body, wanted, body.n + 1);
    read_stream(&cut, body, wanted, piece);
    check_same(&whole, &cut);
    answer_free(&whole);
    answer_free(&cut);
}

/* Head lines up to a blank one, then the body. */
static void read_refusal(struct slice text)
{
    struct head h;
    struct http_error x;
    head_init(&h);
    http_error_init(&x);
    for (struct slice line; (line = slice_cut(text, '\n', &text)).n;)
        head_line(&h, line, 1700000000000);
    fuzz_check(head_wait_ms(&h) >= -1 && head_wait_ms(&h) <= HEAD_MAX_WAIT_MS);
    fuzz_check(h.request_id.n <= HEAD_MAX_BYTES && h.location.n <= HEAD_MAX_BYTES);
    http_error_response(&x, &h, text);
    check_error(&x);
    http_error_free(&x);
    head_free(&h);
}

/* The first byte chooses: a document, a stream in pieces of so many bytes, a refusal; and how many
 * choices were asked for: mostly one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice input = fuzz_input(data, n);
    uint8_t choice = fuzz_byte(&input);
    size_t wanted = choice < 93 ? 1 : choice / 93 + 1;
    switch (choice % 3) {
    case 0:
        read_document(input, wanted);
        break;
    case 1:
        read_cut_stream(input, wanted, choice / 3 % 31 + 1);
        break;
    default:
        read_refusal(input);
    }
    return 0;
}

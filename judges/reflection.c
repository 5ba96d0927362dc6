#include "judges/reflection.h"

#include <assert.h>
#include <string.h>

#include "judges/cue.h"
#include "judges/novelty.h"
#include "judges/sentence.h"
#include "judges/stance.h"

/* So many sentences that conclude nothing part a conclusion from the text before it. */
#define CONCLUSION_GAP 2

#define OPEN "<think>\n"
#define CLOSE "\n</think>\n\n"
#define BLANK "\n\n"

static const char go_on[] =
    "\n\nGo on thinking from where you stopped: look at what you may have missed or taken for "
    "granted, and check what decides the matter. Then give your judgment again in the same form.";
static const char go_on_chinese[] = /* Please go on thinking from there: check what may have been
                                       missed, then judge again in the same form. */
    "\n\n请从刚才停下的地方继续思考，检"
    "查可能遗漏的地方，然后用同样的格式重新作出判断"
    "。";
static const char answer_now[] =
    "That is enough thinking. Give your judgment now, in the form that was asked for, without any "
    "further thought.";

/* The last sentences of a text: most conclusions are within. */
#define TAIL 64

struct tail {
    struct slice sentences[TAIL];
    size_t n; /* of the text */
};

static struct tail tail_of(struct slice text)
{
    struct tail t;
    struct sentences all = sentences_of(text);
    for (t.n = 0; sentences_next(&all, &t.sentences[t.n % TAIL]); t.n++)
        ;
    return t;
}

/* The same for conclusions that are longer than that, from the beginning on. */
static size_t cut_long(struct slice thought)
{
    struct sentences all = sentences_of(thought);
    struct slice sentence;
    size_t cut = thought.n, gap = CONCLUSION_GAP + 1;
    while (sentences_next(&all, &sentence)) {
        bool within = gap <= CONCLUSION_GAP;
        gap = stance_of(sentence).concludes ? 0 : gap + 1;
        if (gap == 0 && !within)
            cut = sentences_at(&all, sentence);
    }
    return gap <= CONCLUSION_GAP ? cut : thought.n;
}

size_t reflection_cut(struct slice thought)
{
    struct tail t = tail_of(thought);
    size_t cut = thought.n, gap = 0, oldest = t.n > TAIL ? t.n - TAIL : 0;
    for (size_t i = t.n; i > oldest && gap <= CONCLUSION_GAP; i--) {
        struct slice sentence = t.sentences[(i - 1) % TAIL];
        gap = stance_of(sentence).concludes ? 0 : gap + 1;
        if (gap == 0)
            cut = (size_t)(sentence.p - thought.p);
    }
    return oldest > 0 && gap <= CONCLUSION_GAP ? cut_long(thought) : cut;
}

/* Where the last cue of the thought ends. */
static size_t last_cue_end(const struct history *h)
{
    size_t at = 0, end = 0;
    for (size_t i = 0; i < h->n && !h->segments[i].in_answer; i++) {
        at += h->segments[i].bytes;
        if (h->segments[i].origin == ORIGIN_CUE)
            end = at;
    }
    return end;
}

/* kept(h, ask): what stays of the thought. To go on with nothing but a cue is to go on with
 * nothing, so a thought that only concludes stays. */
static struct slice kept(const struct history *h, enum ask ask)
{
    struct slice all = h->thought;
    if (ask == ASK_CLOSE)
        return all;
    struct slice rest = slice_sub(all, 0, reflection_cut(all));
    while (rest.n && slice_trim(slice_from(rest, rest.n - 1)).n == 0)
        rest.n--;
    return ask == ASK_CONTINUE && rest.n <= last_cue_end(h) ? all : rest;
}

/* With what a thought is gone on with: what was kept, and the cue. */
static void write_begun(struct buf *b, const struct history *h, enum ask ask, struct slice cue)
{
    struct slice text = kept(h, ask);
    buf_slice(b, text);
    if (ask == ASK_CONTINUE && cue.n) {
        buf_str(b, text.n ? BLANK : "");
        buf_slice(b, cue);
    }
}

static bool keep_text(const struct buf *b, struct slice *out, struct arena *arena, struct err *e)
{
    if (!buf_ok(b, "the judgment so far", e))
        return false;
    *out = arena_dup(arena, buf_view(b));
    return out->p || err_set(e, arena->nomem ? ERR_NOMEM : ERR_LIMIT,
                             "a judgment that is gone on with is larger than a call may be");
}

/* Bytes that a text of the history may need, tags and words around it included. */
static size_t room(const struct history *h, struct slice cue)
{
    return h->thought.n + h->answer.n + cue.n + 1024;
}

static bool write_prefill(const struct history *h, enum ask ask, struct slice cue,
                          struct slice *out, struct arena *arena, struct err *e)
{
    struct buf b;
    buf_init(&b, room(h, cue));
    buf_str(&b, OPEN);
    write_begun(&b, h, ask, cue);
    buf_str(&b, ask == ASK_CONTINUE ? "" : CLOSE);
    bool ok = keep_text(&b, out, arena, e);
    buf_free(&b);
    return ok;
}

/* The judgment so far as the assistant's turn. A thought that was closed has no answer yet. It
 * stands there without its tags: chat templates cut what is tagged as a thought out of earlier
 * turns, and the model would go on with what it cannot see. */
static bool write_turn(const struct history *h, enum ask ask, struct slice *out,
                       struct arena *arena, struct err *e)
{
    struct buf b;
    buf_init(&b, room(h, S("")));
    buf_slice(&b, ask == ASK_CONTINUE ? h->thought : kept(h, ask));
    buf_str(&b, "\n\n");
    buf_slice(&b, ask == ASK_CONTINUE ? h->answer : S(""));
    bool ok = keep_text(&b, out, arena, e);
    *out = slice_trim(*out);
    buf_free(&b);
    return ok;
}

static bool is_chinese(struct slice cue)
{
    for (size_t i = 0; i < cue.n; i++)
        if ((unsigned char)cue.p[i] >= 0xE3)
            return true;
    return false;
}

static bool write_wish(enum ask ask, struct slice cue, struct slice *out, struct arena *arena,
                       struct err *e)
{
    struct buf b;
    buf_init(&b, cue.n + 1024);
    buf_slice(&b, ask == ASK_CONTINUE ? cue : S(""));
    buf_str(&b, ask != ASK_CONTINUE ? answer_now : is_chinese(cue) ? go_on_chinese : go_on);
    bool ok = keep_text(&b, out, arena, e);
    *out = slice_trim(*out);
    buf_free(&b);
    return ok;
}

bool reflection_render(const struct chat *asked, const struct history *h, enum ask ask,
                       struct slice cue, enum continuation how, struct reflection_request *out,
                       struct arena *arena, struct err *e)
{
    assert(ask == ASK_CONTINUE || ask == ASK_CLOSE || ask == ASK_RECHECK);
    assert(how != CONTINUATION_AUTO);
    struct message assistant = {.role = S("assistant")}, user = {.role = S("user")};
    bool turn = how == CONTINUATION_TURN;
    *out = (struct reflection_request){.how = how};
    if (turn ? !write_turn(h, ask, &assistant.content, arena, e) ||
                   !write_wish(ask, cue, &user.content, arena, e)
             : !write_prefill(h, ask, cue, &assistant.content, arena, e))
        return false;
    size_t n = asked->n + (turn ? 2 : 1);
    out->chat.messages = arena_alloc(arena, n * sizeof *out->chat.messages);
    if (!out->chat.messages)
        return err_set(e, arena->nomem ? ERR_NOMEM : ERR_LIMIT,
                       "a judgment that is gone on with is larger than a call may be");
    for (size_t i = 0; i < asked->n; i++)
        out->chat.messages[i] = asked->messages[i];
    out->chat.messages[asked->n] = assistant;
    if (turn)
        out->chat.messages[asked->n + 1] = user;
    out->chat.n = n;
    out->prefill = turn ? S("") : assistant.content;
    return true;
}

/* What came, taken apart: the new thought with the white space before it. */
struct piece {
    struct trace trace;
    struct slice thought;
    bool anew; /* it does not go on within the sentence that the cue began */
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* part, which lies in `whole`, with the white space before it. */
static struct slice with_lead(struct slice whole, struct slice part)
{
    if (part.n == 0 || part.p < whole.p || part.p > whole.p + whole.n)
        return part;
    while (part.p > whole.p && is_space(part.p[-1])) {
        part.p--;
        part.n++;
    }
    return part;
}

/* An answer to a thought that was gone on with is thought until it is closed. */
static bool is_open_thought(const struct trace *t, enum ask ask, bool prefilled)
{
    return prefilled && ask == ASK_CONTINUE && t->field == THOUGHT_ABSENT;
}

static struct piece take_apart(enum ask ask, const struct reflection_request *request,
                               const struct reflection_came *came, struct slice begun)
{
    bool prefilled = request->how != CONTINUATION_TURN;
    struct slice content = came->content;
    if (prefilled && slice_starts(content, request->prefill))
        content = slice_from(content, request->prefill.n);
    struct piece p = {.trace = trace_split(content, came->reasoning, came->field, came->finish)};
    struct trace *t = &p.trace;
    if (is_open_thought(t, ask, prefilled)) {
        t->thought = slice_trim(content);
        t->answer = slice_sub(content, content.n, 0);
        t->unclosed = true;
    }
    p.anew = !prefilled || slice_starts(slice_trim(content), S("<think>"));
    bool reasoned = slice_trim(came->reasoning).n > 0;
    p.thought = with_lead(reasoned ? came->reasoning : content, t->thought);
    if (begun.n && slice_starts(t->thought, begun)) {
        p.thought = slice_from(t->thought, begun.n);
        p.anew = false;
    }
    if (slice_trim(p.thought).n == 0)
        p.thought = slice_sub(p.thought, 0, 0);
    if (t->field == THOUGHT_ABSENT)
        t->field = THOUGHT_THINK_TAG;
    return p;
}

static bool is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* What parts the new thought from what was there. */
static struct slice seam(struct slice before, const struct piece *p, enum ask ask)
{
    if (before.n == 0 || p->thought.n == 0)
        return S("");
    if (ask != ASK_CONTINUE)
        return S(BLANK);
    char last = before.p[before.n - 1];
    bool glued = last > ' ' && last < 0x7F && is_word_byte(p->thought.p[0]);
    return p->anew || glued ? S(" ") : S("");
}

/* The segments of what is kept of the old thought. */
static bool keep_segments(struct history *out, const struct history *h, size_t bytes)
{
    for (size_t i = 0; i < h->n && bytes > 0 && !h->segments[i].in_answer; i++) {
        const struct segment *s = &h->segments[i];
        size_t n = s->bytes < bytes ? s->bytes : bytes;
        if (!history_add(out, s->origin, false, s->step, n))
            return false;
        out->segments[out->n - 1].verdict = s->verdict;
        bytes -= n;
    }
    return bytes == 0;
}

static bool join_segments(struct history *out, const struct history *h, uint8_t step,
                          const size_t bytes[3], struct err *e)
{
    if (!keep_segments(out, h, bytes[0]) || !history_add(out, ORIGIN_CUE, false, step, bytes[1]) ||
        !history_add(out, ORIGIN_TEACHER, false, step, bytes[2]) ||
        !history_add(out, ORIGIN_TEACHER, true, step, out->answer.n))
        return err_set(e, ERR_LIMIT,
                       "a rollout of more than %d segments, or whose segments do not "
                       "add up, cannot be gone on with",
                       HISTORY_MAX_SEGMENTS);
    return true;
}

static uint32_t add_tokens(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* end(s): without white space at its end. */
static struct slice without_tail(struct slice s)
{
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool reflection_join(const struct history *h, enum ask ask, struct slice cue,
                     const struct reflection_request *request, uint8_t step,
                     const struct reflection_came *came, struct history *out, struct trace *trace,
                     struct arena *arena, struct err *e)
{
    struct buf b;
    buf_init(&b, room(h, cue) + came->content.n + came->reasoning.n);
    size_t old = kept(h, ask).n;
    write_begun(&b, h, ask, cue);
    struct slice begun = b.failed ? S("") : buf_view(&b);
    size_t with_cue = begun.n;
    struct piece p = take_apart(ask, request, came, begun);
    struct slice between = seam(begun, &p, ask);
    buf_slice(&b, between);
    /* White space before the first words of a thought is not part of it. */
    buf_slice(&b, p.anew || with_cue == 0 || ask != ASK_CONTINUE ? slice_trim(p.thought)
                                                                 : without_tail(p.thought));
    struct slice joined = {0};
    bool ok = keep_text(&b, &joined, arena, e);
    buf_free(&b);
    if (!ok)
        return false;
    *out = (struct history){.thought = joined,
                            .answer = p.trace.answer,
                            .tokens = add_tokens(h->tokens, came->completion_tokens),
                            .first = h->first,
                            .verdict = h->verdict,
                            .format = h->format,
                            .finish = came->finish};
    *trace = p.trace;
    trace->thought = out->thought;
    const size_t bytes[] = {old, with_cue - old, joined.n - with_cue};
    return join_segments(out, h, step, bytes, e);
}

struct slice reflection_cue(const char *const *cues, size_t n, struct slice language, uint64_t salt)
{
    return n ? slice_of(cues[salt % n]) : cue_builtin(language, salt);
}

size_t reflection_found(struct slice thought)
{
    struct novelty said;
    struct sentences all = sentences_of(thought);
    struct slice sentence;
    size_t cue = SIZE_MAX;
    novelty_init(&said, thought.n);
    for (bool first = true; sentences_next(&all, &sentence); first = false) {
        if (cue == SIZE_MAX && !first && cue_length(sentence) > 0)
            cue = sentences_at(&all, sentence);
        if (novelty_hear(&said, sentence) && cue != SIZE_MAX)
            return cue;
    }
    return SIZE_MAX;
}

bool reflection_is_new(struct slice before, struct slice after)
{
    struct novelty said;
    struct sentences all = sentences_of(before);
    struct slice sentence;
    novelty_init(&said, before.n + after.n);
    while (sentences_next(&all, &sentence))
        novelty_hear(&said, sentence);
    for (all = sentences_of(after); sentences_next(&all, &sentence);)
        if (novelty_hear(&said, sentence))
            return true;
    return false;
}

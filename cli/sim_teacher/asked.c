#include "cli/sim_teacher/asked.h"

#include <string.h>

#include "cli/sim_teacher/commission.h"
#include "cli/sim_teacher/counting.h"
#include "cli/sim_teacher/prose.h"

/* The format is told by the tags that the judge is asked for. */
static enum format format_of(struct slice instructions)
{
    static const struct {
        const char *tag, *other; /* both are asked for */
        enum format format;
    } rows[] = {
        {"<plan", "<answer", FORMAT_PLAN},
        {"<score_A", "<answer", FORMAT_SCORES_VERDICT},
        {"<score_A", "", FORMAT_SCORES},
        {"<score", "", FORMAT_POINTWISE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (slice_find(instructions, slice_of(rows[i].tag)) != SIZE_MAX &&
            slice_find(instructions, slice_of(rows[i].other)) != SIZE_MAX)
            return rows[i].format;
    return FORMAT_VERDICT;
}

/* A conversation taken apart. */
struct parts {
    struct slice system, user; /* user: the message that shows the question */
    size_t at;                 /* of that message */
    struct slice last;
    bool last_is_user;
    struct slice judged; /* the assistant's message before the last one; empty: none */
};

static void find_parts(const struct chat *chat, struct parts *p)
{
    const struct message *last = &chat->messages[chat->n - 1];
    *p = (struct parts){.at = chat->n};
    for (size_t i = 0; i < chat->n; i++) {
        const struct message *m = &chat->messages[i];
        if (slice_is(m->role, "user") && p->at == chat->n) {
            p->user = m->content;
            p->at = i;
        } else if (p->at == chat->n) {
            p->system = m->content;
        }
    }
    p->last = last->content;
    p->last_is_user = slice_is(last->role, "user");
    if (p->last_is_user && chat->n >= p->at + 3 &&
        slice_is(chat->messages[chat->n - 2].role, "assistant"))
        p->judged = chat->messages[chat->n - 2].content;
}

static void take_excerpts(struct asked *a, const struct question *shown)
{
    excerpt_take(shown->prompt, false, a->excerpts.question, sizeof a->excerpts.question);
    excerpt_take(shown->a, true, a->excerpts.a, sizeof a->excerpts.a);
    excerpt_take(shown->b, true, a->excerpts.b, sizeof a->excerpts.b);
}

static bool is_nonce(struct slice s)
{
    if (s.n < NONCE_BYTES || s.p[0] != '_')
        return false;
    for (size_t i = 1; i < NONCE_BYTES; i++) {
        char c = s.p[i];
        bool ok = ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9');
        if (!ok)
            return false;
    }
    return true;
}

/* The mark that the tags are asked for with. */
static void find_nonce(struct slice instructions, char out[NONCE_BYTES + 1])
{
    static const char *const tags[] = {"<answer", "<score_A", "<score"};
    out[0] = '\0';
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        struct slice tag = slice_of(tags[i]);
        size_t at = slice_find(instructions, tag);
        struct slice mark = at == SIZE_MAX ? S("") : slice_from(instructions, at + tag.n);
        if (is_nonce(mark)) {
            memcpy(out, mark.p, NONCE_BYTES);
            out[NONCE_BYTES] = '\0';
            return;
        }
    }
}

/* take_critique(text, critique): takes what is to be reviewed off the end of a checker's question
 * (judges/check.c). */
static bool take_critique(struct slice *text, struct slice *critique)
{
    const struct slice start = S("\n\n[The Start of the Critique]\n");
    const struct slice end = S("\n[The End of the Critique]");
    size_t at = slice_ends(*text, end) ? slice_rfind(*text, start) : SIZE_MAX;
    if (at == SIZE_MAX)
        return false;
    *critique = slice_sub(*text, at + start.n, text->n - end.n - at - start.n);
    *text = slice_sub(*text, 0, at);
    return true;
}

/* look(a, format, truth, text, view): question and answers, as this format shows them. */
static bool look(struct asked *a, enum format format, const struct truth *truth, struct slice text,
                 struct truth_view *view)
{
    struct frame frame;
    a->format = format;
    a->one = judge_of(format)->pointwise;
    frame_of(&frame, judge_of(format));
    a->judged = truth_look(truth, text, &frame, view);
    a->hint = a->judged ? frame_hint(&frame, text) : '\0';
    return a->judged;
}

/* `text` is the question without its nonces. */
static void read_question(struct asked *a, const struct parts *p, struct slice text,
                          const struct truth *truth)
{
    struct truth_view view = {.gold = VERDICT_NONE};
    struct slice instructions = p->system.n ? p->system : p->user, critique;
    if (take_critique(&text, &critique)) {
        a->ask = ASK_CHECK;
        a->claims = slice_find(instructions, S("<claims")) != SIZE_MAX;
        if (!look(a, FORMAT_VERDICT, truth, text, &view))
            look(a, FORMAT_POINTWISE, truth, text, &view);
        a->leaning = prose_leaning(critique, a->one);
    } else {
        look(a, format_of(instructions), truth, text, &view);
    }
    if (!a->judged) /* what is no judge's question is answered all the same: this is its gist */
        view.shown.prompt = p->last;
    a->gold = view.gold;
    a->pair = view.pair;
    take_excerpts(a, &view.shown);
}

static void keep_end(struct asked *a, struct slice text)
{
    size_t from = text.n < sizeof a->before ? 0 : text.n - sizeof a->before + 1;
    while (from < text.n && ((unsigned char)text.p[from] & 0xC0) == 0x80)
        from++;
    struct slice end = slice_from(text, from);
    memcpy(a->before, end.n ? end.p : "", end.n);
    a->before[end.n] = '\0';
}

/* The last message is the beginning of the answer. */
static void read_prefill(struct asked *a, struct slice begun)
{
    bool open = slice_find(begun, S("<think>")) != SIZE_MAX;
    bool closed = slice_rfind(begun, S("</think>")) != SIZE_MAX;
    a->ask = closed ? ASK_CLOSE : ASK_CONTINUE;
    a->prefilled = true;
    a->thinking = open && !closed;
    a->leaning = prose_leaning(begun, a->one);
    keep_end(a, begun);
}

/* Where the tags begin that end a judgment: its thought may stand there without tags of its own. */
static size_t where_it_concludes(struct slice judged)
{
    static const char *const tags[] = {"</think>", "<answer", "<score"};
    size_t first = judged.n;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        size_t at = slice_find(judged, slice_of(tags[i]));
        first = at < first ? at : first;
    }
    return first;
}

/* A further turn of the user's, after a judgment, asks to go on with it, or for the answer
 * (judges/reflection.c). */
static void read_turn(struct asked *a, const struct parts *p)
{
    bool answer_only = slice_find(p->last, S("without any further thought")) != SIZE_MAX;
    a->ask = answer_only ? ASK_CLOSE : ASK_CONTINUE;
    a->leaning = prose_leaning(p->judged, a->one);
    keep_end(a, slice_sub(p->judged, 0, where_it_concludes(p->judged)));
}

bool asked_is_generation(const struct asked *a)
{
    return a->ask == ASK_ANSWER || a->ask == ASK_MODIFY;
}

static void read_commission(struct asked *a, const struct commission *c)
{
    *a = (struct asked){.ask = c->ask, .gold = VERDICT_NONE, .pair = c->id};
    a->about = c->about;
    a->answer = c->answer;
    memcpy(a->nonce, c->nonce, sizeof a->nonce);
}

static void read_judging(struct asked *a, const struct chat *chat, bool prefill,
                         const struct truth *truth)
{
    struct parts p;
    struct buf plain;
    *a = (struct asked){.ask = ASK_JUDGE, .gold = VERDICT_NONE};
    find_parts(chat, &p);
    find_nonce(p.system.n ? p.system : p.user, a->nonce);
    buf_init(&plain, p.user.n + 1);
    if (a->nonce[0])
        nonce_strip(&plain, p.user, slice_of(a->nonce));
    read_question(a, &p, a->nonce[0] ? buf_view(&plain) : p.user, truth);
    buf_free(&plain);
    if (prefill)
        read_prefill(a, p.last);
    if (prefill && !a->judged)
        a->counted = counting_rest(p.last);
    else if (!prefill && a->judged && a->ask == ASK_JUDGE && p.judged.n)
        read_turn(a, &p);
}

void asked_read(struct asked *a, const struct chat *chat, bool prefill, const struct truth *truth)
{
    struct commission c;
    if (!prefill && commission_read(&c, chat, &truth->prompts)) {
        read_commission(a, &c);
        return;
    }
    read_judging(a, chat, prefill, truth);
    if (!prefill && !a->judged && commission_guess(&c, chat))
        read_commission(a, &c);
}

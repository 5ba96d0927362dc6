#include "judges/stance.h"

#include "judges/quotation.h"
#include "judges/stance_words.h"

/* A choice that names no answer within so many words was about something else. */
#define REACH 8

/* What has been read of a sentence so far. */
struct reading {
    struct stance stance;
    enum verdict subject; /* whom the clause is about */
    bool opened;          /* "so", "therefore" stood somewhere before */
    int pending; /* "choose", "the better one is": one of so many words is the side meant */
    bool than;   /* the next side is what is compared with */
    bool negated, part, hedged, condition, both;
    bool over; /* the last word was "/" or "of": a number is the scale */
    enum word_class last;
    size_t words;
    int right[2]; /* A, B: 1 called correct, -1 called wrong */
    int scores[2];
};

static enum verdict other(enum verdict side)
{
    return side == VERDICT_A ? VERDICT_B : side == VERDICT_B ? VERDICT_A : side;
}

/* A later statement takes the place of an earlier one unless it is weaker. */
static void state(struct reading *r, enum verdict side, bool whole)
{
    bool firm = (whole || r->opened) && !r->hedged && !r->condition;
    if (r->negated)
        side = other(side);
    r->pending = 0;
    if (r->stance.side != VERDICT_NONE && r->stance.firm && !firm)
        return;
    r->stance.side = side;
    r->stance.firm = firm;
    r->stance.concludes = r->stance.concludes || (!r->condition && (whole || r->opened));
}

static void read_side(struct reading *r, enum verdict side, struct word next)
{
    if (r->than) {
        r->than = false;
        return;
    }
    r->subject = side;
    r->part = false;
    if (r->pending > 0 && next.class != WORD_OR && !slice_is(next.text, "/"))
        state(r, side, true);
    r->pending = 0;
}

/* Does what follows "better" narrow it to one aspect of the answer? */
static bool narrows(struct word next)
{
    return next.class == WORD_OTHER || next.class == WORD_HAVE || next.class == WORD_NUMBER;
}

static void read_better(struct reading *r, struct word w, struct word next)
{
    bool whole = w.class == WORD_WIN || w.class == WORD_WORSE || (!r->part && !narrows(next));
    enum verdict subject = w.class == WORD_WORSE ? other(r->subject) : r->subject;
    if (subject != VERDICT_NONE)
        state(r, subject, whole);
    else if (w.class != WORD_WORSE && whole)
        r->pending = REACH;
}

/* "is more accurate": one aspect, unless a conclusion was announced. */
static void read_more(struct reading *r, bool more)
{
    if (r->subject != VERDICT_NONE && r->last == WORD_BE)
        state(r, more ? r->subject : other(r->subject), false);
}

static void read_right(struct reading *r, bool right)
{
    if (r->subject == VERDICT_NONE)
        return;
    r->right[r->subject == VERDICT_B] = right != r->negated ? 1 : -1;
    r->stance.concludes = r->stance.concludes || (r->opened && !r->condition);
}

static void read_number(struct reading *r, struct slice text)
{
    double value;
    if (r->over || r->subject == VERDICT_NONE || !slice_double(text, &value) || value > 100)
        return;
    int *score = &r->scores[r->subject == VERDICT_B];
    if (*score < 0)
        *score = (int)(value * 100);
}

/* A new clause: what was denied or compared in the last one is not in this one. */
static void read_clause(struct reading *r, struct word w)
{
    r->negated = r->part = r->than = false;
    if (!slice_is(w.text, ":"))
        r->pending = 0;
}

/* Words that put what is said into doubt. */
static void read_doubt(struct reading *r, struct word w)
{
    if (w.class == WORD_HEDGE)
        r->hedged = true;
    else if (w.class == WORD_CONDITION || r->subject == VERDICT_NONE)
        r->condition = true;
    if (w.class != WORD_HEDGE)
        r->pending = 0;
}

static void read_equal(struct reading *r, bool equal)
{
    if (equal && r->stance.side == VERDICT_NONE && !r->negated)
        state(r, VERDICT_TIE, true);
}

/* Words that only change how others are read. */
static void note(struct reading *r, enum word_class class)
{
    r->than = r->than || class == WORD_THAN;
    r->negated = r->negated || class == WORD_NOT;
    r->opened = r->opened || class == WORD_SO;
    r->stance.scores = r->stance.scores || class == WORD_SCORE;
    r->both = r->both || class == WORD_BOTH;
    r->part = r->part || class == WORD_HAVE;
    if (class == WORD_HAVE && r->last == WORD_GO)
        r->pending = REACH;
}

static void read_word(struct reading *r, struct word w, struct word next)
{
    switch (w.class) {
    case WORD_SIDE:
        read_side(r, w.side, next);
        break;
    case WORD_NUMBER:
        read_number(r, w.text);
        break;
    case WORD_BETTER:
    case WORD_WIN:
    case WORD_WORSE:
        read_better(r, w, next);
        break;
    case WORD_MORE:
    case WORD_LESS:
        read_more(r, w.class == WORD_MORE);
        break;
    case WORD_CHOOSE:
        r->pending = REACH;
        break;
    case WORD_CORRECT:
    case WORD_INCORRECT:
        read_right(r, w.class == WORD_CORRECT);
        break;
    case WORD_GOOD: /* "not as good as" */
        if (r->negated && r->subject != VERDICT_NONE)
            state(r, r->subject, true);
        break;
    case WORD_EQUAL:
        read_equal(r, !narrows(next));
        break;
    case WORD_EQUALLY:
        read_equal(r, next.class == WORD_GOOD || next.class == WORD_CORRECT);
        break;
    case WORD_THAN:
    case WORD_NOT:
    case WORD_SO:
    case WORD_SCORE:
    case WORD_BOTH:
    case WORD_HAVE:
        note(r, w.class);
        break;
    case WORD_HEDGE:
    case WORD_CONDITION:
    case WORD_WHICH:
        read_doubt(r, w);
        break;
    case WORD_MARK:
    case WORD_BUT:
        read_clause(r, w);
        break;
    case WORD_TO:
    case WORD_NOUN:
    case WORD_ORDINAL:
    case WORD_LINK:
    case WORD_OR:
    case WORD_BE:
    case WORD_GO:
    case WORD_OTHER:
    case WORD_END:
        break;
    }
}

static void pass_word(struct reading *r, struct word w)
{
    r->over = slice_is(w.text, "/") || slice_is(w.text, "of");
    r->pending -= r->pending > 0;
    r->words++;
    if (w.class != WORD_MARK)
        r->last = w.class;
}

/* What only the whole sentence says: one answer right and the other wrong; "Final answer: B". */
static void read_whole(struct reading *r)
{
    struct stance *s = &r->stance;
    if (s->side != VERDICT_NONE || r->both)
        return;
    if (r->right[0] * r->right[1] < 0) {
        r->negated = false;
        state(r, r->right[0] > 0 ? VERDICT_A : VERDICT_B, true);
    } else if (r->opened && r->last == WORD_SIDE && r->words <= REACH && !r->than) {
        state(r, r->subject, true);
    }
}

/* A verdict in brackets or a score in tags says it whatever the words say. */
static void read_marks(struct slice sentence, struct stance *s)
{
    bool a = slice_find(sentence, S("[[A]]")) != SIZE_MAX;
    bool b = slice_find(sentence, S("[[B]]")) != SIZE_MAX;
    bool tie = slice_find(sentence, S("[[C]]")) != SIZE_MAX;
    if (a || b || tie || slice_find(sentence, S("<answer")) != SIZE_MAX)
        s->concludes = true;
    if (a != b) {
        s->side = a ? VERDICT_A : VERDICT_B;
        s->firm = true;
    }
    if (slice_find(sentence, S("<score")) != SIZE_MAX)
        s->concludes = s->scores = true;
}

static void read_scores(struct reading *r, bool numbers)
{
    struct stance *s = &r->stance;
    s->scores = s->scores && numbers;
    if (!s->scores)
        return;
    s->concludes = true;
    if (s->side == VERDICT_NONE && r->scores[0] >= 0 && r->scores[1] >= 0) {
        s->side = r->scores[0] > r->scores[1]   ? VERDICT_A
                  : r->scores[0] < r->scores[1] ? VERDICT_B
                                                : VERDICT_TIE;
        s->firm = !r->condition;
    }
}

static bool is_question(struct slice sentence)
{
    return slice_ends(sentence, S("?")) || slice_ends(sentence, S("？"));
}

/* What stands in quotation marks is somebody else's word. */
static struct slice unquoted(struct slice sentence, struct quotations *q, size_t *at)
{
    struct quotation found;
    size_t from = *at, end = quotations_next(q, &found) ? found.begin : sentence.n;
    *at = end == sentence.n ? end : found.end;
    return slice_sub(sentence, from, end - from);
}

struct stance stance_of(struct slice sentence)
{
    struct reading r = {
        .stance = {.side = VERDICT_NONE}, .subject = VERDICT_NONE, .scores = {-1, -1}};
    struct quotations quoted = quotations_of(sentence);
    bool numbers = false;
    for (size_t at = 0; at < sentence.n;) {
        struct stance_words words = stance_words_of(unquoted(sentence, &quoted, &at));
        for (struct word w; (w = stance_words_next(&words)).class != WORD_END;) {
            read_word(&r, w, stance_words_peek(&words));
            pass_word(&r, w);
            numbers = numbers || w.class == WORD_NUMBER;
        }
    }
    read_whole(&r);
    if (is_question(sentence))
        r.stance = (struct stance){.side = VERDICT_NONE};
    read_scores(&r, numbers);
    read_marks(sentence, &r.stance);
    return r.stance;
}

enum verdict stance_side(struct slice text)
{
    struct stance_words words = stance_words_of(text);
    for (struct word w; (w = stance_words_next(&words)).class != WORD_END;)
        if (w.class == WORD_SIDE)
            return w.side;
    return VERDICT_NONE;
}

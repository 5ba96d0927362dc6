#include "judges/stance.h"

#include "judges/stance_words.h"

/* What has been read of a sentence so far. */
struct reading {
    struct stance stance;
    enum verdict subject; /* whom the clause is about */
    bool opened;          /* "so", "therefore" stood somewhere before */
    bool pending;         /* "choose", "the better one is": the next side is meant */
    bool than;            /* the next side is what is compared with */
    bool negated, part, hedged, condition;
    bool as_good;
    bool over; /* the last word was "/" or "of": a number is the scale */
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
    if (r->stance.side != VERDICT_NONE && r->stance.firm && !firm)
        return;
    r->stance.side = side;
    r->stance.firm = firm;
    r->stance.concludes = r->stance.concludes || (!r->condition && (whole || r->opened));
    r->pending = false;
}

static void read_side(struct reading *r, enum verdict side)
{
    if (r->than) {
        r->than = false;
        return;
    }
    r->subject = side;
    if (r->pending)
        state(r, side, true);
}

/* Does what follows "better" narrow it to one aspect of the answer? */
static bool narrows(struct word next)
{
    return next.class == WORD_OTHER || next.class == WORD_HAVE || next.class == WORD_NUMBER;
}

static void read_better(struct reading *r, struct word w, struct word next)
{
    bool whole = w.class != WORD_BETTER || (!r->part && !narrows(next));
    enum verdict subject = w.class == WORD_WORSE ? other(r->subject) : r->subject;
    if (subject != VERDICT_NONE && subject != VERDICT_TIE)
        state(r, subject, whole);
    else if (w.class != WORD_WORSE && whole)
        r->pending = true;
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

static void read_clause(struct reading *r)
{
    r->negated = r->part = r->than = false;
}

static void read_word(struct reading *r, struct word w, struct word next)
{
    switch (w.class) {
    case WORD_SIDE:
        read_side(r, w.side);
        break;
    case WORD_NUMBER:
        read_number(r, w.text);
        break;
    case WORD_BETTER:
    case WORD_WIN:
    case WORD_WORSE:
        read_better(r, w, next);
        break;
    case WORD_CHOOSE:
        r->pending = true;
        break;
    case WORD_CORRECT:
        if (r->opened && r->subject != VERDICT_NONE && !r->negated)
            r->stance.concludes = true;
        break;
    case WORD_GOOD: /* "not as good as" */
        if (r->negated && r->subject != VERDICT_NONE)
            state(r, r->subject, true);
        break;
    case WORD_EQUAL:
        if (r->stance.side == VERDICT_NONE && !r->negated)
            state(r, VERDICT_TIE, true);
        break;
    case WORD_THAN:
        r->than = true;
        break;
    case WORD_NOT:
        r->negated = true;
        break;
    case WORD_HEDGE:
        r->hedged = true;
        break;
    case WORD_CONDITION:
        r->condition = true;
        break;
    case WORD_MARK:
    case WORD_BUT:
        read_clause(r);
        break;
    case WORD_SO:
        r->opened = true;
        break;
    case WORD_HAVE:
        r->part = true;
        break;
    case WORD_SCORE:
        r->stance.scores = true;
        break;
    case WORD_TO:
    case WORD_NOUN:
    case WORD_ORDINAL:
    case WORD_LINK:
    case WORD_OTHER:
    case WORD_END:
        break;
    }
    r->over = slice_is(w.text, "/") || slice_is(w.text, "of");
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

struct stance stance_of(struct slice sentence)
{
    struct reading r = {
        .stance = {.side = VERDICT_NONE}, .subject = VERDICT_NONE, .scores = {-1, -1}};
    struct stance_words words = stance_words_of(sentence);
    bool numbers = false;
    for (struct word w; (w = stance_words_next(&words)).class != WORD_END;) {
        read_word(&r, w, stance_words_peek(&words));
        numbers = numbers || w.class == WORD_NUMBER;
    }
    if (slice_ends(sentence, S("?")) || slice_ends(sentence, S("\xEF\xBC\x9F")))
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

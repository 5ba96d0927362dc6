#include "cli/sim_teacher/prose.h"

#include <assert.h>
#include <string.h>

#include "base/rng.h"
#include "cli/sim_teacher/phrases.h"

struct speaker {
    struct rng rng;
    const struct prose *p;
    struct buf *out;
};

static struct speaker speaker(const struct prose *p, struct buf *out)
{
    struct speaker s = {.p = p, .out = out};
    rng_init(&s.rng, p->h);
    return s;
}

static const char *pick(struct speaker *s, enum phrase kind)
{
    struct phrases list = phrases_of(kind);
    return list.items[rng_below(&s->rng, list.n)];
}

static char other(char letter)
{
    return letter == 'A' ? 'B' : 'A';
}

static const char *excerpt_of(const struct speaker *s, char letter)
{
    return letter == 'A' ? s->p->x->a : s->p->x->b;
}

static void name_answer(struct speaker *s, char letter, const char *several, const char *one)
{
    buf_str(s->out, s->p->one ? one : several);
    if (!s->p->one)
        buf_char(s->out, letter);
}

/* What the marks of one sentence stand for. */
struct filling {
    char letter;
    const char *ending; /* a sentence of its own for {e}; NULL: the excerpt itself */
    uint64_t m, n;
};

static void say(struct speaker *s, const char *sentence, const struct filling *f);

static void say_mark(struct speaker *s, char mark, const struct filling *f)
{
    switch (mark) {
    case 'x':
        buf_char(s->out, f->letter);
        break;
    case 'y':
        buf_char(s->out, other(f->letter));
        break;
    case 'a':
        name_answer(s, f->letter, "answer ", "the answer");
        break;
    case 'A':
        name_answer(s, f->letter, "Answer ", "The answer");
        break;
    case 'q':
        buf_str(s->out, s->p->x->question);
        break;
    case 'm':
        buf_u64(s->out, f->m);
        break;
    case 'n':
        buf_u64(s->out, f->n);
        break;
    case 's':
        buf_u64(s->out, f->m + f->n);
        break;
    default:
        assert(mark == 'e');
        if (f->ending)
            say(s, f->ending, &(struct filling){.letter = f->letter});
        else
            buf_str(s->out, excerpt_of(s, f->letter));
    }
}

/* say(s, sentence, f): writes a sentence with its marks filled in. */
static void say(struct speaker *s, const char *sentence, const struct filling *f)
{
    for (const char *p = sentence; *p; p++) {
        if (*p != '{') {
            buf_char(s->out, *p);
            continue;
        }
        assert(p[1] && p[2] == '}');
        say_mark(s, p[1], f);
        p += 2;
    }
}

static void state(struct speaker *s, enum phrase kind, char letter)
{
    say(s, pick(s, kind), &(struct filling){.letter = letter});
}

static void comment(struct speaker *s, enum phrase kind, char letter, bool quoting)
{
    const char *sentence = pick(s, kind), *ending = pick(s, PHRASE_ENDING);
    if (!quoting || !excerpt_of(s, letter)[0])
        ending = "";
    say(s, sentence, &(struct filling){.letter = letter, .ending = ending});
}

/* part(s): a new paragraph or just a new sentence. */
static void part(struct speaker *s)
{
    buf_str(s->out, rng_below(&s->rng, 2) ? "\n\n" : " ");
}

static void open_up(struct speaker *s)
{
    bool one = s->p->one;
    if (s->p->x->question[0])
        state(s, PHRASE_OPENING, 'A');
    else
        state(s, one ? PHRASE_ONE_OPENING : PHRASE_BARE_OPENING, 'A');
    buf_char(s->out, ' ');
    state(s, one ? PHRASE_ONE_NEED : PHRASE_NEED, 'A');
    part(s);
}

/* both(s, winner, quoting): what is to be said about each answer. */
static void both(struct speaker *s, char winner, bool quoting)
{
    char first = rng_below(&s->rng, 4) ? 'A' : 'B';
    for (int i = 0; i < (s->p->one ? 1 : 2); i++) {
        char letter = s->p->one ? 'A' : i == 0 ? first : other(first);
        buf_str(s->out, i ? " " : "");
        comment(s, letter == winner ? PHRASE_PRAISE : PHRASE_BLAME, letter, quoting);
    }
}

static void conclude(struct speaker *s)
{
    char side = s->p->side;
    if (s->p->one)
        state(s, side == 'A' ? PHRASE_ONE_HIGH : PHRASE_ONE_LOW, 'A');
    else
        state(s, PHRASE_CONCLUSION, side);
}

static void capitalise(struct buf *b, size_t at)
{
    if (at < b->n && b->p[at] >= 'a' && b->p[at] <= 'z')
        b->p[at] = (char)(b->p[at] - 'a' + 'A');
}

/* begins: no sentence is under way. */
static void look_again(struct speaker *s, bool begins)
{
    char letter = s->p->one || rng_below(&s->rng, 2) ? 'A' : 'B';
    if (!excerpt_of(s, letter)[0] && !s->p->one)
        letter = other(letter);
    size_t start = s->out->n;
    state(s, PHRASE_AGAIN, letter);
    if (begins)
        capitalise(s->out, start);
    buf_char(s->out, ' ');
    struct filling sum = {'A', NULL, 11 + rng_below(&s->rng, 80), 11 + rng_below(&s->rng, 80)};
    if (excerpt_of(s, letter)[0]) {
        state(s, PHRASE_QUOTE, letter);
        buf_char(s->out, ' ');
    }
    say(s, pick(s, PHRASE_SUM), &sum);
    buf_char(s->out, ' ');
}

void prose_decide(const struct prose *p, struct buf *out)
{
    struct speaker s = speaker(p, out);
    open_up(&s);
    if (p->hint) {
        state(&s, PHRASE_HINT, p->hint);
        buf_char(out, ' ');
    }
    both(&s, p->side, true);
    part(&s);
    state(&s, p->one ? PHRASE_ONE_RECHECK : PHRASE_RECHECK, p->side);
    buf_char(out, ' ');
    if (p->one) { /* there is less to say about one answer */
        state(&s, PHRASE_ONE_RECHECK, p->side);
        buf_char(out, ' ');
    }
    if (p->reflects) {
        buf_str(out, "Wait, ");
        look_again(&s, false);
        state(&s, PHRASE_KEPT, p->side);
        buf_char(out, ' ');
    }
    conclude(&s);
}

void prose_waver(const struct prose *p, struct buf *out)
{
    struct speaker s = speaker(p, out);
    open_up(&s);
    for (char letter = 'A'; letter <= (p->one ? 'A' : 'B'); letter++) {
        comment(&s, PHRASE_NEUTRAL, letter, true);
        buf_char(out, ' ');
    }
    state(&s, PHRASE_UNDECIDED, 'A');
}

/* After a bare cue the sentence goes on; after a whole one it begins, which is returned. */
static bool join(struct speaker *s, struct slice before)
{
    char last = before.n ? before.p[before.n - 1] : '\n';
    bool letter = (last | 32) >= 'a' && (last | 32) <= 'z';
    if (last != '\n' && last != ' ')
        buf_str(s->out, letter ? ", " : " ");
    return !letter && last != ',';
}

void prose_again(const struct prose *p, struct slice before, char was, struct buf *out)
{
    struct speaker s = speaker(p, out);
    bool begins = join(&s, before);
    if (p->repeated) {
        char sentence[256];
        excerpt_last_sentence(before, sentence, sizeof sentence);
        buf_str(out, sentence);
        return;
    }
    look_again(&s, begins);
    state(&s, was == 0 || was == p->side ? PHRASE_KEPT : PHRASE_TURNED, p->side);
    buf_char(out, ' ');
    both(&s, p->side, false);
    buf_char(out, ' ');
    conclude(&s);
}

void prose_plan(const struct prose *p, struct buf *out)
{
    struct speaker s = speaker(p, out);
    struct phrases steps = phrases_of(PHRASE_PLAN);
    size_t at = rng_below(&s.rng, steps.n);
    for (size_t i = 0; i < 3; i++)
        buf_addf(out, "%zu. %s\n", i + 1, steps.items[(at + i) % steps.n]);
}

void prose_review(const struct prose *p, bool is_disputed, struct buf *out)
{
    struct speaker s = speaker(p, out);
    state(&s, PHRASE_STANDS, p->side);
    if (is_disputed) {
        buf_char(out, ' ');
        state(&s, PHRASE_DISPUTED, p->side);
    }
}

void prose_refuse(const struct prose *p, struct buf *out)
{
    struct speaker s = speaker(p, out);
    state(&s, PHRASE_REFUSAL, 'A');
}

void prose_shrug(const struct prose *p, struct buf *out)
{
    struct speaker s = speaker(p, out);
    state(&s, PHRASE_SHRUG, 'A');
}

void prose_cut(const struct prose *p, struct buf *text)
{
    struct speaker s = speaker(p, text);
    if (text->n == 0)
        return;
    size_t n = text->n * 2 / 5 + rng_below(&s.rng, text->n * 2 / 5 + 1);
    while (n > 0 && text->p[n] != ' ')
        n--;
    text->n = n;
    text->p[n] = '\0';
}

/* last_of(thought, kind, one, letter): the offset of the last sentence of this kind about this
 * answer, + 1; 0: none. Sentences are known by what stands before the ending. */
static size_t last_of(struct slice thought, enum phrase kind, bool one, char letter)
{
    struct excerpts nothing = {"", "", ""};
    const struct prose p = {.x = &nothing, .one = one, .side = letter};
    struct phrases list = phrases_of(kind);
    size_t last = 0;
    for (size_t i = 0; i < list.n; i++) {
        struct buf known;
        buf_init(&known, 512);
        struct speaker s = speaker(&p, &known);
        say(&s, list.items[i], &(struct filling){.letter = letter, .ending = ""});
        size_t n = strstr(list.items[i], "{e}") ? known.n - 1 : known.n; /* without the full stop */
        size_t at = slice_rfind(thought, slice_sub(buf_view(&known), 0, n));
        if (at != SIZE_MAX && at + 1 > last)
            last = at + 1;
        buf_free(&known);
    }
    return last;
}

char prose_leaning(struct slice thought, bool one)
{
    static const struct {
        enum phrase kind;
        bool one, swapped; /* swapped: it speaks for the other answer */
    } rows[] = {
        {PHRASE_PRAISE, true, false},      {PHRASE_BLAME, true, true},
        {PHRASE_CONCLUSION, false, false}, {PHRASE_ONE_HIGH, true, false},
        {PHRASE_ONE_LOW, true, true},
    };
    size_t best = 0;
    char side = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (char letter = 'A'; letter <= (one ? 'A' : 'B'); letter++) {
            size_t at = one && !rows[i].one ? 0 : last_of(thought, rows[i].kind, one, letter);
            if (at > best) {
                best = at;
                side = rows[i].swapped ? other(letter) : letter;
            }
        }
    }
    return side;
}

#include "cli/sim_teacher/prose.h"

#include <assert.h>
#include <string.h>

#include "base/rng.h"

/*
 * In the sentences {q} is the question's beginning, {x} the letter of the answer spoken of, {y} the
 * other one's, {e} how the answer spoken of ends.
 */
static const char *const openings[] = {
    "The question at hand: \"{q}\"",
    "So the user wants to know this: \"{q}\"",
    "I start from the request itself, \"{q}\"",
    "Two answers, one task. The task reads \"{q}\"",
    "Before comparing anything I restate what was asked: \"{q}\"",
    "Here is what both answers respond to: \"{q}\"",
    "Let me take the request apart first. It begins \"{q}\"",
};
static const char *const bare_openings[] = {
    "There is one request here and two attempts at it.",
    "I read the request first and then each of the attempts.",
    "Two answers to the same request have to be weighed.",
};
static const char *const needs[] = {
    "A good answer must arrive at the right result, and every step on the way must hold.",
    "What counts is whether the conclusion is right; tone and length come far behind.",
    "I would do the work myself and then see which answer agrees with it step by step.",
    "The facts given in the request must all be used, each once, and nothing may be invented.",
    "I care most about the one place where the two go different ways.",
    "A fair reader would check the reasoning line by line and only then look at the style.",
};
static const char *const praise[] = {
    "Answer {x} keeps to what was given, and each of its steps follows from the one before{e}.",
    "In answer {x} I find no step that I would have to take back; the ending fits the request{e}.",
    "Going through answer {x} slowly, my own working and its working stay together{e}.",
    "Answer {x} reads the request as it was meant and carries it through without a slip{e}.",
    "The steps of answer {x} can be repeated by hand and give what it says they give{e}.",
    "Answer {x} uses all that the request states and lands where it should{e}.",
    "I tried to break answer {x} at each line and did not succeed{e}.",
};
static const char *const blame[] = {
    "Answer {x} sounds just as sure, yet one step does not follow and the rest leans on it{e}.",
    "Answer {x} starts well and then goes wrong in a single place that decides the outcome{e}.",
    "With answer {x} my working and its working part company halfway, and I cannot mend it{e}.",
    "Answer {x} overlooks something that the request says plainly, so its ending cannot stand{e}.",
    "The trouble with answer {x} is a claim in the middle that nothing supports{e}.",
    "Answer {x} is no worse in manner, but its result is not what the request leads to{e}.",
    "Checking answer {x} backwards from its ending, I do not come back to what was given{e}.",
};
static const char *const neutral[] = {
    "Answer {x} is plausible as far as I can follow it{e}.",
    "I can neither confirm nor refute what answer {x} does in the middle{e}.",
    "Answer {x} takes an understandable way and explains it well enough{e}.",
    "About answer {x} I have small doubts and no proof against it{e}.",
};
static const char *const rechecks[] = {
    "Do I favour one because it came first? Read in the other order, they look the same to me.",
    "Length is no argument here: the two are about equally long.",
    "I went over the deciding step a second time to be safe; it comes out as before.",
    "Both are polite and clear, so style gives no reason to prefer either.",
    "If I leave aside how confident each one sounds, the difference becomes plainer still.",
    "To be fair to answer {y}, most of it is sound; it is one step that settles the matter.",
};
static const char *const conclusions[] = {
    "All in all answer {x} is the better one.",
    "That is enough for me to prefer answer {x} to answer {y}.",
    "Since being right weighs most, answer {x} wins over answer {y}.",
    "So my decision falls on answer {x}.",
    "For these reasons I hold answer {x} to be better than answer {y}.",
    "Answer {y} would mislead the user; answer {x} would help. I choose {x}.",
};
static const char *const undecided[] = {
    "After all this I still cannot say which one serves the user better.",
    "Neither of them is ahead of the other in anything that matters to me.",
    "Weighing it back and forth, I end where I began.",
};
static const char *const endings[] = {
    "; it ends with \"{e}\"",
    ", down to its last line, \"{e}\"",
    " (\"{e}\")",
    ", and closes on \"{e}\"",
    "",
};
static const char *const refusals[] = {
    "I'm sorry, but I can't help with judging this content.",
    "I am not able to assess these answers.",
};
static const char *const shrugs[] = {
    "Both answers have their merits, and I would rather leave the decision to you.",
    "It depends on what the user values more.",
};

#define PICK(r, list) (list)[rng_below((r), sizeof(list) / sizeof((list)[0]))]

struct speaker {
    struct rng rng;
    const struct excerpts *x;
    struct buf *out;
};

static const char *excerpt_of(const struct speaker *s, char letter)
{
    return letter == 'A' ? s->x->a : s->x->b;
}

/* say(s, sentence, letter, ending): writes a sentence with its marks filled in. */
static void say(struct speaker *s, const char *sentence, char letter, const char *ending)
{
    struct buf *out = s->out;
    for (const char *p = sentence; *p; p++) {
        if (*p != '{') {
            buf_char(out, *p);
            continue;
        }
        assert(p[1] && p[2] == '}');
        if (p[1] == 'x')
            buf_char(out, letter);
        else if (p[1] == 'y')
            buf_char(out, letter == 'A' ? 'B' : 'A');
        else if (p[1] == 'q')
            buf_str(out, s->x->question);
        else if (ending)
            say(s, ending, letter, NULL);
        else
            buf_str(out, excerpt_of(s, letter));
        p += 2;
    }
}

static void comment(struct speaker *s, const char *sentence, char letter)
{
    const char *ending = PICK(&s->rng, endings);
    say(s, sentence, letter, excerpt_of(s, letter)[0] ? ending : "");
}

/* part(s): a new paragraph or just a new sentence. */
static void part(struct speaker *s)
{
    buf_str(s->out, rng_below(&s->rng, 2) ? "\n\n" : " ");
}

static void open_up(struct speaker *s)
{
    const char *with = PICK(&s->rng, openings), *without = PICK(&s->rng, bare_openings);
    say(s, s->x->question[0] ? with : without, 'A', NULL);
    buf_char(s->out, ' ');
    say(s, PICK(&s->rng, needs), 'A', NULL);
    part(s);
}

/* decide(s, winner): the whole thought that leads to a side. */
static void decide(struct speaker *s, char winner)
{
    open_up(s);
    char first = rng_below(&s->rng, 4) ? 'A' : 'B';
    for (int i = 0; i < 2; i++) {
        char letter = i == 0 ? first : first == 'A' ? 'B' : 'A';
        const char *good = PICK(&s->rng, praise), *poor = PICK(&s->rng, blame);
        buf_str(s->out, i ? " " : "");
        comment(s, letter == winner ? good : poor, letter);
    }
    part(s);
    say(s, PICK(&s->rng, rechecks), winner, NULL);
    buf_char(s->out, ' ');
    say(s, PICK(&s->rng, conclusions), winner, NULL);
}

static void waver(struct speaker *s)
{
    open_up(s);
    comment(s, PICK(&s->rng, neutral), 'A');
    buf_char(s->out, ' ');
    comment(s, PICK(&s->rng, neutral), 'B');
    buf_char(s->out, ' ');
    say(s, PICK(&s->rng, undecided), 'A', NULL);
}

static void write_side(struct buf *out, char letter)
{
    buf_addf(out, "<answer> [[%c]] </answer>", letter);
}

/* Cut somewhere between two and four fifths, at the end of a word. */
static void cut_off(struct speaker *s, struct buf *text)
{
    size_t n = text->n * 2 / 5 + rng_below(&s->rng, text->n * 2 / 5 + 1);
    while (n > 0 && text->p[n] != ' ')
        n--;
    text->n = n;
    text->p[n] = '\0';
}

void prose_write(const struct excerpts *x, enum verdict v, uint64_t h, struct buf *thought,
                 struct buf *answer)
{
    struct speaker s = {.x = x, .out = thought};
    rng_init(&s.rng, h);
    char side = v == VERDICT_A ? 'A' : v == VERDICT_B ? 'B' : rng_below(&s.rng, 2) ? 'A' : 'B';
    if (v == VERDICT_TIE || v == VERDICT_NONE)
        waver(&s);
    else if (v != VERDICT_REFUSED && (v != VERDICT_EMPTY || rng_below(&s.rng, 2)))
        decide(&s, side);
    if (v == VERDICT_A || v == VERDICT_B) {
        write_side(answer, side);
    } else if (v == VERDICT_TIE) {
        buf_addf(answer, "<answer> [[%s]] </answer>", rng_below(&s.rng, 2) ? "C" : "tie");
    } else if (v == VERDICT_NONE) {
        buf_str(answer, PICK(&s.rng, shrugs));
    } else if (v == VERDICT_CONFLICTING) {
        write_side(answer, 'A');
        buf_str(answer, " or else ");
        write_side(answer, 'B');
    } else if (v == VERDICT_UNCLOSED) {
        buf_char(thought, '\n');
        write_side(thought, side);
    } else if (v == VERDICT_TRUNCATED) {
        cut_off(&s, thought);
    } else if (v == VERDICT_REFUSED) {
        buf_str(answer, PICK(&s.rng, refusals));
    }
}

static bool says_something(struct slice line)
{
    for (size_t i = 0; i < line.n; i++) {
        unsigned char c = (unsigned char)line.p[i];
        if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))
            return true;
    }
    return false;
}

static struct slice line_of(struct slice text, bool from_end)
{
    struct slice line = {0};
    while (text.n) {
        size_t at = from_end ? slice_rfind(text, S("\n")) : slice_find(text, S("\n"));
        if (at == SIZE_MAX)
            line = text, text = S("");
        else if (from_end)
            line = slice_from(text, at + 1), text = slice_sub(text, 0, at);
        else
            line = slice_sub(text, 0, at), text = slice_from(text, at + 1);
        if (says_something(line))
            return slice_trim(line);
    }
    return S("");
}

/* fit(line, max): the longest beginning of at most max bytes that ends with a word, or if there is
 * none, with a character. */
static size_t fit(struct slice line, size_t max)
{
    if (line.n <= max)
        return line.n;
    size_t n = max;
    while (n > max / 2 && line.p[n] != ' ')
        n--;
    if (n > max / 2)
        return n;
    for (n = max; n > 0 && ((unsigned char)line.p[n] & 0xC0) == 0x80;)
        n--;
    return n;
}

void prose_excerpt(struct slice text, bool from_end, char *out, size_t size)
{
    struct slice line = line_of(text, from_end);
    size_t n = fit(line, size - 1);
    for (size_t i = 0; i < n; i++) {
        char c = line.p[i];
        /* A tag or bracket from the material must not look like one of the judge's own. */
        bool harmless = (unsigned char)c >= ' ' && c != 127 && !strchr("<>[]{}\"", c);
        out[i] = harmless ? c : ' ';
    }
    out[n] = '\0';
}

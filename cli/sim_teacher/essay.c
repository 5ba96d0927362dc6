#include "cli/sim_teacher/essay.h"

#include "base/rng.h"
#include "cli/sim_teacher/words.h"

#define LOOKED_AT ((size_t)8 * 1024) /* of a prompt, when words are taken from it */
#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

/* Marks in a sentence: {s} the subject, {w} some word of the prompt, {v} a word of the stock below.
 * No sentence has digits. */
static const char *const subject_openings[] = {
    "A good way to begin is with {s}, since most of the rest follows from it.",
    "The heart of the matter is {s}, and it helps to say first what is meant by it.",
    "Much depends here on {s}, so that is where I would look first.",
    "There is more to {s} than one might think at first.",
    "Let me take {s} as the starting point of this answer.",
    "People often ask about {s}, and a short answer seldom does it justice.",
};
static const char *const remarks[] = {
    "The part about {w} is easy to overlook.",
    "As for {w}, it depends on what one already knows about it.",
    "In practice {w} and {w} go together more often than not.",
    "A simple example makes the role of {w} clear.",
    "It is worth keeping {w} in mind throughout.",
    "Many people start with {w}, although it rarely comes first.",
    "What matters about {w} is how it is used and by whom.",
    "One step at a time is best, and {w} can wait until the end.",
    "If there is any doubt about {w}, it pays to look it up.",
    "That is why {w} deserves a closer look, even when time is short.",
    "None of this is hard, but {w} takes some patience and a little planning ahead.",
    "Compare it with {w} and the difference is plain.",
    "A list helps: first {w}, then whatever is left.",
    "Experience shows that {w} can surprise even those who have seen it before.",
};
static const char *const last_words[] = {
    "In short, start small and keep what works.",
    "I hope this helps; ask again if something is unclear.",
    "That is all there is to it.",
    "Beyond that it is a question of taste.",
    "With that in hand, the rest should be straightforward.",
};
static const char *const beginnings[] = {
    "We are asked about {w}.",
    "Let us go through this step by step, beginning with {w}.",
    "First I note what is said about {w}.",
    "The question is about {w}, so I write down what is known.",
};
static const char *const further[] = {
    "The next step concerns {w}.",
    "What is said about {w} gives the second part.",
    "Together with {w} this fixes the result.",
    "Nothing else about {w} matters here.",
    "Adding what we know about {w} takes us further.",
    "I checked the step with {w} once more, and it holds.",
    "The remark about {w} changes nothing.",
    "Now {w} and {w} have to be put together.",
};
static const char *const thoughts[] = {
    "The user wants something about {w}.", "I should be clear about {w} and not too long.",
    "Let me think about {w} first.",       "There may be a catch with {w}.",
    "I will keep to what was asked.",      "A plain answer will do.",
};
static const char *const strays[] = {
    "Describe a {v} for somebody who has only ever seen a {v}, in three sentences.",
    "Why would anyone paint a {v} green? Mention a {v} too.",
    "Invent a short proverb on the {v} and the {v}.",
};

/* Subjects of prompts that are changed. */
static const char *const stock[] = {
    "harbour",  "lantern",  "orchard", "violin",  "glacier", "compass",  "saddle",  "teapot",
    "windmill", "notebook", "pigeon",  "quarry",  "ribbon",  "squirrel", "tunnel",  "umbrella",
    "village",  "walnut",   "anchor",  "balcony", "cushion", "dolphin",  "feather", "gazebo",
};
#define NO_WORD "the question"

struct writer {
    struct rng rng;
    struct slice prompt;
    size_t words; /* that tell */
    struct slice subject;
    struct buf *out;
};

static size_t below(struct writer *w, size_t n)
{
    return (size_t)rng_below(&w->rng, n);
}

static struct slice some_word(struct writer *w)
{
    return w->words ? words_at(w->prompt, below(w, w->words)) : S(NO_WORD);
}

static struct writer writer_of(const struct essay *e, struct buf *out)
{
    struct writer w = {.prompt = e->prompt, .subject = e->subject, .out = out};
    rng_init(&w.rng, e->h);
    if (w.prompt.n > LOOKED_AT) {
        w.prompt.n = LOOKED_AT;
        while (w.prompt.n > 0 && ((unsigned char)w.prompt.p[w.prompt.n] & 0xC0) == 0x80)
            w.prompt.n--;
    }
    w.words = words_count(w.prompt);
    if (w.subject.n == 0)
        w.subject = some_word(&w);
    return w;
}

/* A word of the stock that the whole prompt does not have. */
static struct slice new_word(struct writer *w, struct slice prompt)
{
    size_t first = below(w, N_OF(stock));
    for (size_t i = 0; i < N_OF(stock); i++) {
        struct slice word = slice_of(stock[(first + i) % N_OF(stock)]);
        if (slice_find(prompt, word) == SIZE_MAX)
            return word;
    }
    return slice_of(stock[first]);
}

static void put_sentence(struct writer *w, const char *sentence)
{
    for (const char *p = sentence; *p; p++) {
        if (*p != '{') {
            buf_char(w->out, *p);
            continue;
        }
        buf_slice(w->out, p[1] == 's'   ? w->subject
                          : p[1] == 'w' ? some_word(w)
                                        : slice_of(stock[below(w, N_OF(stock))]));
        p += 2;
    }
}

/* several(w, list, n, least, most): that many different ones of the list, each after a space or a
 * blank line. */
static void several(struct writer *w, const char *const *list, size_t n, size_t least, size_t most)
{
    size_t count = least + below(w, most - least + 1), at = below(w, n);
    size_t step = below(w, 2) ? 1 : n - 1; /* either visits all before it comes back */
    for (size_t i = 0; i < count; i++, at = (at + step) % n) {
        buf_str(w->out, below(w, 4) ? " " : "\n\n");
        put_sentence(w, list[at]);
    }
}

void essay_answer(const struct essay *e, struct buf *out)
{
    struct writer w = writer_of(e, out);
    put_sentence(&w, subject_openings[below(&w, N_OF(subject_openings))]);
    several(&w, remarks, N_OF(remarks), 1, 7);
    if (below(&w, 4)) {
        buf_char(out, ' ');
        put_sentence(&w, last_words[below(&w, N_OF(last_words))]);
    }
}

void essay_solution(const struct essay *e, struct buf *out)
{
    struct writer w = writer_of(e, out);
    put_sentence(&w, beginnings[below(&w, N_OF(beginnings))]);
    several(&w, further, N_OF(further), 1, 6);
}

void essay_thought(const struct essay *e, struct buf *out)
{
    struct writer w = writer_of(e, out);
    put_sentence(&w, thoughts[below(&w, N_OF(thoughts))]);
    several(&w, thoughts, N_OF(thoughts), 1, 3);
}

/* opens_with(text, sentence, subject): whether it begins with this sentence, and about what. */
static bool opens_with(struct slice text, struct slice sentence, struct slice *subject)
{
    size_t mark = slice_find(sentence, S("{s}"));
    struct slice head = slice_sub(sentence, 0, mark), tail = slice_from(sentence, mark + 3);
    if (!slice_starts(text, head))
        return false;
    text = slice_sub(text, head.n, WORDS_MAX_BYTES + tail.n);
    size_t at = slice_find(text, tail);
    *subject = slice_sub(text, 0, at == SIZE_MAX ? 0 : at);
    return subject->n > 0;
}

bool essay_answers(struct slice text, struct slice prompt, bool *yes)
{
    struct slice subject;
    for (size_t i = 0; i < N_OF(subject_openings); i++) {
        if (opens_with(slice_trim(text), slice_of(subject_openings[i]), &subject)) {
            *yes = slice_is(subject, NO_WORD) || slice_find(prompt, subject) != SIZE_MAX;
            return true;
        }
    }
    return false;
}

/* One word is always exchanged, and of the others about one in ten. */
struct slice essay_change(const struct essay *e, struct buf *out)
{
    struct writer w = writer_of(e, out);
    struct slice rest = e->prompt, word, subject = new_word(&w, e->prompt);
    size_t n = words_count(e->prompt), chosen = n ? below(&w, n) : 0, i = 0, from = 0;
    while (words_next(&rest, &word)) {
        size_t at = (size_t)(word.p - e->prompt.p);
        buf_slice(out, slice_sub(e->prompt, from, at - from));
        from = at + word.n;
        bool tells = words_tells(word);
        if (tells && i == chosen)
            buf_slice(out, subject);
        else if (tells && below(&w, 10) == 0)
            buf_str(out, stock[below(&w, N_OF(stock))]);
        else
            buf_slice(out, word);
        i += tells;
    }
    buf_slice(out, slice_from(e->prompt, from));
    if (n == 0) {
        buf_str(out, " And what would it be for a ");
        buf_slice(out, subject);
        buf_char(out, '?');
    }
    return subject;
}

struct slice essay_stray(const struct essay *e, struct buf *out)
{
    struct writer w = writer_of(e, out);
    struct slice subject = new_word(&w, e->prompt);
    put_sentence(&w, strays[below(&w, N_OF(strays))]);
    buf_str(out, " Say something about a ");
    buf_slice(out, subject);
    buf_char(out, '.');
    return subject;
}

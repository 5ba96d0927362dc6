/*
 * Pairs whose two traces do not name what decides them. Where the pair's evidence says where the
 * rejected answer goes wrong (filters/evidence.h), the trace of each order must name it: a figure
 * or text of it, or the step. Where it does not say, `require` asks that both traces rest on one
 * and the same thing: a figure or quotation that only the rejected answer has.
 */
#include <stdlib.h>
#include <string.h>

#include "filters/evidence.h"
#include "filters/figures.h"
#include "filters/filter.h"
#include "filters/verbatim.h"
#include "judges/quotation.h"
#include "schemas/chat.h"

enum { REQUIRE };

#define MEMORY ((size_t)64 << 20) /* of one pair */
#define MOST_QUOTED 64            /* quotations of one trace that are compared */
#define LEAST_QUOTED 8            /* bytes */
#define MOST_WORDS 16             /* of a description */
#define LEAST_WORD 5              /* letters of a word that says something */

static const struct filter_option options[] = {
    [REQUIRE] = {"require", 0, 0, 1,
                 "1: without evidence of the place, both orders must name the same defect"},
    {0},
};

/* A pair taken apart: texts in the form of filters/verbatim.h, and their figures. */
struct pass {
    double require;
    struct arena arena;
    struct buf prompt, chosen, rejected, sides[2];
    struct figure_set in_prompt, in_chosen, in_rejected, in_sides[2];
    struct chat answer; /* the rejected one */
    struct evidence evidence;
};

static void *open_pass(const double *settings)
{
    struct pass *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->require = settings[REQUIRE];
    arena_init(&p->arena, MEMORY);
    struct buf *all[] = {&p->prompt, &p->chosen, &p->rejected, &p->sides[0], &p->sides[1]};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        buf_init(all[i], MEMORY);
    return p;
}

static void close_pass(void *state)
{
    struct pass *p = state;
    if (!p)
        return;
    struct buf *all[] = {&p->prompt, &p->chosen, &p->rejected, &p->sides[0], &p->sides[1]};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        buf_free(all[i]);
    arena_free(&p->arena);
    free(p);
}

static bool read_chat(struct pass *p, struct slice text, struct chat *chat, struct buf *out,
                      struct figure_set *set)
{
    struct err e;
    *chat = (struct chat){0};
    buf_clear(out);
    memset(set, 0, sizeof *set);
    if (text.n > 0 && !chat_parse(text, chat, &p->arena, &e))
        return false;
    verbatim_chat(out, chat);
    figure_set_add(set, buf_view(out));
    return !out->failed;
}

static bool read_side(struct buf *out, struct figure_set *set, const struct filter_side *side)
{
    buf_clear(out);
    memset(set, 0, sizeof *set);
    verbatim_add(out, side->thought);
    buf_char(out, '\n');
    verbatim_add(out, side->answer);
    figure_set_add(set, buf_view(out));
    return !out->failed;
}

static bool read_item(struct pass *p, const struct filter_item *item)
{
    arena_reset(&p->arena);
    evidence_read(item->evidence, &p->evidence, &p->arena);
    struct chat prompt, chosen;
    return read_chat(p, item->prompt, &prompt, &p->prompt, &p->in_prompt) &&
           read_chat(p, item->chosen, &chosen, &p->chosen, &p->in_chosen) &&
           read_chat(p, item->rejected, &p->answer, &p->rejected, &p->in_rejected) &&
           read_side(&p->sides[0], &p->in_sides[0], &item->sides[0]) &&
           read_side(&p->sides[1], &p->in_sides[1], &item->sides[1]);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether the text has the word, whatever its case, with no letter or digit beside it. */
static bool has_word(struct slice text, struct slice word)
{
    for (size_t at = 0; at + word.n <= text.n; at++) {
        size_t n = 0;
        while (n < word.n && lower(text.p[at + n]) == lower(word.p[n]))
            n++;
        if (n < word.n)
            continue;
        char before = at > 0 ? lower(text.p[at - 1]) : ' ';
        char after = at + n < text.n ? lower(text.p[at + n]) : ' ';
        bool beside = (before >= 'a' && before <= 'z') || (after >= 'a' && after <= 'z') ||
                      (after >= '0' && after <= '9');
        if (!beside)
            return true;
    }
    return false;
}

/* first, step, last in a row: "step 3", "the third line". */
static bool has_phrase(struct slice text, struct slice first, struct slice middle,
                       struct slice last)
{
    struct buf b;
    buf_init(&b, 128);
    buf_slice(&b, first);
    buf_slice(&b, middle);
    buf_slice(&b, last);
    bool has = !b.failed && has_word(text, buf_view(&b));
    buf_free(&b);
    return has;
}

static bool names_step(struct slice text, int64_t step)
{
    static const char *const ordinals[] = {"first", "second",  "third",  "fourth", "fifth",
                                           "sixth", "seventh", "eighth", "ninth",  "tenth"};
    struct buf digits;
    buf_init(&digits, 32);
    buf_i64(&digits, step);
    struct slice n = buf_view(&digits);
    bool has = has_phrase(text, S("step "), n, S("")) || has_phrase(text, S("step ("), n, S(")")) ||
               has_phrase(text, S("line "), n, S("")) || has_phrase(text, S("第"), n, S("步"));
    buf_free(&digits);
    if (has || step < 1 || step > 10)
        return has;
    struct slice ordinal = slice_of(ordinals[step - 1]);
    return has_phrase(text, ordinal, S(" step"), S("")) ||
           has_phrase(text, ordinal, S(" line"), S(""));
}

/* A figure that only one of the two answers has, and that was not given. */
static bool is_decisive(const struct pass *p, uint64_t figure)
{
    return figure_set_has(&p->in_rejected, figure) != figure_set_has(&p->in_chosen, figure) &&
           !figure_set_has(&p->in_prompt, figure);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* At least half of the words that say something. */
static bool has_most_words(struct slice text, struct slice description)
{
    size_t words = 0, there = 0;
    for (size_t at = 0; at < description.n && words < MOST_WORDS; at++) {
        size_t n = 0;
        while (at + n < description.n && is_word(description.p[at + n]))
            n++;
        if (n >= LEAST_WORD) {
            words++;
            there += has_word(text, slice_sub(description, at, n));
        }
        at += n;
    }
    return words > 0 && there * 2 >= words;
}

/* Digits after "step" or "line" number it, and are no figure of the work. */
static bool numbers_a_step(struct slice text, const struct figure *f, int64_t *step)
{
    struct slice before = slice_trim(slice_sub(text, 0, f->begin));
    if (!slice_ends(before, S("step")) && !slice_ends(before, S("Step")) &&
        !slice_ends(before, S("line")) && !slice_ends(before, S("Line")))
        return false;
    return slice_i64(slice_sub(text, f->begin, f->end - f->begin), step);
}

/* By its figures when it has any that matter, else by the step it names, else by its words. */
static bool names_description(const struct pass *p, int side, struct slice description)
{
    struct figures all = figures_of(description);
    int64_t step = -1;
    bool decisive = false;
    for (struct figure f; figures_next(&all, &f);) {
        if (numbers_a_step(description, &f, &step) || !is_decisive(p, f.value))
            continue;
        if (figure_set_has(&p->in_sides[side], f.value))
            return true;
        decisive = true;
    }
    if (decisive)
        return false;
    struct slice text = buf_view(&p->sides[side]);
    return (step >= 0 && names_step(text, step)) || has_most_words(text, description);
}

/* Figures only, like "711", or a piece of text. */
static bool names_text(struct pass *p, int side, struct slice text)
{
    struct figures all = figures_of(text);
    struct figure f;
    if (figures_next(&all, &f) && f.begin == 0 && f.end == text.n)
        return figure_set_has(&p->in_sides[side], f.value);
    struct buf plain;
    buf_init(&plain, text.n * 3 + 16);
    verbatim_add(&plain, text);
    bool has = plain.failed || verbatim_has(buf_view(&p->sides[side]), buf_view(&plain));
    buf_free(&plain);
    return has;
}

/* Line `step` of the rejected answer, counted from 1 without blank ones. */
static struct slice line_of(const struct pass *p, int64_t step)
{
    for (size_t i = 0; i < p->answer.n; i++) {
        struct slice rest = p->answer.messages[i].content;
        while (rest.n > 0) {
            struct slice line = slice_trim(slice_cut(rest, '\n', &rest));
            if (line.n > 0 && --step == 0)
                return line;
        }
    }
    return S("");
}

/* The step by its number, or by a figure that its line alone has. */
static bool names_place_of_step(const struct pass *p, int side, int64_t step)
{
    if (names_step(buf_view(&p->sides[side]), step))
        return true;
    struct figures all = figures_of(line_of(p, step));
    for (struct figure f; figures_next(&all, &f);)
        if (is_decisive(p, f.value) && figure_set_has(&p->in_sides[side], f.value))
            return true;
    return false;
}

static bool names_defect(struct pass *p, int side)
{
    for (size_t i = 0; i < p->evidence.n; i++) {
        const struct place *at = &p->evidence.places[i];
        bool named = at->kind == PLACE_STEP   ? names_place_of_step(p, side, at->number)
                     : at->kind == PLACE_TEXT ? names_text(p, side, at->text)
                                              : names_description(p, side, at->text);
        if (named)
            return true;
    }
    return false;
}

static bool share_figure(const struct pass *p)
{
    struct figures all = figures_of(buf_view(&p->rejected));
    for (struct figure f; figures_next(&all, &f);)
        if (is_decisive(p, f.value) && figure_set_has(&p->in_sides[0], f.value) &&
            figure_set_has(&p->in_sides[1], f.value))
            return true;
    return false;
}

/* A quotation of one trace that the rejected answer alone has and the other trace has, too. */
static bool share_quotation(const struct pass *p)
{
    for (int side = 0; side < 2; side++) {
        struct quotations all = quotations_of(buf_view(&p->sides[side]));
        struct quotation q;
        for (int n = 0; n < MOST_QUOTED && quotations_next(&all, &q); n++)
            if (q.inside.n >= LEAST_QUOTED && verbatim_has(buf_view(&p->rejected), q.inside) &&
                !verbatim_has(buf_view(&p->chosen), q.inside) &&
                verbatim_has(buf_view(&p->sides[1 - side]), q.inside))
                return true;
    }
    return false;
}

static bool admit(void *state, const struct filter_item *item)
{
    struct pass *p = state;
    if (!p || !read_item(p, item)) /* without memory nothing can be held against it */
        return true;
    if (p->evidence.n > 0)
        return names_defect(p, 0) && names_defect(p, 1);
    return p->require < 1 || share_figure(p) || share_quotation(p);
}

/* Both answers add 79 eight times; the rejected one nine times. */
#define ROW(first, second, e, o, k, w)                                                            \
    {                                                                                             \
        .thought = (first), .other_thought = (second), .evidence = (e), .options = (o),           \
        .keep = (k), .why = (w), .answer = "", .answer_a = "79 x 8 = 632.\nLeft: 632 - 70 = 562", \
        .answer_b = "79 x 8 = 711.\nLeft: 711 - 70 = 641"                                         \
    }
#define SAID \
    "{\"kind\":\"declared\",\"meta\":{\"error\":\"step 1: 711 instead of 632 (took 9 times)\"}}"

static const struct filter_case cases[] = {
    ROW("B says 711, which is wrong.", "A gets 711.", SAID, "", true, "both name the wrong figure"),
    ROW("It must be 632.", "A gets 711.", SAID, "", true, "the right one names it, too"),
    ROW("B says 711.", "A ends in 641.", SAID, "", false, "one names only what follows from it"),
    ROW("B is off.", "A is off.", SAID, "", false, "neither"),
    ROW("B is wrong in step 1.", "The first step of A.", "{\"wrong_step\": 1}", "", true,
        "the step"),
    ROW("B says 711.", "A says 711.", "{\"error_step\": \"1\"}", "", true, "a figure of the step"),
    ROW("B is wrong in step 2.", "Step 1 of A is wrong.", "{\"error\": 1}", "", false,
        "another step"),
    ROW("B writes 711.0 there.", "A has 711", "{\"got\": 711, \"expected\": 632}", "", true,
        "a value"),
    ROW("It says \"79 x 8 =  711\".", "79 x 8 = 711 is off.", "{\"quote\": \"79 x 8 = 711.\"}", "",
        true, "a quotation"),
    ROW("The product is off.", "79 x 8 = 711 is off.", "{\"quote\": \"79 x 8 = 711.\"}", "", false,
        "one without the quotation"),
    ROW("It uses the wrong conversion here.", "The conversion factor is off.",
        "{\"error\": \"wrong conversion factor\"}", "", true, "its words"),
    ROW("It is too long.", "The conversion factor is off.",
        "{\"error\": \"wrong conversion factor\"}", "", false, "other words"),
    ROW("B is off.", "A is off.", "{\"gold\": \"562\", \"trust\": \"verified\"}", "", true,
        "evidence that names no place"),
    ROW("B is off.", "A is off.", "no JSON", "", true, "no evidence"),
    ROW("B is off.", "A is off.", "", "require=1", false, "nothing in common"),
    ROW("B ends in 641.", "A has 641 at its end.", "", "require=1", true, "one figure"),
    ROW("B has 711.", "A has 641.", "", "require=1", false, "different figures"),
    ROW("Both have 70.", "Both have 70.", "", "require=1", false, "a figure of both answers"),
    ROW("It says \"8 = 711. Left\".", "I doubt 8 = 711. Left there.", "", "require=1", true,
        "a quotation"),
    ROW("", "", "", "require=1", false, "no thoughts"),
};

const struct filter filter_defect = {
    .name = "defect",
    .help = "removes accepted pairs whose traces do not name where the rejected answer goes wrong",
    .scope = FILTER_CORPUS,
    .options = options,
    .open = open_pass,
    .admit = admit,
    .close = close_pass,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

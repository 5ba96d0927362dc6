#include "cli/sim_teacher/content.h"

#include <stdio.h>

#include "cli/sim_teacher/cut.h"
#include "cli/sim_teacher/form.h"
#include "cli/sim_teacher/mix.h"
#include "cli/sim_teacher/prose.h"

#define TEXT_MAX ((size_t)64 * 1024) /* beside what comes of a prompt */
#define PROMPT_TIMES 16              /* as much of that, at most */

enum { SALT_PROSE = 101, SALT_FORM };

/* One answer in the making. */
struct draft {
    struct content *t;
    const struct judgment *j;
    const struct choice *choice;
    struct prose prose;
    enum thought_field where;
    struct buf answer;
};

static bool is_decided(enum verdict v)
{
    return v == VERDICT_A || v == VERDICT_B || v == VERDICT_SCORE || v == VERDICT_CONFLICTING ||
           v == VERDICT_UNCLOSED || v == VERDICT_TRUNCATED || v == VERDICT_DISPUTED;
}

static void write_form(const struct draft *d, enum verdict v, struct buf *out)
{
    const struct asked *a = &d->j->asked;
    form_write(&(struct form){.format = a->ask == ASK_CHECK ? FORMAT_VERDICT : a->format,
                              .nonce = a->nonce,
                              .verdict = v,
                              .score_a = d->choice->score_a,
                              .score_b = d->choice->score_b,
                              .h = mix_two(d->prose.h, SALT_FORM)},
               out);
}

static void write_judgment(const struct draft *d)
{
    enum verdict v = d->choice->verdict;
    struct buf *thought = &d->t->thought;
    if (v == VERDICT_REFUSED || (v == VERDICT_EMPTY && d->prose.h % 2))
        return;
    if (is_decided(v) || v == VERDICT_EMPTY)
        prose_decide(&d->prose, thought);
    else
        prose_waver(&d->prose, thought);
}

static void write_thought(const struct draft *d)
{
    const struct asked *a = &d->j->asked;
    switch (a->ask) {
    case ASK_JUDGE:
        write_judgment(d);
        break;
    case ASK_CONTINUE:
        prose_again(&d->prose, slice_of(a->before), a->leaning, &d->t->thought);
        break;
    case ASK_CHECK:
        prose_review(&d->prose, d->choice->verdict == VERDICT_DISPUTED, &d->t->thought);
        break;
    case ASK_CLOSE:
    case ASK_RECHECK:
    case ASK_ANSWER:
    case ASK_MODIFY:
    case ASK_COUNT:
        break;
    }
    if (d->choice->verdict == VERDICT_TRUNCATED)
        prose_cut(&d->prose, &d->t->thought);
}

/* The side that the tags of a verdict name. */
static enum verdict side_verdict(const struct draft *d)
{
    return d->choice->side == 'A' ? VERDICT_A : VERDICT_B;
}

static void write_claims(struct draft *d, const char *truth)
{
    const char *nonce = d->j->asked.nonce;
    if (d->j->asked.claims)
        buf_addf(&d->answer, "<claims%s>%s</claims%s>\n", nonce, truth, nonce);
}

static void write_answer(struct draft *d)
{
    const struct asked *a = &d->j->asked;
    enum verdict v = d->choice->verdict;
    switch ((int)v) {
    case VERDICT_NONE:
        prose_shrug(&d->prose, &d->answer);
        break;
    case VERDICT_REFUSED:
        prose_refuse(&d->prose, &d->answer);
        break;
    case VERDICT_UNCLOSED:
        buf_char(&d->t->thought, '\n');
        write_form(d, side_verdict(d), &d->t->thought);
        break;
    case VERDICT_DISPUTED:
        write_claims(d, "false");
        write_form(d, side_verdict(d), &d->answer);
        break;
    case VERDICT_TRUNCATED:
    case VERDICT_EMPTY:
        break;
    default:
        write_claims(d, "true");
        write_form(d, v == VERDICT_SCORE && a->ask == ASK_CHECK ? side_verdict(d) : v, &d->answer);
    }
}

static bool stays_open(enum verdict v)
{
    return v == VERDICT_UNCLOSED || v == VERDICT_TRUNCATED;
}

/* In this format a judgment begins with a plan, instead of a thought in tags. */
static bool is_planned(const struct asked *a)
{
    return a->format == FORMAT_PLAN && a->ask == ASK_JUDGE;
}

/* A plan and what came of it stand where the thought does, in tags of their own. */
static void wrap_plan(struct draft *d)
{
    struct buf thought;
    bool open = stays_open(d->choice->verdict);
    if (!is_planned(&d->j->asked) || d->t->thought.n == 0)
        return;
    buf_init(&thought, TEXT_MAX);
    buf_str(&thought, "<plan>\n");
    prose_plan(&d->prose, &thought);
    buf_str(&thought, "</plan>\n<execution>\n");
    buf_slice(&thought, buf_view(&d->t->thought));
    buf_str(&thought, open ? "" : "\n</execution>");
    buf_free(&d->t->thought);
    d->t->thought = thought;
}

/* An answer that goes on where the last message ends goes on within what was opened there. */
static void open_thought(const struct draft *d)
{
    const struct asked *a = &d->j->asked;
    if (d->j->prefill)
        buf_str(&d->t->text, d->j->prefill);
    if (!a->prefilled && !is_planned(a))
        buf_str(&d->t->text, "<think>\n");
}

static void close_thought(const struct draft *d)
{
    const struct asked *a = &d->j->asked;
    if (stays_open(d->choice->verdict))
        return;
    if (a->prefilled ? a->thinking : !is_planned(a))
        buf_str(&d->t->text, "\n</think>");
    buf_str(&d->t->text, "\n\n");
}

/* With tags, or when the thought is never closed, the thought is part of the text. */
static void place_thought(struct draft *d)
{
    struct content *t = d->t;
    const struct asked *a = &d->j->asked;
    bool open = stays_open(d->choice->verdict);
    bool inside = d->where == THOUGHT_THINK_TAG || d->choice->verdict == VERDICT_UNCLOSED ||
                  (a->prefilled && a->thinking && d->where == THOUGHT_ABSENT);
    if (inside && t->thought.n) {
        open_thought(d);
        buf_slice(&t->text, buf_view(&t->thought));
        close_thought(d);
    } else if (d->j->prefill) {
        buf_str(&t->text, d->j->prefill);
    }
    if (!inside && d->where == THOUGHT_ABSENT && open)
        buf_slice(&t->text, buf_view(&t->thought)); /* cut off: there is no answer to show yet */
    if (inside || d->where == THOUGHT_ABSENT)
        buf_clear(&t->thought);
    buf_slice(&t->text, buf_view(&d->answer));
}

/* The limit counts the thought too, which comes first, and nothing that is only repeated. */
static void limit_tokens(struct content *t, const struct judgment *j, struct choice *choice,
                         size_t repeated)
{
    size_t bytes = t->thought.n + t->text.n - repeated;
    if (j->max_tokens == 0 || judgment_tokens(bytes) <= j->max_tokens)
        return;
    size_t left = (size_t)j->max_tokens * 4;
    cut_text(&t->thought, left);
    cut_text(&t->text, repeated + left - t->thought.n);
    t->finish = FINISH_LENGTH;
    choice->verdict = VERDICT_TRUNCATED;
    if (choice->generated != GENERATED_NONE)
        choice->generated = GENERATED_LOST;
}

static void write_generated(struct draft *d, const struct generator *generator)
{
    const struct generation g = {.generator = generator,
                                 .asked = &d->j->asked,
                                 .choice = d->choice,
                                 .h = d->prose.h,
                                 .thinks = d->where != THOUGHT_ABSENT};
    if (d->choice->verdict == VERDICT_REFUSED)
        prose_refuse(&d->prose, &d->answer);
    else
        generator_write(&g, &d->t->thought, &d->answer);
}

void content_compose(struct content *t, struct judgment *j, const struct character *c, size_t i)
{
    struct choice *choice = &j->choices[i];
    size_t repeated = j->prefill ? slice_of(j->prefill).n : 0;
    size_t room = TEXT_MAX + PROMPT_TIMES * j->asked.about.n;
    struct draft d = {.t = t, .j = j, .choice = choice, .where = c->thought};
    d.prose = (struct prose){.x = &j->asked.excerpts,
                             .h = mix_two(judgment_choice_hash(j, c, i), SALT_PROSE),
                             .one = j->asked.one,
                             .side = choice->side,
                             .hint = choice->mentions ? j->asked.hint : '\0',
                             .reflects = choice->reflects,
                             .repeated = choice->repeated};
    buf_init(&t->thought, room);
    buf_init(&t->text, 2 * room + repeated);
    buf_init(&d.answer, room);
    if (j->asked.counted) {
        buf_str(&d.answer, j->asked.counted);
    } else if (asked_is_generation(&j->asked)) {
        write_generated(&d, &c->generator);
    } else {
        write_thought(&d);
        write_answer(&d);
        wrap_plan(&d);
    }
    place_thought(&d);
    buf_free(&d.answer);
    t->finish = choice->verdict == VERDICT_TRUNCATED ? FINISH_LENGTH
                : choice->verdict == VERDICT_REFUSED ? FINISH_CONTENT_FILTER
                                                     : FINISH_STOP;
    limit_tokens(t, j, choice, repeated);
    t->tokens = judgment_tokens(t->thought.n + t->text.n - repeated);
    t->thought_tokens = judgment_tokens(t->thought.n);
}

void content_free(struct content *t)
{
    buf_free(&t->thought);
    buf_free(&t->text);
}

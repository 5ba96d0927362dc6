#include "cli/sim_teacher/generator.h"

#include "cli/sim_teacher/cut.h"
#include "cli/sim_teacher/essay.h"
#include "cli/sim_teacher/mix.h"
#include "judges/generation.h"

#define P_HARD 0.02
#define P_EASY 0.98
#define PART_MAX ((size_t)16 * 1024) /* of the text that is not the prompt's */

enum {
    SALT_ILL = 20,
    SALT_SHAPE,
    SALT_RIGHT,
    SALT_LEVEL,
    SALT_VALUE,
    SALT_ORDER,
    SALT_TEXT,
    SALT_CHANGE,
    SALT_THOUGHT,
    SALT_LEAD,
    SALT_BROKEN
};

/* p_right(g, id): of a prompt. */
static double p_right(const struct generator *g, uint64_t id)
{
    double level = mix_share(mix_two(id, SALT_LEVEL));
    return level < g->hard ? P_HARD : level < g->hard + g->easy ? P_EASY : g->right;
}

static enum generated solved(const struct generator *g, const struct asked *a, enum fault fault,
                             uint64_t h)
{
    double shape = mix_share(mix_two(h, SALT_SHAPE));
    if (fault == FAULT_NO_VERDICT || fault == FAULT_TIE)
        return GENERATED_NO_ANSWER;
    if (fault == FAULT_BOTH)
        return GENERATED_CONFLICT;
    if (shape < g->no_answer)
        return GENERATED_NO_ANSWER;
    if (shape < g->no_answer + g->conflict)
        return GENERATED_CONFLICT;
    bool right = mix_share(mix_two(h, SALT_RIGHT)) < p_right(g, a->pair);
    return right ? GENERATED_RIGHT : GENERATED_WRONG;
}

static enum generated modified(const struct generator *g, enum fault fault, uint64_t h)
{
    double shape = mix_share(mix_two(h, SALT_SHAPE));
    if (fault != FAULT_NONE || shape < g->unparseable)
        return GENERATED_UNPARSEABLE;
    shape -= g->unparseable;
    return shape < g->identical                  ? GENERATED_IDENTICAL
           : shape < g->identical + g->off_topic ? GENERATED_OFF_TOPIC
                                                 : GENERATED_MODIFIED;
}

void generator_decide(struct choice *c, const struct generator *g, const struct asked *a,
                      const struct faults *f, uint64_t h)
{
    *c = (struct choice){.fault = faults_content(f, mix_two(h, SALT_ILL))};
    c->score_a = c->score_b = SCORE_NONE;
    enum verdict verdict = choice_verdict(c->fault, VERDICT_NONE);
    c->verdict = verdict == VERDICT_TIE || verdict == VERDICT_CONFLICTING ? VERDICT_NONE : verdict;
    c->generated = c->verdict != VERDICT_NONE ? GENERATED_LOST
                   : a->ask == ASK_MODIFY     ? modified(g, c->fault, h)
                   : a->answer.n              ? solved(g, a, c->fault, h)
                                              : GENERATED_OPEN;
}

/* put_value(g, value, salt, out): the end of a solution. */
static void put_value(const struct generation *g, struct slice value, uint64_t salt,
                      struct buf *out)
{
    buf_char(out, ' ');
    bool several = g->choice->generated == GENERATED_CONFLICT; /* of other forms, the last counts */
    final_write(several ? FINAL_BOXED : g->generator->form, value,
                mix_two(mix_two(g->h, SALT_LEAD), salt), out);
}

/* Some wrong answers are more frequent than others, as with every model. */
static unsigned which_wrong(uint64_t h)
{
    double u = mix_share(mix_two(h, SALT_VALUE));
    return u < 0.5 ? 0 : u < 0.8 ? 1 : 2;
}

static void write_solution(const struct generation *g, const struct essay *e, struct buf *out)
{
    enum generated what = g->choice->generated;
    struct slice right = slice_trim(g->asked->answer);
    struct buf wrong;
    buf_init(&wrong, right.n + 64);
    final_wrong(right, g->asked->pair, which_wrong(g->h), &wrong);
    bool right_first = what == GENERATED_RIGHT ||
                       (what == GENERATED_CONFLICT && mix_two(g->h, SALT_ORDER) % 2);
    essay_solution(e, out);
    if (what != GENERATED_NO_ANSWER)
        put_value(g, right_first ? right : buf_view(&wrong), 0, out);
    if (what == GENERATED_CONFLICT)
        put_value(g, right_first ? buf_view(&wrong) : right, 1, out);
    buf_free(&wrong);
}

/* What can be missing of a modification, so that its parts are not found. */
enum broken { BROKEN_NOTHING, BROKEN_MARKS, BROKEN_END, BROKEN_ANSWER, BROKEN_TWICE, BROKEN_COUNT };

static void put_part(struct buf *out, const char *tag, const char *nonce, struct slice text,
                     bool closed)
{
    buf_addf(out, "<%s%s>\n", tag, nonce);
    buf_slice(out, text);
    buf_addf(out, closed ? "\n</%s%s>\n" : "\n", tag, nonce);
}

static void put_modification(const struct generation *g, enum broken broken, struct slice prompt,
                             struct slice answer, struct buf *out)
{
    const char *nonce = g->asked->nonce;
    if (broken == BROKEN_MARKS) {
        buf_str(out, "Changed prompt:\n");
        buf_slice(out, prompt);
        buf_str(out, "\n\nAnswer:\n");
        buf_slice(out, answer);
        return;
    }
    for (int i = 0; i < (broken == BROKEN_TWICE ? 2 : 1); i++)
        put_part(out, GENERATION_PROMPT_TAG, nonce, prompt, true);
    put_part(out, GENERATION_ANSWER_TAG, nonce, broken == BROKEN_ANSWER ? S("") : answer,
             broken != BROKEN_END);
}

static void write_modification(const struct generation *g, const struct essay *e, struct buf *out)
{
    struct buf prompt, answer;
    enum generated what = g->choice->generated;
    struct essay change = {.prompt = e->prompt, .h = mix_two(g->h, SALT_CHANGE)}, about = *e;
    buf_init(&prompt, 8 * e->prompt.n + PART_MAX);
    buf_init(&answer, PART_MAX);
    if (what == GENERATED_IDENTICAL)
        buf_slice(&prompt, e->prompt);
    else if (what == GENERATED_OFF_TOPIC)
        about.subject = essay_stray(&change, &prompt);
    else
        about.subject = essay_change(&change, &prompt);
    about.prompt = buf_view(&prompt);
    essay_answer(&about, &answer);
    uint64_t how = mix_two(g->h, SALT_BROKEN) % (BROKEN_COUNT - 1) + 1;
    put_modification(g, what == GENERATED_UNPARSEABLE ? (enum broken)how : BROKEN_NOTHING,
                     about.prompt, buf_view(&answer), out);
    buf_free(&prompt);
    buf_free(&answer);
}

static void write_text(const struct generation *g, struct buf *out)
{
    const struct essay e = {.prompt = g->asked->about, .h = mix_two(g->h, SALT_TEXT)};
    if (g->asked->ask == ASK_MODIFY)
        write_modification(g, &e, out);
    else if (g->asked->answer.n)
        write_solution(g, &e, out);
    else
        essay_answer(&e, out);
}

void generator_write(const struct generation *g, struct buf *thought, struct buf *answer)
{
    const struct essay e = {.prompt = g->asked->about, .h = mix_two(g->h, SALT_THOUGHT)};
    enum verdict v = g->choice->verdict;
    if (v == VERDICT_REFUSED || (v == VERDICT_EMPTY && g->h % 2))
        return;
    if (g->thinks || v == VERDICT_UNCLOSED)
        essay_thought(&e, thought);
    if (v == VERDICT_UNCLOSED) {
        buf_str(thought, "\n\n");
        write_text(g, thought);
    } else if (v == VERDICT_TRUNCATED && g->thinks) {
        cut_text(thought, thought->n / 2);
    } else if (v != VERDICT_EMPTY) {
        write_text(g, answer);
        if (v == VERDICT_TRUNCATED)
            cut_text(answer, answer->n / 2);
    }
}

#include "cli/sim_teacher/form.h"

#include "base/rng.h"

enum { STEP = 10, BETTER = 600, WORSE = 200, RANGE = 36 }; /* hundredths; how many steps */

/* A number as people write it: no digits behind the point that say nothing. */
static void write_number(struct buf *out, int score)
{
    buf_i64(out, score / 100);
    if (score % 100) {
        buf_char(out, '.');
        buf_i64(out, score % 100 / 10);
        if (score % 10)
            buf_i64(out, score % 10);
    }
}

static void write_score(const struct form *f, const char *name, int score, struct buf *out)
{
    buf_addf(out, "<%s%s> ", name, f->nonce);
    write_number(out, score);
    buf_addf(out, " </%s%s>", name, f->nonce);
}

static void write_side(const struct form *f, const char *side, struct buf *out)
{
    buf_addf(out, "<answer%s> [[%s]] </answer%s>", f->nonce, side, f->nonce);
}

static int draw_score(struct rng *r, int from)
{
    return from + STEP * (int)rng_below(r, RANGE);
}

void form_scores(struct form *f, char side)
{
    struct rng r;
    rng_init(&r, f->h);
    int better = draw_score(&r, BETTER), worse = draw_score(&r, WORSE);
    f->score_a = f->score_b = better;
    if (f->format == FORMAT_POINTWISE) {
        f->score_a = f->verdict == VERDICT_TIE ? 500 : side == 'A' ? better : worse;
        f->score_b = SCORE_NONE;
    } else if (f->verdict != VERDICT_TIE) {
        f->score_a = side == 'A' ? better : worse;
        f->score_b = side == 'A' ? worse : better;
    }
}

static void write_scores(const struct form *f, struct buf *out)
{
    write_score(f, "score_A", f->score_a, out);
    buf_char(out, '\n');
    write_score(f, "score_B", f->score_b, out);
}

static void write_verdict(const struct form *f, struct buf *out)
{
    struct rng r;
    rng_init(&r, f->h);
    if (f->verdict == VERDICT_CONFLICTING) {
        write_side(f, "A", out);
        buf_str(out, " or else ");
        write_side(f, "B", out);
    } else if (f->verdict == VERDICT_TIE) {
        write_side(f, rng_below(&r, 2) ? "C" : "tie", out);
    } else {
        write_side(f, f->verdict == VERDICT_A ? "A" : "B", out);
    }
}

/* A second score that says something else. */
static void contradict(const struct form *f, const char *name, struct buf *out)
{
    if (f->verdict != VERDICT_CONFLICTING)
        return;
    buf_str(out, "\n");
    write_score(f, name, f->score_a >= 500 ? f->score_a - 300 : f->score_a + 300, out);
}

void form_write(const struct form *f, struct buf *out)
{
    switch (f->format) {
    case FORMAT_POINTWISE:
        write_score(f, "score", f->score_a, out);
        contradict(f, "score", out);
        break;
    case FORMAT_SCORES:
        write_scores(f, out);
        contradict(f, "score_A", out);
        break;
    case FORMAT_SCORES_VERDICT:
        write_scores(f, out);
        buf_char(out, '\n');
        write_verdict(f, out);
        break;
    case FORMAT_VERDICT:
    case FORMAT_PLAN:
    case FORMAT_COUNT:
        write_verdict(f, out);
    }
}

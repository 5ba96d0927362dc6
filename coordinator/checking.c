#include "coordinator/checking.h"

#include <stdio.h>

#include "filters/answers/extract.h"
#include "filters/answers/outcome.h"
#include "filters/answers/rules.h"
#include "filters/overlap.h"
#include "judges/generation.h"

static struct slice say_overlap(double prompts, double answers, struct arena *arena)
{
    char text[ANSWER_WHY];
    snprintf(text, sizeof text, "the prompts share %.0f %% of their words, the answers %.0f %%",
             100 * prompts, 100 * answers);
    return arena_dup(arena, slice_of(text));
}

/* What every sample must be, whatever it is for; MARK_UNCHECKED: it is. */
static enum sample_mark mark_of_form(const struct checking *c)
{
    if (c->finish == FINISH_CONTENT_FILTER)
        return MARK_REFUSED;
    if (c->finish == FINISH_LENGTH || c->unclosed)
        return MARK_TRUNCATED;
    return slice_trim(c->answer).n == 0 ? MARK_EMPTY : MARK_UNCHECKED;
}

/* ---- known answers ---- */

static enum answer_kind kind_of(const struct project *p, struct slice name)
{
    enum answer_kind kind = (enum answer_kind)p->answers.kind;
    if (name.n)
        answer_kind_parse(name, &kind);
    return kind == ANSWER_KIND_AUTO ? ANSWER_KIND_MATH : kind;
}

static enum sample_mark mark_of_reason(enum extract_reason reason)
{
    switch (reason) {
    case ANSWER_CONFLICTING:
        return MARK_CONFLICTING;
    case ANSWER_TRUNCATED:
        return MARK_TRUNCATED;
    case ANSWER_FOUND:
        return MARK_UNCHECKED;
    case ANSWER_NO_ANSWER:
    case ANSWER_MALFORMED:
    case EXTRACT_REASON_COUNT:
        break;
    }
    return MARK_NO_ANSWER;
}

/* What lies between right and wrong is never trained on. */
static enum sample_mark mark_of_result(const struct project *p, const struct answer_result *r)
{
    bool right = p->answers.right_by == RIGHT_BY_RULES
                     ? r->verdict == ANSWER_EQUAL && r->lenient == ANSWER_EQUAL
                     : answer_is_right(r);
    return right ? MARK_RIGHT : answer_is_wrong(r) ? MARK_WRONG : MARK_UNSURE;
}

void checking_heed(const struct project *p, struct samples_check *out,
                   const struct answer_result *result, struct arena *arena)
{
    out->strict = result->strict;
    out->lenient = result->lenient;
    out->why = arena_dup(arena, slice_of(result->why));
    out->mark = mark_of_result(p, result);
}

static bool look_at_answer(const struct checking *c, struct samples_check *out, struct arena *arena)
{
    enum answer_kind kind = kind_of(c->project, c->kind);
    struct answer_rules rules = answer_rules_of(c->project);
    struct extract_how how = extract_how(kind, (enum extract_style)c->project->answers.extract,
                                         &rules);
    struct extracted found = extract_answer(&how, c->answer, S(""), c->finish);
    out->final = found.answer;
    if (found.reason != ANSWER_FOUND) {
        out->mark = mark_of_reason(found.reason);
        out->why = slice_of(extract_reason_help(found.reason));
        return true;
    }
    const struct checker *checker = checker_find(answer_kind_name(kind));
    if (!checker)
        return false;
    struct answer_result result;
    checker->compare(&rules, c->gold, found.answer, &result);
    checking_heed(c->project, out, &result, arena);
    return true;
}

bool checking_gold(const struct project *p, struct slice answer, struct slice kind, struct err *e)
{
    const struct checker *checker = checker_find(answer_kind_name(kind_of(p, kind)));
    return checker ? checker->check_gold(answer, e) : outcome_check_text(answer, e);
}

/* ---- samples ---- */

struct checking checking_of(const struct project *p, const struct builder_seed *seed,
                            const struct samples_task *task, const struct samples_sample *x,
                            struct slice baseline, char nonce[NONCE_BYTES + 1])
{
    generation_nonce(&seed->id, &x->recipe_id, task->prompt, baseline, nonce);
    return (struct checking){.project = p,
                             .lane = x->lane,
                             .known = seed->known,
                             .gold = task->answer,
                             .kind = task->answer_kind,
                             .prompt = task->prompt,
                             .baseline = baseline,
                             .nonce = slice_of(nonce),
                             .finish = x->finish,
                             .unclosed = x->unclosed,
                             .answer = x->answer};
}

struct slice checking_baseline(const struct samples_sample *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].lane == LANE_ANSWER && all[i].mark == MARK_USABLE)
            return all[i].answer;
    return S("");
}

enum sample_mark checking_mark(const struct project *p, const struct seats *seats,
                               const struct samples_sample *x)
{
    bool barred = p->build.exclude_judge && seats_has_judge(seats, x->author);
    return barred && x->mark != MARK_UNCHECKED ? MARK_UNSURE : x->mark;
}

/* ---- open prompts ---- */

/* The last thing that the user says. False: no memory. */
static bool find_question(struct slice prompt, struct slice *question, struct arena *arena)
{
    struct chat chat;
    struct err ignored;
    *question = S("");
    if (!chat_parse(prompt, &chat, arena, &ignored))
        return false;
    for (size_t i = chat.n; i-- > 0;)
        if (slice_is(chat.messages[i].role, "user")) {
            *question = chat.messages[i].content;
            break;
        }
    return true;
}

static enum sample_mark compare_modified(const struct checking *c, struct samples_check *out,
                                         struct arena *arena)
{
    const struct project_build *b = &c->project->build;
    struct slice question;
    if (!find_question(c->prompt, &question, arena))
        return MARK_UNCHECKED;
    if (slice_eq(slice_trim(question), out->final) ||
        slice_eq(slice_trim(c->baseline), out->answer_part))
        return MARK_IDENTICAL;
    out->prompt_overlap = overlap_words(question, out->final, arena);
    out->answer_overlap = overlap_words(c->baseline, out->answer_part, arena);
    if (out->prompt_overlap < 0 || out->answer_overlap < 0)
        return MARK_UNCHECKED;
    out->why = say_overlap(out->prompt_overlap, out->answer_overlap, arena);
    if (out->prompt_overlap > b->max_overlap || out->answer_overlap > b->max_similarity)
        return MARK_TOO_CLOSE;
    return out->prompt_overlap < b->min_overlap ? MARK_OFF_TOPIC : MARK_USABLE;
}

static void look_at_modified(const struct checking *c, struct samples_check *out,
                             struct arena *arena)
{
    struct generation_modified parts;
    if (!generation_parse(c->answer, c->nonce, &parts)) {
        out->mark = MARK_UNREADABLE;
        return;
    }
    out->final = parts.prompt;
    out->answer_part = parts.answer;
    out->mark = compare_modified(c, out, arena);
}

bool checking_look(const struct checking *c, struct samples_check *out, struct arena *arena)
{
    *out = (struct samples_check){.mark = mark_of_form(c),
                                  .final = S(""),
                                  .answer_part = S(""),
                                  .why = S(""),
                                  .prompt_overlap = -1,
                                  .answer_overlap = -1};
    if (out->mark != MARK_UNCHECKED)
        return true;
    if (c->lane == LANE_MODIFIED) {
        look_at_modified(c, out, arena);
        return true;
    }
    if (c->known)
        return look_at_answer(c, out, arena);
    out->mark = MARK_USABLE;
    return true;
}

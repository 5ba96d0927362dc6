/* sim_fixture: the simulated teacher's pure parts, and questions for it in the middle of being
 * answered. */
#ifndef TESTS_SIM_FIXTURE_H
#define TESTS_SIM_FIXTURE_H

#include <stdio.h>

/* The simulated teacher is no library: its pure parts are compiled into their tests. */
#include "cli/sim_teacher/asked.c"
#include "cli/sim_teacher/built.c"
#include "cli/sim_teacher/choice.c"
#include "cli/sim_teacher/commission.c"
#include "cli/sim_teacher/completion.c"
#include "cli/sim_teacher/content.c"
#include "cli/sim_teacher/counting.c"
#include "cli/sim_teacher/cut.c"
#include "cli/sim_teacher/delivery.c"
#include "cli/sim_teacher/essay.c"
#include "cli/sim_teacher/excerpt.c"
#include "cli/sim_teacher/faults.c"
#include "cli/sim_teacher/final.c"
#include "cli/sim_teacher/form.c"
#include "cli/sim_teacher/frame.c"
#include "cli/sim_teacher/generated.c"
#include "cli/sim_teacher/generator.c"
#include "cli/sim_teacher/judgment.c"
#include "cli/sim_teacher/latency.c"
#include "cli/sim_teacher/map.c"
#include "cli/sim_teacher/mix.c"
#include "cli/sim_teacher/models.c"
#include "cli/sim_teacher/oracle.c"
#include "cli/sim_teacher/phrases.c"
#include "cli/sim_teacher/prompts.c"
#include "cli/sim_teacher/prose.c"
#include "cli/sim_teacher/question.c"
#include "cli/sim_teacher/reply.c"
#include "cli/sim_teacher/truth.c"
#include "cli/sim_teacher/words.c"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static const struct excerpts sample = {"How many eggs are left?", "So 9 are left", "A: 11"};

static const enum thought_field places[] = {THOUGHT_THINK_TAG, THOUGHT_REASONING,
                                            THOUGHT_REASONING_CONTENT, THOUGHT_ABSENT};

static struct character somebody(enum thought_field thought)
{
    return (struct character){.oracle = {.p_correct = 0.9},
                              .temper = {.hold = 1, .hinted = 1},
                              .thought = thought,
                              .continuation = CONTINUATION_TURN,
                              .max_choices = JUDGMENT_MAX_CHOICES,
                              .context = 100000};
}

/* judged(body, format, ask): a question of this format in the middle of being answered. */
static struct judgment judged(uint64_t body, enum format format, enum ask ask)
{
    struct judgment j = {.body = body, .n = 1, .p_correct = 0.9, .model = "m"};
    j.asked = (struct asked){.ask = ask,
                             .format = format,
                             .one = judge_of(format)->pointwise && ask != ASK_CHECK,
                             .judged = true,
                             .gold = VERDICT_NONE,
                             .excerpts = sample};
    return j;
}

/* decided(format, fault, body): with one fault of the content, or none. */
__attribute__((unused)) static struct judgment decided(enum format format, enum fault fault,
                                                       uint64_t body, const char *nonce)
{
    struct character c = somebody(THOUGHT_THINK_TAG);
    struct judgment j = judged(body, format, ASK_JUDGE);
    snprintf(j.asked.nonce, sizeof j.asked.nonce, "%s", nonce);
    c.faults.rates[fault] = fault == FAULT_NONE ? 0 : 1;
    judgment_decide(&j, &c, 1);
    return j;
}

#endif

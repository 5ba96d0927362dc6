/*
 * check: a checker's review of one critique. It sees question, answers and the critique without its
 * verdict, must say which answer the critique speaks for, and whether what it claims about the
 * answers is true. Pure.
 */
#ifndef JUDGES_CHECK_H
#define JUDGES_CHECK_H

#include "judges/judge.h"
#include "judges/reflection.h"

#define CHECK_PROMPT_ID "check-1"

/* check_render(task, thought, claims, out, arena, e): the request. The verdict, scores and
 * conclusion of the thought are left out (reflection_cut), and every sentence before it that says
 * who wins. claims: also asks for false claims. Pointwise (answer_b has no message) the answers
 * mean that the critique speaks for the one answer (A), against it (B) or neither. */
bool check_render(const struct judge_task *task, struct slice thought, bool claims,
                  struct chat *out, struct arena *arena, struct err *e);
/* check_parse(trace, nonce): A, B, TIE (it speaks for neither), DISPUTED (a claim is false), or why
 * there is no verdict. */
struct judge_reading check_parse(const struct trace *trace, struct slice nonce);

#endif

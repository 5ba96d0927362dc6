/*
 * template: a judge prompt as text with holes, and what a user's own must be like. A template is a
 * system part and a user part, each begun by a line "=== system ===" or "=== user ===". Holes are
 * those of mustache: {{question}}, {{answer_a}} and {{answer_b}} (pointwise: {{answer}}),
 * {{reference}}, {{rubric}}, {{nonce}}; {{#reference}}…{{/reference}} stands only when there is one
 * (likewise rubric and hint, inside which {{hint}} is the letter). What fills a hole is put there
 * byte for byte and never looked at again.
 */
#ifndef JUDGES_TEMPLATE_H
#define JUDGES_TEMPLATE_H

#include "judges/judge.h"

/* template_render(text, task, out, arena, e): a system message (when the template has one) and a
 * user message. Conversations of several turns are labelled turn by turn, a lone text stands alone.
 * The text must be one that template_check has passed. ERR_LIMIT when the arena is full. */
bool template_render(struct slice text, const struct judge_task *task, struct chat *out,
                     struct arena *arena, struct err *e);
/* template_check(text, judge, e): ERR_USAGE, naming the line, when a hole is unknown, lacking or
 * never closed, when a part is lacking, or when the wording treats A and B differently: every line
 * with A and B exchanged must again be a line of the template up to the order of its parts. The
 * built-in wordings must pass, too. */
bool template_check(struct slice text, const struct judge *judge, struct err *e);

#endif

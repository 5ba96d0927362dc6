/* wording: which prompt a pair gets under a project: the format by weight, the template by
 * language. The same pair always gets the same one, on every machine. */
#ifndef JUDGES_WORDING_H
#define JUDGES_WORDING_H

#include "judges/judge.h"
#include "schemas/project.h"

/* wording_format(p, pair): the judge format of this pair: judge.format, or one of judge.mix, drawn
 * by a hash of the pair's id with the weights given. */
enum format wording_format(const struct project *p, const struct id *pair);
/* wording_uses(p, format): whether any pair can get this format. */
bool wording_uses(const struct project *p, enum format format);
/* wording_of(p, format, language): the project's template for this format and language (exact, then
 * its part before '-' or '_', then the one for all), else the format's own. */
struct slice wording_of(const struct project *p, enum format format, struct slice language);
/* wording_render(p, format, task, out, arena, e): the request's messages of ASK_JUDGE. */
bool wording_render(const struct project *p, enum format format, const struct judge_task *task,
                    struct chat *out, struct arena *arena, struct err *e);
/* wording_check(p, e): every template of the project, by template_check; names the file or key. */
bool wording_check(const struct project *p, struct err *e);
/* wording_id(p, out): names everything above that shapes a request and is not in the project's own
 * text: the prompt_ids of the formats in use. */
void wording_id(const struct project *p, struct buf *out);

#endif

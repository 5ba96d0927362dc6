/* probe_reading: what the answers to the probe's questions mean. Pure. */
#ifndef CLI_PROBE_READING_H
#define CLI_PROBE_READING_H

#include "schemas/ability.h"
#include "worker/teacher/reply.h"

/* What is asked to see whether an unfinished answer is gone on with: the last word is cut in its
 * middle, so that only what goes on with these very bytes begins with its rest. */
extern const char probe_reading_count[];   /* the user's request */
extern const char probe_reading_prefill[]; /* the beginning of an answer */
/* probe_reading_continues(answer, echoes): whether it goes on with the prefill; *echoes: after
 * repeating it. Anything doubtful is a no: a model may be too weak to count. */
bool probe_reading_continues(const struct teacher_answer *a, bool *echoes);
/* probe_reading_seed(once, again, other): from the texts of the same request with the same seed
 * twice and with another one. All alike: not known, the server may not draw at all. */
enum known probe_reading_seed(struct slice once, struct slice again, struct slice other);
/* probe_reading_counts_all(answer, limit): whether usage counts the tokens of both choices of an
 * answer whose request allowed `limit` tokens each. Known only when both used them up. */
enum known probe_reading_counts_all(const struct teacher_answer *a, uint32_t limit);
/* probe_reading_logprobs(body): whether an answer's body holds any. */
enum known probe_reading_logprobs(struct slice body);
/* probe_reading_props(body): the context of one slot in llama.cpp's /props; 0: it does not say. */
int64_t probe_reading_props(struct slice body);
/* probe_reading_context(message): the context that an error message names ("maximum context length
 * is 4096 tokens", "exceeds the available context size (4096 tokens)"); 0: none. */
int64_t probe_reading_context(struct slice message);

#endif

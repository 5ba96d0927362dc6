/*
 * reflection: going on with a judgment that could have ended: where it is cut, what the teacher is
 * sent, and how what comes back is joined so that the trace reads as one thought. Budget forcing is
 * s1's (arXiv 2501.19393): the end of the thought is taken away and a cue put in its place; when
 * the cap is hit, the thought is closed and the answer asked for. Pure.
 */
#ifndef JUDGES_REFLECTION_H
#define JUDGES_REFLECTION_H

#include "judges/history.h"
#include "judges/judge.h"

/* What a call other than ASK_JUDGE and ASK_CHECK sends. */
struct reflection_request {
    struct chat chat;
    enum continuation how; /* TURN: nothing is continued, the chat ends with a user turn */
    struct slice prefill;  /* the last assistant message, which a server may repeat */
};

/* reflection_render(asked, h, ask, cue, how, out, arena, e): `asked` is the request of ASK_JUDGE.
 * CONTINUE: the thought up to where its conclusion begins (a sentence that states the verdict or
 * the scores; else its end), the cue, and on. CLOSE: the whole thought, closed, and the answer is
 * asked for. RECHECK: likewise, `asked` being the request without the hint. With how = TURN the
 * judgment so far is an assistant turn and the cue a user turn that asks to go on thinking and to
 * answer in the same form. */
bool reflection_render(const struct chat *asked, const struct history *h, enum ask ask,
                       struct slice cue, enum continuation how, struct reflection_request *out,
                       struct arena *arena, struct err *e);
/* reflection_join(h, ask, cue, request, step, came, content, out, trace, arena, e): the rollout
 * with what came: `content` and `reasoning` as the server sent them (a prefill that it repeats is
 * taken off only when it is a byte prefix). The joined thought is: what was kept of the old one,
 * the cue, the new thought; the answer is the new one. *trace is the joined judgment, to be parsed
 * and filtered. */
struct reflection_came {
    struct slice content, reasoning;
    enum thought_field field;
    enum finish finish;
    uint32_t completion_tokens;
};
bool reflection_join(const struct history *h, enum ask ask, struct slice cue,
                     const struct reflection_request *request, uint8_t step,
                     const struct reflection_came *came, struct history *out, struct trace *trace,
                     struct arena *arena, struct err *e);
/* reflection_cue(cues, n, language, salt): the cue of a call: one of the project's, or when it has
 * none one of the built-in ones in the seed's language; drawn by `salt`. */
struct slice reflection_cue(const char *const *cues, size_t n, struct slice language,
                            uint64_t salt);
/* reflection_cut(thought): how many bytes of the thought come before its conclusion. */
size_t reflection_cut(struct slice thought);
/* reflection_found(thought): the offset of the first cue (Wait, Hold on, On second thought,
 * Actually, 等等 …) that stands at the beginning of a sentence and after which something new
 * follows; SIZE_MAX: none. */
size_t reflection_found(struct slice thought);
/* reflection_is_new(before, after): whether what follows a cue brings something that was not there:
 * a quotation, a computation, a score or a sentence that does not repeat what stood before. */
bool reflection_is_new(struct slice before, struct slice after);

#endif

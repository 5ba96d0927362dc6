/*
 * types: the vocabulary every layer above base shares. Each enum is one X-macro list, so that its
 * names in the store, on the wire, in exports and in reports are the same everywhere. The numbers
 * are stored: append, never reorder.
 */
#ifndef SCHEMAS_TYPES_H
#define SCHEMAS_TYPES_H

#include "base/hash.h"
#include "base/slice.h"

/* How far a pair's label can be trusted. A seed that does not say gets the weakest, SYNTHETIC. */
#define TRUSTS(X)                                                                                 \
    X(SYNTHETIC,                                                                                  \
      "synthetic")          /* by construction (a worse answer was made on purpose), or unsaid */ \
    X(HUMAN, "human")       /* people preferred it */                                             \
    X(VERIFIED, "verified") /* checked against a known answer */

enum trust {
#define X(name, text) TRUST_##name,
    TRUSTS(X)
#undef X
        TRUST_COUNT
};

/* Which of several independent questions about a subject a call asks. A is the answer shown first.
 */
#define LANES(X)                                                             \
    X(CHOSEN_FIRST, "chosen_first")                                          \
    X(REJECTED_FIRST, "rejected_first")                                      \
    X(CHOSEN_ONLY, "chosen_only")     /* pointwise judging */                \
    X(REJECTED_ONLY, "rejected_only") /* pointwise judging */                \
    X(ANSWER, "answer")               /* of a seed: answers to its prompt */ \
    X(MODIFIED, "modified")           /* of a seed: answers to a changed prompt */

enum lane {
#define X(name, text) LANE_##name,
    LANES(X)
#undef X
        LANE_COUNT
};

/* What a judgment's text decided: a side, a tie, or the reason why there is no verdict. */
#define VERDICTS(X)                                                                       \
    X(A, "A", "chose the answer shown first")                                             \
    X(B, "B", "chose the answer shown second")                                            \
    X(TIE, "tie", "called it a tie")                                                      \
    X(NONE, "no_verdict", "no verdict in the answer tags")                                \
    X(CONFLICTING, "conflicting", "more than one verdict in the answer tags")             \
    X(MALFORMED, "malformed_answer", "something other than a verdict in the answer tags") \
    X(OUTSIDE, "outside_answer_tag", "a verdict, but not in answer tags")                 \
    X(TRUNCATED, "truncated", "the token limit cut the judgment off")                     \
    X(UNCLOSED, "unclosed_think", "the thought was never closed")                         \
    X(REFUSED, "refused", "the teacher or its content filter refused")                    \
    X(EMPTY, "empty", "an answer without text")                                           \
    X(SCORE, "score", "scored the one answer it was shown")                               \
    X(OUT_OF_RANGE, "score_out_of_range", "a score that is not from 0 to 10")             \
    X(DISPUTED, "disputed", "a checker found a claim of the critique wrong")

enum verdict {
#define X(name, text, help) VERDICT_##name,
    VERDICTS(X)
#undef X
        VERDICT_COUNT
};

/* A verdict seen through the order: right or wrong. Verdicts that are no side keep their own code.
 * One half of a pointwise judgment is PENDING until the other half of the same index is there. */
#define OUTCOMES(X)                                                        \
    X(CORRECT, "correct")                                                  \
    X(INCORRECT, "incorrect")                                              \
    X(TIE, "tie")                                                          \
    X(NO_VERDICT, "no_verdict") /* the verdict column says which reason */ \
    X(PENDING, "pending")

enum outcome {
#define X(name, text) OUTCOME_##name,
    OUTCOMES(X)
#undef X
        OUTCOME_COUNT
};

/* What became of a pair under one set of rules. */
#define STATES(X)           \
    X(OPEN, "open")         \
    X(ACCEPTED, "accepted") \
    X(REJECTED, "rejected") \
    X(DEFERRED, "deferred") /* a call could not be finished; taken up again by the next run */

enum pair_state {
#define X(name, text) STATE_##name,
    STATES(X)
#undef X
        STATE_COUNT
};

/* Why a pair was decided as it was. */
#define REASONS(X)                                                                              \
    X(NONE, "", "")                                                                             \
    X(ACCEPTED, "accepted", "both orders reached k correct judgments")                          \
    X(INCONSISTENT, "inconsistent", "one order passed, the other failed")                       \
    X(FAILED_CHOSEN_FIRST, "failed_chosen_first",                                               \
      "failed with the chosen answer first; the other order was not settled")                   \
    X(FAILED_REJECTED_FIRST, "failed_rejected_first",                                           \
      "failed with the rejected answer first; the other order was not settled")                 \
    X(FAILED_BOTH, "failed_both", "failed in both orders")                                      \
    X(OUT_OF_TRIES, "out_of_tries", "a call failed as often as `tries` allows")                 \
    X(REQUEST_REFUSED, "request_refused", "the endpoint refuses this very request")             \
    X(CORPUS_FILTER, "corpus_filter", "a filter over the whole set removed the pair")           \
    X(TOO_LONG, "too_long", "the pair does not fit the endpoint's context")                     \
    X(STOPPED, "stopped", "further calls were not worth their cost (stop: adaptive)")           \
    X(QUOTA, "quota", "enough pairs of its kind are accepted already")                          \
    X(DISAGREED, "teachers_disagree", "another teacher did not come to the same verdict")       \
    X(UNCHECKED, "checker_failed", "no trace of one order stood up to the checker")             \
    X(HINTED, "accepted_hinted", "accepted in a second pass that was told the winner")          \
    X(FAILED_MEAN, "failed_mean",                                                               \
      "the mean scores do not tell the answers apart as the label does")                        \
    X(FAILED, "failed", "too few correct judgments (pointwise: both answers are one judgment)") \
    X(LABEL_WITHDRAWN, "label_withdrawn",                                                       \
      "an answer it was built of is not what it was taken for, under the present rules")

enum reason {
#define X(name, text, help) REASON_##name,
    REASONS(X)
#undef X
        REASON_COUNT
};

/* What the judge is asked to write: judges/judge_<name>.c. */
#define FORMATS(X)                      \
    X(VERDICT, "verdict")               \
    X(SCORES, "scores")                 \
    X(SCORES_VERDICT, "scores_verdict") \
    X(POINTWISE, "pointwise")           \
    X(PLAN, "plan")

enum format {
#define X(name, text) FORMAT_##name,
    FORMATS(X)
#undef X
        FORMAT_COUNT
};

/* What one call of a rollout asks for. A rollout begins with JUDGE (or CHECK); what follows depends
 * on how it went. */
#define ASKS(X)                                                                                  \
    X(JUDGE, "judge")       /* a judgment from the beginning */                                  \
    X(CONTINUE, "continue") /* the judgment so far, a cue, and on */                             \
    X(CLOSE, "close")       /* the thought so far is closed: only the answer is asked for */     \
    X(RECHECK, "recheck")   /* a thought that was written with a hint, judged without it */      \
    X(CHECK, "check")       /* a critique without its verdict: does it stand, whom is it for? */ \
    X(ANSWER, "answer")     /* an answer to a seed's prompt, for a pair that is to be built */   \
    X(MODIFY, "modify")     /* a related but different prompt, and a good answer to that one */

enum ask {
#define X(name, text) ASK_##name,
    ASKS(X)
#undef X
        ASK_COUNT
};

/* Who judges within a run, each under a recipe of its own (judges/seat.h). */
#define SEAT_KINDS(X)                                                            \
    X(TEACHER, "teacher")                                                        \
    X(SECOND, "second_teacher") /* another model whose agreement is asked for */ \
    X(HINTED, "hinted")         /* the teacher, told who wins */                 \
    X(CHECKER, "checker")       /* reviews the teacher's traces */               \
    X(STUDENT, "student")       /* is measured; never counts for acceptance */   \
    X(GENERATOR, "generator")   /* writes the answers that pairs are built of */

enum seat_kind {
#define X(name, text) SEAT_##name,
    SEAT_KINDS(X)
#undef X
        SEAT_KIND_COUNT
};

/* What an answer that was sampled for a pair is worth (coordinator/builder.h). */
#define MARKS(X)                                                                             \
    X(UNCHECKED, "unchecked", "not checked yet")                                             \
    X(RIGHT, "right", "right by the strict and by the lenient check")                        \
    X(WRONG, "wrong", "wrong even by the lenient check")                                     \
    X(UNSURE, "unsure", "the checks disagree or cannot tell: quarantined, never trained on") \
    X(NO_ANSWER, "no_answer", "no final answer was found in it")                             \
    X(CONFLICTING, "conflicting_answers", "it gives several different final answers")        \
    X(TRUNCATED, "truncated", "the token limit cut it off")                                  \
    X(REFUSED, "refused", "the generator or its content filter refused")                     \
    X(EMPTY, "empty", "an answer without text")                                              \
    X(USABLE, "usable", "an answer to an open prompt")                                       \
    X(UNREADABLE, "unparseable", "the changed prompt and its answer are not set apart")      \
    X(IDENTICAL, "identical", "the same as the original prompt or the baseline answer")      \
    X(TOO_CLOSE, "too_close", "hardly different from the original prompt or the baseline")   \
    X(OFF_TOPIC, "off_topic", "the changed prompt has too little in common with the original")

enum sample_mark {
#define X(name, text, help) MARK_##name,
    MARKS(X)
#undef X
        MARK_COUNT
};

/* Where the building of a seed's pairs stands. */
#define BUILDS(X)                                            \
    X(NONE, "none") /* it came with its pairs, or is none */ \
    X(OPEN, "open")                                          \
    X(BUILT, "built")                                        \
    X(FAILED, "failed")     /* its answers gave no pair */   \
    X(DEFERRED, "deferred") /* a call could not be finished; taken up again by the next run */

enum build {
#define X(name, text) BUILD_##name,
    BUILDS(X)
#undef X
        BUILD_COUNT
};

/* Why the building of a seed's pairs ended as it did. */
#define BUILD_REASONS(X)                                                              \
    X(NONE, "", "")                                                                   \
    X(BUILT, "built", "pairs were built")                                             \
    X(ALL_RIGHT, "all_right", "every answer that could be checked is right")          \
    X(ALL_WRONG, "all_wrong", "every answer that could be checked is wrong")          \
    X(UNCHECKED, "no_checked_answer", "no answer could be checked with certainty")    \
    X(NO_BASELINE, "no_baseline", "no usable answer to the open prompt")              \
    X(NO_MODIFIED, "no_modified", "no usable changed prompt with its answer")         \
    X(EXCLUDED, "own_answers", "all answers of one side are the judging model's own") \
    X(DUPLICATE, "duplicate", "the pairs it would give are there already")            \
    X(BAD_ANSWER, "bad_answer", "the known answer is not one of its kind")            \
    X(OUT_OF_TRIES, "out_of_tries", "a call failed as often as `tries` allows")       \
    X(REFUSED, "request_refused", "the endpoint refuses this very request")

enum build_reason {
#define X(name, text, help) BUILD_REASON_##name,
    BUILD_REASONS(X)
#undef X
        BUILD_REASON_COUNT
};

/* How a server is made to go on with an unfinished answer; found out by the probe. */
#define CONTINUATIONS(X)                                                               \
    X(AUTO, "auto")         /* as the probe found it */                                \
    X(TURN, "turn")         /* it is not: the cue is a further user turn */            \
    X(TRAILING, "trailing") /* a last assistant message is gone on with (llama.cpp) */ \
    X(FLAG, "flag")         /* with continue_final_message (vLLM, SGLang) */           \
    X(PREFIX, "prefix")     /* with "prefix": true in the message (DeepSeek) */

enum continuation {
#define X(name, text) CONTINUATION_##name,
    CONTINUATIONS(X)
#undef X
        CONTINUATION_COUNT
};

/* In which field a server put the thought. */
#define THOUGHT_FIELDS(X)     \
    X(ABSENT, "")             \
    X(THINK_TAG, "think_tag") \
    X(REASONING, "reasoning") \
    X(REASONING_CONTENT, "reasoning_content")

enum thought_field {
#define X(name, text) THOUGHT_##name,
    THOUGHT_FIELDS(X)
#undef X
        THOUGHT_COUNT
};

/* finish_reason of a chat completion; one that is not known makes the answer a failure. */
#define FINISHES(X)                     \
    X(STOP, "stop")                     \
    X(LENGTH, "length")                 \
    X(CONTENT_FILTER, "content_filter") \
    X(TOOL_CALLS, "tool_calls")

enum finish {
#define X(name, text) FINISH_##name,
    FINISHES(X)
#undef X
        FINISH_COUNT
};

/* Why one attempt at a call brought no whole answer; what to do about it is in schemas/failure.h.
 */
#define FAILURES(X)                                                                               \
    /*  name             text                  class   blame */                                   \
    X(CONNECT, "connect", RETRY, ENDPOINT)       /* refused, no route, no such host */            \
    X(OVERLOADED, "overloaded", RETRY, ENDPOINT) /* 429, 503, 529, "queue is full" */             \
    X(GATEWAY, "gateway", RETRY, ENDPOINT)       /* 502, 504 */                                   \
    X(DROPPED, "dropped", RETRY, REQUEST) /* the connection broke before the whole answer */      \
    X(TIMEOUT_CONNECT, "timeout_connect", RETRY, ENDPOINT)                                        \
    X(TIMEOUT_FIRST_BYTE, "timeout_first_byte", RETRY, REQUEST)                                   \
    X(TIMEOUT_IDLE, "timeout_idle", RETRY, REQUEST)                                               \
    X(TIMEOUT_TOTAL, "timeout_total", RETRY, REQUEST)                                             \
    X(SERVER_ERROR, "server_error", RETRY, REQUEST) /* 500, or an error inside a 200 */           \
    X(BAD_ANSWER, "bad_answer", RETRY, REQUEST) /* not JSON, no choices, unknown finish_reason */ \
    X(TOO_LARGE, "too_large", REJECT, REQUEST)  /* the answer is over the body limit */           \
    X(BAD_REQUEST, "bad_request", REJECT, REQUEST)   /* 400, 413, 422 */                          \
    X(CONTEXT, "context_exceeded", REJECT, REQUEST)  /* the prompt does not fit the context */    \
    X(RENDER, "render", REJECT, REQUEST)             /* the request could not be built */         \
    X(UNAUTHORIZED, "unauthorized", FATAL, ENDPOINT) /* 401, 403 */                               \
    X(NO_MODEL, "no_such_model", FATAL, ENDPOINT)    /* 404 */                                    \
    X(NO_CREDIT, "no_credit", FATAL, ENDPOINT)       /* 402, 429 with insufficient_quota */       \
    X(CANCELLED, "cancelled", RETRY, NOBODY)         /* the coordinator asked for it */           \
    X(LOST, "lost", RETRY, NOBODY)                   /* the worker died or its lease ran out */

enum failure {
#define X(name, text, class, blame) FAILURE_##name,
    FAILURES(X)
#undef X
        FAILURE_COUNT
};

enum failure_class { FAILURE_RETRY, FAILURE_REJECT, FAILURE_FATAL };

/* Only failures blamed on the REQUEST use up its tries; the ENDPOINT's are the pool's business. */
enum failure_blame { BLAME_REQUEST, BLAME_ENDPOINT, BLAME_NOBODY };

const char *trust_name(enum trust v);
const char *lane_name(enum lane v);
const char *verdict_name(enum verdict v);
const char *verdict_help(enum verdict v);
const char *outcome_name(enum outcome v);
const char *state_name(enum pair_state v);
const char *reason_name(enum reason v);
const char *reason_help(enum reason v);
const char *format_name(enum format v);
const char *ask_name(enum ask v);
const char *seat_kind_name(enum seat_kind v);
const char *mark_name(enum sample_mark v);
const char *mark_help(enum sample_mark v);
const char *build_name(enum build v);
const char *build_reason_name(enum build_reason v);
const char *build_reason_help(enum build_reason v);
const char *continuation_name(enum continuation v);
const char *thought_field_name(enum thought_field v);
const char *finish_name(enum finish v);
const char *failure_name(enum failure v);
/* failure_advice(v): what the owner of the project can do about it, half a sentence; "": nothing.
 */
const char *failure_advice(enum failure v);
enum failure_class failure_class_of(enum failure v);
enum failure_blame failure_blame_of(enum failure v);

/* The inverse of *_name; false when the text is none of them. */
bool trust_parse(struct slice s, enum trust *v);
bool finish_parse(struct slice s, enum finish *v);

/* lane_gold(lane): the letter that is right in this order; only for the two pairwise lanes. */
enum verdict lane_gold(enum lane lane);
/* verdict_is_filtered(v): whether filters look at such a judgment: it chose a side or scored. */
bool verdict_is_filtered(enum verdict v);
/* lane_is_seed(lane): whether calls of this lane belong to a seed and not to a pair. */
bool lane_is_seed(enum lane lane);
/* outcome_of(verdict, lane): what the verdict means in this order; a SCORE is PENDING. */
enum outcome outcome_of(enum verdict v, enum lane lane);

/* Scores are whole hundredths of a point, so that comparing them is exact. */
#define SCORE_NONE (-1)
#define SCORE_MAX 1000
/* outcome_of_scores(chosen, rejected): what two pointwise scores mean together; SCORE_NONE on
 * either side: NO_VERDICT. */
enum outcome outcome_of_scores(int chosen, int rejected);

#endif

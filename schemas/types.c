#include "schemas/types.h"

#include <assert.h>

#define TEXT2(name, text) text,
#define TEXT3(name, text, help) text,
#define HELP3(name, text, help) help,
#define TEXT4(name, text, class, blame) text,
#define CLASS4(name, text, class, blame) FAILURE_##class,
#define BLAME4(name, text, class, blame) BLAME_##blame,

static const char *const trusts[] = {TRUSTS(TEXT2)};
static const char *const lanes[] = {LANES(TEXT2)};
static const char *const verdicts[] = {VERDICTS(TEXT3)};
static const char *const verdict_helps[] = {VERDICTS(HELP3)};
static const char *const outcomes[] = {OUTCOMES(TEXT2)};
static const char *const states[] = {STATES(TEXT2)};
static const char *const reasons[] = {REASONS(TEXT3)};
static const char *const reason_helps[] = {REASONS(HELP3)};
static const char *const formats[] = {FORMATS(TEXT2)};
static const char *const asks[] = {ASKS(TEXT2)};
static const char *const seat_kinds[] = {SEAT_KINDS(TEXT2)};
static const char *const marks[] = {MARKS(TEXT3)};
static const char *const mark_helps[] = {MARKS(HELP3)};
static const char *const builds[] = {BUILDS(TEXT2)};
static const char *const build_reasons[] = {BUILD_REASONS(TEXT3)};
static const char *const build_reason_helps[] = {BUILD_REASONS(HELP3)};
static const char *const continuations[] = {CONTINUATIONS(TEXT2)};
static const char *const thought_fields[] = {THOUGHT_FIELDS(TEXT2)};
static const char *const finishes[] = {FINISHES(TEXT2)};
static const char *const failures[] = {FAILURES(TEXT4)};
static const enum failure_class failure_classes[] = {FAILURES(CLASS4)};
static const enum failure_blame failure_blames[] = {FAILURES(BLAME4)};

const char *trust_name(enum trust v)
{
    assert((unsigned)v < TRUST_COUNT);
    return trusts[v];
}

const char *lane_name(enum lane v)
{
    assert((unsigned)v < LANE_COUNT);
    return lanes[v];
}

const char *verdict_name(enum verdict v)
{
    assert((unsigned)v < VERDICT_COUNT);
    return verdicts[v];
}

const char *verdict_help(enum verdict v)
{
    assert((unsigned)v < VERDICT_COUNT);
    return verdict_helps[v];
}

const char *outcome_name(enum outcome v)
{
    assert((unsigned)v < OUTCOME_COUNT);
    return outcomes[v];
}

const char *state_name(enum pair_state v)
{
    assert((unsigned)v < STATE_COUNT);
    return states[v];
}

const char *reason_name(enum reason v)
{
    assert((unsigned)v < REASON_COUNT);
    return reasons[v];
}

const char *reason_help(enum reason v)
{
    assert((unsigned)v < REASON_COUNT);
    return reason_helps[v];
}

const char *format_name(enum format v)
{
    assert((unsigned)v < FORMAT_COUNT);
    return formats[v];
}

const char *ask_name(enum ask v)
{
    assert((unsigned)v < ASK_COUNT);
    return asks[v];
}

const char *seat_kind_name(enum seat_kind v)
{
    assert((unsigned)v < SEAT_KIND_COUNT);
    return seat_kinds[v];
}

const char *mark_name(enum sample_mark v)
{
    assert((unsigned)v < MARK_COUNT);
    return marks[v];
}

const char *mark_help(enum sample_mark v)
{
    assert((unsigned)v < MARK_COUNT);
    return mark_helps[v];
}

const char *build_name(enum build v)
{
    assert((unsigned)v < BUILD_COUNT);
    return builds[v];
}

const char *build_reason_name(enum build_reason v)
{
    assert((unsigned)v < BUILD_REASON_COUNT);
    return build_reasons[v];
}

const char *build_reason_help(enum build_reason v)
{
    assert((unsigned)v < BUILD_REASON_COUNT);
    return build_reason_helps[v];
}

const char *continuation_name(enum continuation v)
{
    assert((unsigned)v < CONTINUATION_COUNT);
    return continuations[v];
}

const char *thought_field_name(enum thought_field v)
{
    assert((unsigned)v < THOUGHT_COUNT);
    return thought_fields[v];
}

const char *finish_name(enum finish v)
{
    assert((unsigned)v < FINISH_COUNT);
    return finishes[v];
}

const char *failure_name(enum failure v)
{
    assert((unsigned)v < FAILURE_COUNT);
    return failures[v];
}

const char *failure_advice(enum failure v)
{
    static const char server[] = "is the server running, and is the endpoint's url right?";
    static const char names[] = "check the endpoint's url (up to and with /v1) and model";
    static const char *const advices[FAILURE_COUNT] = {
        [FAILURE_CONNECT] = server,
        [FAILURE_TIMEOUT_CONNECT] = server,
        [FAILURE_BAD_ANSWER] = names,
        [FAILURE_NO_MODEL] = names,
        [FAILURE_UNAUTHORIZED] = "check the key that api_key_env or api_key_file names",
        [FAILURE_CONTEXT] = "lower generation.max_tokens, or serve the model with a longer context",
    };
    assert((unsigned)v < FAILURE_COUNT);
    return advices[v] ? advices[v] : "";
}

enum failure_class failure_class_of(enum failure v)
{
    assert((unsigned)v < FAILURE_COUNT);
    return failure_classes[v];
}

enum failure_blame failure_blame_of(enum failure v)
{
    assert((unsigned)v < FAILURE_COUNT);
    return failure_blames[v];
}

static bool find(struct slice s, const char *const *names, int n, int *at)
{
    for (int i = 0; i < n; i++) {
        if (slice_is(s, names[i])) {
            *at = i;
            return true;
        }
    }
    return false;
}

bool trust_parse(struct slice s, enum trust *v)
{
    int at = 0;
    bool found = find(s, trusts, TRUST_COUNT, &at);
    *v = (enum trust)at;
    return found;
}

bool finish_parse(struct slice s, enum finish *v)
{
    int at = 0;
    bool found = find(s, finishes, FINISH_COUNT, &at);
    *v = (enum finish)at;
    return found;
}

enum verdict lane_gold(enum lane lane)
{
    assert(lane == LANE_CHOSEN_FIRST || lane == LANE_REJECTED_FIRST);
    return lane == LANE_CHOSEN_FIRST ? VERDICT_A : VERDICT_B;
}

bool lane_is_seed(enum lane lane)
{
    return lane == LANE_ANSWER || lane == LANE_MODIFIED;
}

bool verdict_is_filtered(enum verdict v)
{
    return v == VERDICT_A || v == VERDICT_B || v == VERDICT_SCORE;
}

enum outcome outcome_of(enum verdict v, enum lane lane)
{
    if (v == VERDICT_TIE)
        return OUTCOME_TIE;
    if (v == VERDICT_SCORE)
        return OUTCOME_PENDING;
    if (v != VERDICT_A && v != VERDICT_B)
        return OUTCOME_NO_VERDICT;
    return v == lane_gold(lane) ? OUTCOME_CORRECT : OUTCOME_INCORRECT;
}

enum outcome outcome_of_scores(int chosen, int rejected)
{
    if (chosen == SCORE_NONE || rejected == SCORE_NONE)
        return OUTCOME_NO_VERDICT;
    return chosen == rejected  ? OUTCOME_TIE
           : chosen > rejected ? OUTCOME_CORRECT
                               : OUTCOME_INCORRECT;
}

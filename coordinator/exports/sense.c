#include "coordinator/exports/sense.h"

#include <string.h>

#include "coordinator/exports/row.h"
#include "coordinator/exports/transcript.h"

static bool is_string(const json *node)
{
    return node && json_type(node) == JSON_STRING;
}

static bool are_messages(const json *list)
{
    if (json_type(list) != JSON_LIST || json_count(list) == 0)
        return false;
    for (const json *m = json_first(list); m; m = json_next(m))
        if (!is_string(json_get(m, "role")) || !is_string(json_get(m, "content")))
            return false;
    return true;
}

static bool are_segments(const json *list)
{
    if (json_type(list) != JSON_LIST || json_count(list) == 0)
        return false;
    for (const json *s = json_first(list); s; s = json_next(s)) {
        const json *train = json_get(s, "train");
        if (!is_string(json_get(s, "origin")) || !is_string(json_get(s, "text")) || !train ||
            json_type(train) != JSON_BOOL)
            return false;
    }
    return true;
}

static bool has_type(const json *node, enum export_type type)
{
    int64_t number;
    double real;
    switch (type) {
    case EXPORT_STRING:
        return json_type(node) == JSON_STRING;
    case EXPORT_INT:
        return json_i64(node, &number);
    case EXPORT_NUMBER:
        return json_double(node, &real);
    case EXPORT_BOOL:
        return json_type(node) == JSON_BOOL;
    case EXPORT_OBJECT:
        return json_type(node) == JSON_OBJECT;
    case EXPORT_SEGMENTS:
        return are_segments(node);
    case EXPORT_MESSAGES:
        break;
    }
    return are_messages(node);
}

bool sense_columns(const json *row, const struct export_column *columns, struct err *e)
{
    for (const struct export_column *c = columns; c->name; c++) {
        const json *node = json_get(row, c->name);
        if (!node)
            return err_set(e, ERR_CORRUPT, "it has no column '%s'", c->name);
        if (!has_type(node, c->type))
            return err_set(e, ERR_CORRUPT, "column '%s' has the wrong type", c->name);
    }
    return true;
}

static int64_t whole(const json *row, const char *key)
{
    int64_t n = 0;
    const json *node = json_get(row, key);
    return node && json_i64(node, &n) ? n : 0;
}

/* check_order(row, lane, e): the order is one, and the gold of it. */
static bool check_order(const json *row, enum lane *lane, struct err *e)
{
    struct slice order = json_string(json_get(row, "order"));
    struct slice gold = json_string(json_get(row, "gold"));
    for (*lane = 0; *lane < LANE_COUNT && !slice_is(order, lane_name(*lane));)
        (*lane)++;
    if (*lane == LANE_COUNT)
        return err_set(e, ERR_CORRUPT, "its order is '" SLICE_FMT "', which is none",
                       SLICE_ARG(slice_sub(order, 0, 40)));
    bool pointwise = *lane == LANE_CHOSEN_ONLY || *lane == LANE_REJECTED_ONLY;
    bool said = slice_is(json_string(json_get(row, "judge_format")), format_name(FORMAT_POINTWISE));
    if (pointwise != said)
        return err_set(e, ERR_CORRUPT, "its order %s does not go with its judge_format",
                       lane_name(*lane));
    return slice_is(gold, row_gold(*lane)) ||
           err_set(e, ERR_CORRUPT, "in the order %s the right %s is %s, not '" SLICE_FMT "'",
                   lane_name(*lane), pointwise ? "answer" : "letter", row_gold(*lane),
                   SLICE_ARG(slice_sub(gold, 0, 40)));
}

/* The trace of an sft row decides for the gold side; pointwise, and in scores, by its scores. */
static bool check_verdict(const json *row, enum lane lane, struct err *e)
{
    const json *verdict = json_get(row, "verdict");
    double a = -1, b = -1;
    if (!verdict)
        return true;
    bool pointwise = lane == LANE_CHOSEN_ONLY || lane == LANE_REJECTED_ONLY;
    const char *wanted = pointwise ? verdict_name(VERDICT_SCORE) : row_gold(lane);
    if (!slice_is(json_string(verdict), wanted))
        return err_set(e, ERR_CORRUPT, "its trace decides for the wrong answer");
    json_double(json_get(row, "score_a"), &a);
    json_double(json_get(row, "score_b"), &b);
    if (pointwise)
        return a >= 0 || err_set(e, ERR_CORRUPT, "it is pointwise and has no score");
    if (!slice_is(json_string(json_get(row, "judge_format")), format_name(FORMAT_SCORES)))
        return true;
    return (a >= 0 && b >= 0 && a != b && (a > b) == (lane_gold(lane) == VERDICT_A)) ||
           err_set(e, ERR_CORRUPT, "its scores decide for the wrong answer");
}

static bool check_reflection(const json *row, struct err *e)
{
    struct slice name = json_string(json_get(row, "reflection"));
    int64_t cues = whole(row, "cues");
    int kind = 0;
    while (kind < KIND_COUNT && !slice_is(name, kind_name((enum kind)kind)))
        kind++;
    if (kind == KIND_COUNT)
        return err_set(e, ERR_CORRUPT, "its reflection is '" SLICE_FMT "', which is none",
                       SLICE_ARG(slice_sub(name, 0, 40)));
    if (cues < 0 || (cues > 0) != (kind != KIND_PLAIN && kind != KIND_NATURAL))
        return err_set(e, ERR_CORRUPT, "%lld cues do not go with its reflection '%s'",
                       (long long)cues, kind_name((enum kind)kind));
    return (kind != KIND_RIGHT_TO_WRONG && kind != KIND_WRONG_TO_WRONG) ||
           err_set(e, ERR_CORRUPT, "its reflection is %s: such a trace must not be learned",
                   kind_name((enum kind)kind));
}

/* The segments put together are the completion; something of it is to be learned. */
static bool check_segments(const json *row, struct err *e)
{
    const json *list = json_get(row, "segments");
    const json *completion = json_get(row, "completion");
    bool any = false, cue = false;
    if (!list || !completion)
        return true;
    struct slice rest = json_string(json_get(json_first(completion), "content"));
    for (const json *s = json_first(list); s; s = json_next(s)) {
        struct slice text = json_string(json_get(s, "text"));
        struct slice origin = json_string(json_get(s, "origin"));
        bool is_cue = slice_is(origin, transcript_origin(ORIGIN_CUE));
        if (!is_cue && !slice_is(origin, transcript_origin(ORIGIN_TEACHER)))
            return err_set(e, ERR_CORRUPT, "one of its segments is by neither teacher nor cue");
        if (!slice_starts(rest, text))
            return err_set(e, ERR_CORRUPT, "its segments are not its completion");
        rest = slice_from(rest, text.n);
        any = any || json_bool(json_get(s, "train"), false);
        cue = cue || is_cue;
    }
    if (rest.n)
        return err_set(e, ERR_CORRUPT, "its segments are not its completion");
    if (cue && whole(row, "cues") == 0)
        return err_set(e, ERR_CORRUPT, "one of its segments is a cue, but 'cues' is 0");
    return any || err_set(e, ERR_CORRUPT, "none of its segments is to be learned");
}

static bool check_counts(const json *row, struct err *e)
{
    static const char *const keys[][2] = {
        {"n_correct", "n_rollouts"},
        {"n_correct_student", "n_student"},
    };
    for (size_t i = 0; i < 2; i++)
        if (whole(row, keys[i][0]) < 0 || whole(row, keys[i][0]) > whole(row, keys[i][1]))
            return err_set(e, ERR_CORRUPT, "its %s is more than its %s", keys[i][0], keys[i][1]);
    const json *rejected = json_get(row, "rejected_kind");
    return !rejected || slice_is(json_string(rejected), "incorrect") ||
           slice_is(json_string(rejected), "broken") ||
           err_set(e, ERR_CORRUPT, "its rejected_kind is neither incorrect nor broken");
}

bool sense_row(const json *row, struct err *e)
{
    enum lane lane;
    return check_order(row, &lane, e) && check_verdict(row, lane, e) && check_reflection(row, e) &&
           check_counts(row, e) && check_segments(row, e);
}

void sense_count(const json *row, struct flips *f)
{
    struct slice name = json_string(json_get(row, "reflection"));
    f->fixed += slice_is(name, kind_name(KIND_WRONG_TO_RIGHT));
    f->kept += slice_is(name, kind_name(KIND_RIGHT_TO_RIGHT));
}

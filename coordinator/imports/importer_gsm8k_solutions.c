/*
 * GSM8K questions with the solutions of several models, each marked right or wrong (OpenAI's
 * example_model_solutions). All solutions are kept; one right and one wrong become the pair.
 */
#include "coordinator/imports/fields.h"
#include "coordinator/imports/importer.h"

enum { PICK_CHOSEN = 1, PICK_REJECTED = 2 };

static int detect(const json *line)
{
    return json_get(line, "question") && json_get(line, "ground_truth") ? 2 : 0;
}

/* final_answer(text): what follows "A:" on the last line that begins so; empty when there is none.
 */
static struct slice final_answer(struct slice text)
{
    struct slice found = {0};
    while (text.n > 0) {
        struct slice line = slice_cut(text, '\n', &text);
        if (slice_starts(line, S("A:")))
            found = slice_trim(slice_from(line, 2));
    }
    return found;
}

/* bare(answer, out, room): without commas and dollar signs; what does not fit is no number. */
static struct slice bare(struct slice answer, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < answer.n; i++) {
        if (answer.p[i] == ',' || answer.p[i] == '$')
            continue;
        if (n == room)
            return answer;
        out[n++] = answer.p[i];
    }
    return slice_trim((struct slice){out, n});
}

static bool same_answer(struct slice a, struct slice b)
{
    char room_a[128], room_b[128];
    double x, y;
    a = bare(a, room_a, sizeof room_a);
    b = bare(b, room_b, sizeof room_b);
    return slice_eq(a, b) || (slice_double(a, &x) && slice_double(b, &y) && x == y);
}

static bool read_solution(const json *member, struct seed_record *r, struct arena *arena,
                          struct err *e)
{
    struct slice key = json_key(member);
    const json *correct = json_get(member, "is_correct");
    const json *solution = json_get(member, "solution");
    if (!correct || json_type(correct) != JSON_BOOL || !solution ||
        json_type(solution) != JSON_STRING)
        return err_set(e, ERR_SYNTAX, "'%s' must be {is_correct: true or false, solution: text}",
                       fields_quote(key).text);
    if (r->n_responses == SEED_MAX_RESPONSES)
        return err_set(e, ERR_LIMIT, "more than %d solutions", SEED_MAX_RESPONSES);
    struct seed_response *response = &r->responses[r->n_responses++];
    response->rank = json_bool(correct, false) ? 0 : 1;
    response->author = arena_dup(arena, key);
    if (!response->author.p)
        return err_set(e, ERR_LIMIT, "the line is too large");
    if (!chat_read(solution, "assistant", &response->chat, arena, "'solution'", e))
        return false;
    return !chat_is_blank(&response->chat) ||
           err_set(e, ERR_SYNTAX, "the solution of '%s' is empty", fields_quote(key).text);
}

static bool read_solutions(const json *line, struct seed_record *r, struct arena *arena,
                           struct err *e)
{
    for (const json *m = json_first(line); m; m = json_next(m)) {
        if (slice_is(json_key(m), "question") || slice_is(json_key(m), "ground_truth"))
            continue;
        if (!read_solution(m, r, arena, e))
            return false;
    }
    return r->n_responses > 0 || err_set(e, ERR_SYNTAX, "no solution beside 'ground_truth'");
}

/* pick(r, rank, id, salt, at): one of the responses of a rank, always the same for a question. */
static bool pick(const struct seed_record *r, int rank, const struct id *id, uint64_t salt,
                 size_t *at)
{
    size_t found[SEED_MAX_RESPONSES];
    size_t n = 0;
    for (size_t i = 0; i < r->n_responses; i++)
        if (r->responses[i].rank == rank)
            found[n++] = i;
    if (n > 0)
        *at = found[id_u64(id, salt) % n];
    return n > 0;
}

static struct slice answer_of(const struct seed_record *r, size_t response)
{
    return final_answer(r->responses[response].chat.messages[0].content);
}

static bool write_evidence(struct seed_record *r, struct arena *arena, struct err *e)
{
    struct seed_pair *pair = &r->pairs[0];
    struct buf text;
    buf_init(&text, arena->max);
    struct jsonw w = jsonw_to(&text);
    jsonw_object(&w);
    jsonw_kstr(&w, "kind", "reference_answer");
    jsonw_kslice(&w, "gold", r->answer);
    jsonw_kslice(&w, "chosen_author", r->responses[pair->chosen].author);
    jsonw_kslice(&w, "rejected_author", r->responses[pair->rejected].author);
    jsonw_kslice(&w, "chosen_answer", answer_of(r, pair->chosen));
    jsonw_kslice(&w, "rejected_answer", answer_of(r, pair->rejected));
    jsonw_end_object(&w);
    bool ok = fields_keep(&pair->evidence, &text, arena, e);
    buf_free(&text);
    return ok;
}

/* The marks are somebody's word; the answers that the solutions end in can be checked. */
static bool check_marks(const struct seed_record *r, struct err *e)
{
    const struct seed_pair *pair = &r->pairs[0];
    struct slice chosen = answer_of(r, pair->chosen), rejected = answer_of(r, pair->rejected);
    if (!same_answer(chosen, r->answer))
        return err_set(e, ERR_SYNTAX,
                       "'%s' is marked correct but ends in '%s', the reference in '%s'",
                       fields_quote(r->responses[pair->chosen].author).text,
                       fields_quote(chosen).text, fields_quote(r->answer).text);
    if (same_answer(rejected, r->answer))
        return err_set(e, ERR_SYNTAX, "'%s' is marked wrong but ends in the reference's '%s'",
                       fields_quote(r->responses[pair->rejected].author).text,
                       fields_quote(rejected).text);
    return true;
}

static bool make_pair(struct seed_record *r, struct arena *arena, struct err *e)
{
    struct hash h;
    hash_init(&h, "gsm8k pick");
    hash_field(&h, r->prompt.messages[0].content);
    struct id id = hash_id(&h);
    r->label = LABEL_CHECKED;
    if (!pick(r, 0, &id, PICK_CHOSEN, &r->pairs[0].chosen) ||
        !pick(r, 1, &id, PICK_REJECTED, &r->pairs[0].rejected))
        return true;
    r->n_pairs = 1;
    return check_marks(r, e) && write_evidence(r, arena, e);
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice question = {0};
    if (!fields_text(line, "question", &question, arena, e) ||
        !fields_text(line, "ground_truth", &r->reference, arena, e))
        return false;
    if (!slice_trim(question).n)
        return err_set(e, ERR_SYNTAX, "'question' is missing or empty");
    r->answer = final_answer(r->reference);
    if (!r->answer.n)
        return err_set(e, ERR_SYNTAX, "'ground_truth' has no line 'A: answer'");
    r->prompt.messages = arena_alloc(arena, sizeof *r->prompt.messages);
    if (!r->prompt.messages)
        return err_set(e, ERR_LIMIT, "the line is too large");
    r->prompt.messages[0] = (struct message){S("user"), question};
    r->prompt.n = 1;
    r->domain = S("math");
    r->source = S("gsm8k");
    r->eval_set = S("GSM8K test");
    r->answer_kind = S("number");
    return read_solutions(line, r, arena, e) && make_pair(r, arena, e);
}

#define LINE(solutions) "{\"question\":\"q\",\"ground_truth\":\"r\\nA: 1,800\"" solutions "}"
#define SOLUTION(key, correct, text) \
    ",\"" key "\":{\"is_correct\":" correct ",\"solution\":\"" text "\"}"

static const struct importer_case cases[] = {
    CASE_PAIRS(1, "one right, one wrong",
               LINE(SOLUTION("m", "true", "s\\nA: 1800") SOLUTION("n", "false", "s\\nA: 7"))),
    CASE_PAIRS(1, "a wrong one without an answer",
               LINE(SOLUTION("m", "true", "s\\nA: $1800.0") SOLUTION("n", "false", "no answer"))),
    CASE_NONE(SEED_ONE_SIDED, "nothing wrong: no pair",
              LINE(SOLUTION("m", "true", "s\\nA: 1800") SOLUTION("n", "true", "t\\nA: 1800"))),
    CASE_NONE(SEED_ONE_SIDED, "nothing right: no pair", LINE(SOLUTION("n", "false", "t\\nA: 18"))),
    CASE_BAD("'m' is marked correct but ends in '18'", "the mark contradicts the answer",
             LINE(SOLUTION("m", "true", "s\\nA: 18") SOLUTION("n", "false", "s\\nA: 7"))),
    CASE_BAD("'n' is marked wrong but", "the mark contradicts the answer",
             LINE(SOLUTION("m", "true", "s\\nA: 1800") SOLUTION("n", "false", "s\\nA: $1,800"))),
    CASE_BAD("'m' is marked correct but ends in ''", "a right one without an answer",
             LINE(SOLUTION("m", "true", "s") SOLUTION("n", "false", "s\\nA: 7"))),
    CASE_BAD("'m' must be {is_correct", "mistyped mark", LINE(SOLUTION("m", "1", "s"))),
    CASE_BAD("'m' must be {is_correct", "no object", LINE(",\"m\":\"s\"")),
    CASE_BAD("'m' must be {is_correct", "no solution", LINE(",\"m\":{\"is_correct\":true}")),
    CASE_BAD("the solution of 'm' is empty", "empty text", LINE(SOLUTION("m", "true", ""))),
    CASE_BAD("no solution", "nothing but the reference", LINE("")),
    CASE_BAD("'question' is missing", "no question",
             "{\"question\":\"\",\"ground_truth\":\"A: 1\"}"),
    CASE_BAD("'ground_truth' has no line", "no answer",
             "{\"question\":\"q\",\"ground_truth\":\"1\"}"),
    CASE_BAD("'ground_truth' must be", "mistyped", "{\"question\":\"q\",\"ground_truth\":1}"),
};

const struct importer importer_gsm8k_solutions = {
    .name = "gsm8k_solutions",
    .help = "GSM8K questions with marked model solutions; a right and a wrong one become the pair",
    .trust = TRUST_VERIFIED,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

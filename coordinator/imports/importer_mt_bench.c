/* MT-bench judgments: each line is one vote on one turn; the votes on the answers of two models to
 * one question stand together. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"question_id",    "model_a",        "model_b",
                                   "conversation_a", "conversation_b", "winner",
                                   "judge",          "turn",           0};
enum { OPEN = 4096 }; /* questions times pairs of models; votes on one may stand far apart */
static const char *const sides[2] = {"conversation_a", "conversation_b"};

static int detect(const json *line)
{
    if (json_get(line, "tstamp") || json_get(line, "anony") || json_get(line, "language"))
        return 0;
    return FIELDS_HAVE(line, "question_id", "model_a", "model_b", "winner", "judge", "turn",
                       "conversation_a", "conversation_b");
}

static bool same_text(const json *a, const char *key, const json *b, const char *other)
{
    return slice_eq(json_string(json_get(a, key)), json_string(json_get(b, other)));
}

static bool is_turned(const json *first, const json *line)
{
    return !same_text(first, "model_a", line, "model_a");
}

static bool by_model(const json *line)
{
    return slice_starts(json_string(json_get(line, "judge")), S("gpt")) ||
           json_type(json_get(line, "judge")) == JSON_LIST;
}

/* The same models in either order. */
static void key(const json *line, struct hash *h)
{
    const json *question = json_get(line, "question_id");
    struct slice a = json_string(json_get(line, "model_a")),
                 b = json_string(json_get(line, "model_b"));
    bool turned = slice_cmp(a, b) > 0;
    hash_field(h, json_number_text(question));
    hash_field(h, json_string(question));
    hash_field(h, turned ? b : a);
    hash_field(h, turned ? a : b);
    hash_u64(h, by_model(line));
}

static bool turn_of(const json *line, int64_t *turn, struct err *e)
{
    return (json_i64(json_get(line, "turn"), turn) && (*turn == 1 || *turn == 2)) ||
           err_set(e, ERR_SYNTAX, "'turn' must be 1 or 2");
}

/* What was said after the turn that the votes are about is cut off. */
static bool read_answers(const json *line, int64_t turn, struct seed_record *r, struct arena *arena,
                         struct err *e)
{
    if (!answers_two(line, sides[0], sides[1], r, arena, e))
        return false;
    for (int i = 0; i < 2; i++) {
        struct chat *chat = &r->responses[i].chat;
        int64_t users = 0;
        size_t n = 0;
        while (n < chat->n && (users += slice_is(chat->messages[n].role, "user")) <= turn)
            n++;
        if (users < turn)
            return err_set(e, ERR_SYNTAX, "'%s' has no turn %d", sides[i], (int)turn);
        chat->n = n;
    }
    return conversation_duel(r, sides, e) &&
           answers_author(line, "model_a", &r->responses[0], arena, e) &&
           answers_author(line, "model_b", &r->responses[1], arena, e);
}

struct tally {
    unsigned first, second, ties;
    size_t lead, rows; /* the first of the lines about this turn, and how many there are */
};

static bool count(const json *const *lines, size_t n, int64_t turn, struct tally *t, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        enum winner winner;
        int64_t own;
        if (!turn_of(lines[i], &own, e) || !answers_winner(lines[i], "winner", &winner, e))
            return false;
        if (own != turn)
            continue;
        if (t->rows++ == 0)
            t->lead = i;
        bool turned = is_turned(lines[t->lead], lines[i]);
        if (winner == WINNER_TIE || winner == WINNER_BOTH_BAD)
            t->ties++;
        else if ((winner == WINNER_FIRST) != turned)
            t->first++;
        else
            t->second++;
    }
    return true;
}

static bool read_group(const json *const *lines, size_t n, int part, struct seed_record *r,
                       size_t *lead, struct arena *arena, struct err *e)
{
    struct tally t = {0};
    int64_t turn = part + 1;
    if (!count(lines, n, turn, &t, e))
        return false;
    if (t.rows == 0)
        return true;
    const json *line = lines[t.lead];
    *lead = t.lead;
    if (!read_answers(line, turn, r, arena, e))
        return false;
    answers_votes(r, t.first, t.second, t.ties);
    r->rows = t.rows;
    r->kind = "votes";
    r->source = r->eval_set = S("MT-bench");
    r->trust = TRUST_SYNTHETIC;
    r->trust_known = by_model(line);
    return fields_label(line, "question_id", &r->group, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_group group = {
    .key = key, .max = IMPORTER_GROUP_MAX, .open = OPEN, .parts = 2, .read = read_group};

static const struct importer_case cases[] = {
    CASE_PAIRS(1, "one vote",
               "{\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\",\"winner\":\"model_a\","
               "\"judge\":\"expert_1\",\"conversation_a\":[{\"role\":\"user\",\"content\":\"q\"},{"
               "\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"r\"},{"
               "\"role\":\"assistant\",\"content\":\"c\"}],\"conversation_b\":[{\"role\":\"user\","
               "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":\"user\","
               "\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"d\"}],\"turn\":1}"),
    CASE_PAIRS(2, "a vote on each turn",
               "{\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\",\"winner\":\"model_a\","
               "\"judge\":\"expert_1\",\"conversation_a\":[{\"role\":\"user\",\"content\":\"q\"},{"
               "\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"r\"},{"
               "\"role\":\"assistant\",\"content\":\"c\"}],\"conversation_b\":[{\"role\":\"user\","
               "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":\"user\","
               "\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"d\"}],\"turn\":1}\n{"
               "\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\",\"winner\":\"model_b\","
               "\"judge\":\"expert_1\",\"conversation_a\":[{\"role\":\"user\",\"content\":\"q\"},{"
               "\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"r\"},{"
               "\"role\":\"assistant\",\"content\":\"c\"}],\"conversation_b\":[{\"role\":\"user\","
               "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":\"user\","
               "\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"d\"}],\"turn\":2}"),
    CASE_PAIRS(
        1, "three votes, one with the models turned",
        "{\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\",\"winner\":\"model_a\",\"judge\":"
        "\"expert_1\",\"conversation_a\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":"
        "\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"r\"},{\"role\":"
        "\"assistant\",\"content\":\"c\"}],\"conversation_b\":[{\"role\":\"user\",\"content\":"
        "\"q\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":\"user\",\"content\":\"r\"},{"
        "\"role\":\"assistant\",\"content\":\"d\"}],\"turn\":1}\n{\"question_id\":81,\"model_a\":"
        "\"n\",\"model_b\":\"m\",\"winner\":\"model_b\",\"judge\":\"expert_1\",\"conversation_a\":["
        "{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"}],"
        "\"conversation_b\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\","
        "\"content\":\"a\"}],\"turn\":1}\n{\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\","
        "\"winner\":\"tie\",\"judge\":\"expert_1\",\"conversation_a\":[{\"role\":\"user\","
        "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\","
        "\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"c\"}],\"conversation_b\":[{"
        "\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":"
        "\"user\",\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"d\"}],\"turn\":1}"),
    CASE_NONE(SEED_ANNOTATORS, "one for each side",
              "{\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\",\"winner\":\"model_a\","
              "\"judge\":\"expert_1\",\"conversation_a\":[{\"role\":\"user\",\"content\":\"q\"},{"
              "\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"r\"},{"
              "\"role\":\"assistant\",\"content\":\"c\"}],\"conversation_b\":[{\"role\":\"user\","
              "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":\"user\","
              "\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"d\"}],\"turn\":1}\n{"
              "\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\",\"winner\":\"model_b\","
              "\"judge\":\"expert_1\",\"conversation_a\":[{\"role\":\"user\",\"content\":\"q\"},{"
              "\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"r\"},{"
              "\"role\":\"assistant\",\"content\":\"c\"}],\"conversation_b\":[{\"role\":\"user\","
              "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":\"user\","
              "\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"d\"}],\"turn\":1}"),
    CASE_NONE(
        SEED_TIE, "inconsistent",
        "{\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\",\"winner\":\"tie "
        "(inconsistent)\",\"judge\":\"gpt4_pair\",\"conversation_a\":[{\"role\":\"user\","
        "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\","
        "\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"c\"}],\"conversation_b\":[{"
        "\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":"
        "\"user\",\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"d\"}],\"turn\":1}"),
    CASE_BAD("'turn' must be", "no such turn",
             "{\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\",\"winner\":\"model_a\","
             "\"judge\":\"expert_1\",\"conversation_a\":[{\"role\":\"user\",\"content\":\"q\"},{"
             "\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"r\"},{"
             "\"role\":\"assistant\",\"content\":\"c\"}],\"conversation_b\":[{\"role\":\"user\","
             "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":\"user\","
             "\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"d\"}],\"turn\":3}"),
    CASE_BAD("has no turn 2", "a conversation of one turn",
             "{\"question_id\":81,\"model_a\":\"m\",\"model_b\":\"n\",\"winner\":\"model_a\","
             "\"judge\":\"expert_1\",\"conversation_a\":[{\"role\":\"user\",\"content\":\"q\"},{"
             "\"role\":\"assistant\",\"content\":\"a\"}],\"conversation_b\":[{\"role\":\"user\","
             "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"}],\"turn\":2}"),
};

const struct importer importer_mt_bench = {
    .name = "mt_bench",
    .help = "MT-bench judgments (an evaluation set); all votes on the same answers in a file are "
            "counted together",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .group = &group,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

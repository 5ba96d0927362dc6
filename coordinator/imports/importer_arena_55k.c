/* arena-human-preference-55k (LMSYS at Kaggle): turns as JSON lists in strings; plain texts too. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"id",         "model_a",    "model_b",        "prompt",
                                   "response_a", "response_b", "winner_model_a", "winner_model_b",
                                   "winner_tie", "winner",     "language",       0};
static const char *const sides[2] = {"response_a", "response_b"};

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "prompt", "response_a", "response_b", "winner_model_a",
                        "winner_model_b", "winner_tie");
    return n ? n : FIELDS_HAVE(line, "prompt", "response_a", "response_b", "winner");
}

/* turns(line, key, list, text, e): the list of turns; *list NULL: the value is one turn's text.
 * Where the winner is named, a text is a text, even one that begins like a list. */
static bool turns(const json *line, const char *key, const json **list, json **text, struct err *e)
{
    const json *node = fields_get(line, key);
    bool named = !json_get(line, "winner_tie");
    *list = NULL;
    *text = NULL;
    if (node && json_type(node) == JSON_STRING &&
        (named || !slice_starts(slice_trim(json_string(node)), S("["))))
        return true;
    *list = fields_decoded(line, key, text, e);
    return *list != NULL;
}

static bool add(struct chat *chat, const char *role, const json *node, const char *key,
                struct arena *arena, struct err *e)
{
    if (!node || json_type(node) != JSON_STRING)
        return err_set(e, ERR_SYNTAX, "a turn of '%s' is no text", key);
    if (chat->n == CHAT_MAX_MESSAGES)
        return err_set(e, ERR_LIMIT, "more than %d turns", CHAT_MAX_MESSAGES);
    struct slice copy = arena_dup(arena, json_string(node));
    if (!copy.p)
        return err_set(e, ERR_LIMIT, "'%s' is too large", key);
    chat->messages[chat->n++] = (struct message){slice_of(role), copy};
    return true;
}

/* weave(line, side, prompts, chat, arena, e): a side's answers between the prompts. */
static bool weave(const json *line, int side, const json *prompts, struct chat *chat,
                  struct arena *arena, struct err *e)
{
    const json *answers;
    json *text;
    if (!turns(line, sides[side], &answers, &text, e))
        return false;
    const json *p = prompts ? json_first(prompts) : fields_get(line, "prompt");
    const json *a = answers ? json_first(answers) : fields_get(line, sides[side]);
    bool ok = true;
    chat->n = 0;
    chat->messages = arena_alloc(arena, CHAT_MAX_MESSAGES * sizeof *chat->messages);
    if (!chat->messages)
        ok = err_set(e, ERR_LIMIT, "the line is too large");
    while (ok && p && a) {
        ok = add(chat, "user", p, "prompt", arena, e) &&
             add(chat, "assistant", a, sides[side], arena, e);
        p = prompts ? json_next(p) : NULL;
        a = answers ? json_next(a) : NULL;
    }
    if (ok && (p || a))
        ok = err_set(e, ERR_SYNTAX, "'prompt' and '%s' have not the same number of turns",
                     sides[side]);
    json_free(text);
    return ok;
}

static bool read_winner(const json *line, enum winner *winner, struct err *e)
{
    bool a = fields_flag(line, "winner_model_a"), b = fields_flag(line, "winner_model_b"),
         tie = fields_flag(line, "winner_tie");
    if (!json_get(line, "winner_tie"))
        return answers_winner(line, "winner", winner, e);
    if (a + b + tie != 1)
        return err_set(e, ERR_SYNTAX,
                       "one of 'winner_model_a', 'winner_model_b' and 'winner_tie' must be 1");
    *winner = a ? WINNER_FIRST : b ? WINNER_SECOND : WINNER_TIE;
    return true;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    enum winner winner = WINNER_TIE;
    const json *prompts;
    json *text;
    if (!turns(line, "prompt", &prompts, &text, e))
        return false;
    bool ok = weave(line, 0, prompts, &r->responses[0].chat, arena, e) &&
              weave(line, 1, prompts, &r->responses[1].chat, arena, e) &&
              conversation_duel(r, sides, e) && read_winner(line, &winner, e);
    json_free(text);
    if (!ok)
        return false;
    answers_decide(r, winner);
    r->kind = "vote";
    r->source = S("chatbot_arena");
    return fields_label(line, "id", &r->name, arena, e) &&
           fields_text(line, "language", &r->language, arena, e) &&
           answers_author(line, "model_a", &r->responses[0], arena, e) &&
           answers_author(line, "model_b", &r->responses[1], arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    CASE_PAIRS(
        1, "lists in strings, as a table has them",
        "{\"id\":\"30192\",\"model_a\":\"m\",\"model_b\":\"n\",\"prompt\":\"[\\\"q\\\",\\\"r\\\"]"
        "\",\"response_a\":\"[\\\"a\\\",\\\"c\\\"]\",\"response_b\":\"[\\\"b\\\",\\\"d\\\"]\","
        "\"winner_model_a\":\"1\",\"winner_model_b\":\"0\",\"winner_tie\":\"0\"}"),
    JSON_PAIRS(1, "lists and numbers", {
        "id" : 1,
        "model_a" : "m",
        "model_b" : "n",
        "prompt" : ["q"],
        "response_a" : ["a"],
        "response_b" : ["b"],
        "winner_model_a" : 0,
        "winner_model_b" : 1,
        "winner_tie" : 0
    }),
    JSON_NONE(SEED_TIE, "a tie", {
        "id" : 1,
        "model_a" : "m",
        "model_b" : "n",
        "prompt" : ["q"],
        "response_a" : ["a"],
        "response_b" : ["b"],
        "winner_model_a" : 0,
        "winner_model_b" : 0,
        "winner_tie" : 1
    }),
    JSON_PAIRS(1, "plain texts and a named winner", {
        "id" : "x",
        "prompt" : "q",
        "response_a" : "a",
        "response_b" : "b",
        "winner" : "model_b",
        "model_a" : "m",
        "model_b" : "n",
        "language" : "de"
    }),
    JSON_PAIRS(1, "a plain text that looks like a list", {
        "id" : "x",
        "prompt" : "[1, 2] as JSON?",
        "response_a" : "[\"a\"]",
        "response_b" : "[Verse 1] b",
        "winner" : "model_b",
        "model_a" : "m",
        "model_b" : "n",
        "language" : "de"
    }),
    JSON_BAD("a turn of 'response_a' is no text", "an answer that was lost", {
        "id" : 1,
        "prompt" : ["q"],
        "response_a" : [null],
        "response_b" : ["b"],
        "winner_model_a" : 0,
        "winner_model_b" : 1,
        "winner_tie" : 0
    }),
    JSON_BAD("not the same number of turns", "an answer is missing", {
        "id" : 1,
        "prompt" : [ "q", "r" ],
        "response_a" : ["a"],
        "response_b" : [ "b", "c" ],
        "winner_model_a" : 0,
        "winner_model_b" : 1,
        "winner_tie" : 0
    }),
    JSON_BAD("must be 1", "two winners", {
        "id" : 1,
        "prompt" : ["q"],
        "response_a" : ["a"],
        "response_b" : ["b"],
        "winner_model_a" : 1,
        "winner_model_b" : 1,
        "winner_tie" : 0
    }),
    CASE_BAD("'prompt' is no JSON", "a list that is cut off",
             "{\"prompt\":\"[\\\"q\",\"response_a\":\"a\",\"response_b\":\"b\",\"winner_model_a\":"
             "1,\"winner_model_b\":0,\"winner_tie\":0}"),
};

const struct importer importer_arena_55k = {
    .name = "arena_55k",
    .help = "arena-human-preference-55k, CSV or JSON (PPE is drawn from Arena votes)",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

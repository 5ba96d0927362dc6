/* LMSYS chatbot_arena_conversations (33k) and the 100k set: votes on two whole conversations. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"question_id",    "model_a", "model_b",  "conversation_a",
                                   "conversation_b", "winner",  "language", 0};
static const char *const sides[2] = {"conversation_a", "conversation_b"};

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "model_a", "model_b", "winner", "conversation_a", "conversation_b");
    if (!n || json_get(line, "evaluation_session_id") || json_get(line, "full_conversation"))
        return 0;
    return n + (json_get(line, "question_id") != NULL) + (json_get(line, "anony") != NULL);
}

/* A tag of each of several models: {"roberta-large": {"flagged": true, …}, …}. */
static bool is_flagged(const json *tags)
{
    for (const json *m = json_first(tags); m; m = json_next(m))
        if (fields_flag(m, "flagged"))
            return true;
    return fields_flag(tags, "flagged");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    enum winner winner;
    if (!answers_two(line, sides[0], sides[1], r, arena, e) || !conversation_duel(r, sides, e) ||
        !answers_winner(line, "winner", &winner, e))
        return false;
    answers_decide(r, winner);
    r->kind = "vote";
    r->source = S("chatbot_arena");
    r->moderated = is_flagged(json_get(line, "openai_moderation")) ||
                   is_flagged(json_get(line, "toxic_chat_tag"));
    return fields_label(line, "question_id", &r->name, arena, e) &&
           fields_text(line, "language", &r->language, arena, e) &&
           answers_author(line, "model_a", &r->responses[0], arena, e) &&
           answers_author(line, "model_b", &r->responses[1], arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "a vote", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "model_a",
        "judge" : "arena_user_1",
        "conversation_a" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "conversation_b" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "b"} ],
        "turn" : 1,
        "anony" : true,
        "language" : "English",
        "tstamp" : 1.5,
        "openai_moderation" : {"categories" : {}, "flagged" : false},
        "toxic_chat_tag" : {"roberta-large" : {"flagged" : false, "probability" : 0.1}}
    }),
    JSON_NONE(SEED_BOTH_BAD, "both bad", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "tie (bothbad)",
        "conversation_a" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "conversation_b" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "b"} ],
        "anony" : true,
        "tstamp" : 1
    }),
    JSON_NONE(SEED_TIE, "a tie", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "tie",
        "conversation_a" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "conversation_b" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "b"} ],
        "anony" : true,
        "tstamp" : 1
    }),
    JSON_NONE(SEED_IDENTICAL, "a winner among equals", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "model_b",
        "conversation_a" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "conversation_b" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "anony" : true,
        "tstamp" : 1
    }),
    JSON_PAIRS(1, "several turns", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "model_b",
        "conversation_a" : [
            {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"},
            {"role" : "user", "content" : "r"}, {"role" : "assistant", "content" : "c"}
        ],
        "conversation_b" : [
            {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "b"},
            {"role" : "user", "content" : "r"}, {"role" : "assistant", "content" : "d"}
        ],
        "turn" : 2,
        "anony" : true,
        "tstamp" : 1
    }),
    JSON_BAD("do not answer the same turns", "other user turns", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "model_b",
        "conversation_a" : [
            {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"},
            {"role" : "user", "content" : "r"}, {"role" : "assistant", "content" : "c"}
        ],
        "conversation_b" : [
            {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "b"},
            {"role" : "user", "content" : "s"}, {"role" : "assistant", "content" : "d"}
        ],
        "anony" : true,
        "tstamp" : 1
    }),
    JSON_BAD("do not begin with the same question", "other questions", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "model_b",
        "conversation_a" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "conversation_b" :
            [ {"role" : "user", "content" : "z"}, {"role" : "assistant", "content" : "b"} ],
        "anony" : true,
        "tstamp" : 1
    }),
    JSON_BAD("'conversation_b' is empty", "an answer of nothing", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "model_b",
        "conversation_a" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "conversation_b" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : ""} ],
        "anony" : true,
        "tstamp" : 1
    }),
};

const struct importer importer_arena_33k = {
    .name = "arena_33k",
    .help = "Chatbot Arena votes, 33k and 100k (PPE is drawn from Arena votes); flags of "
            "moderation are kept",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

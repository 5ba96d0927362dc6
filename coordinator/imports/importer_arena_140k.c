/* arena-human-preference-140k: votes on conversations whose turns are lists of parts. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"id",
                                   "evaluation_session_id",
                                   "model_a",
                                   "model_b",
                                   "conversation_a",
                                   "conversation_b",
                                   "language",
                                   "winner",
                                   0};
static const char *const sides[2] = {"conversation_a", "conversation_b"};

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "model_a", "model_b", "winner", "conversation_a", "conversation_b");
    int own = (json_get(line, "evaluation_session_id") != NULL) +
              (json_get(line, "full_conversation") != NULL);
    return n && own ? n + own : 0;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    enum winner winner;
    if (!answers_two(line, sides[0], sides[1], r, arena, e) || !conversation_duel(r, sides, e) ||
        !answers_winner(line, "winner", &winner, e))
        return false;
    answers_decide(r, winner);
    r->kind = "vote";
    r->source = S("arena-human-preference");
    if (fields_flag(line, "is_code"))
        r->domain = S("code");
    return fields_label(line, "id", &r->name, arena, e) &&
           fields_label(line, "evaluation_session_id", &r->group, arena, e) &&
           fields_text(line, "language", &r->language, arena, e) &&
           answers_author(line, "model_a", &r->responses[0], arena, e) &&
           answers_author(line, "model_b", &r->responses[1], arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "a vote", {
        "id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "model_a",
        "evaluation_session_id" : "s",
        "evaluation_order" : 1,
        "conversation_a" : [
            {
                "role" : "user",
                "content" : [ {"type" : "text", "text" : "q", "image" : null, "mimeType" : null} ]
            },
            {
                "role" : "assistant",
                "content" : [ {"type" : "text", "text" : "a", "image" : null, "mimeType" : null} ]
            }
        ],
        "conversation_b" : [
            {
                "role" : "user",
                "content" : [ {"type" : "text", "text" : "q", "image" : null, "mimeType" : null} ]
            },
            {
                "role" : "assistant",
                "content" : [ {"type" : "text", "text" : "b", "image" : null, "mimeType" : null} ]
            }
        ],
        "full_conversation" : [],
        "conv_metadata" : {},
        "category_tag" : {},
        "language" : "en",
        "is_code" : true,
        "timestamp" : "t"
    }),
    JSON_NONE(SEED_BOTH_BAD, "both bad", {
        "id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "both_bad",
        "evaluation_session_id" : "s",
        "conversation_a" : [
            {
                "role" : "user",
                "content" : [ {"type" : "text", "text" : "q", "image" : null, "mimeType" : null} ]
            },
            {
                "role" : "assistant",
                "content" : [ {"type" : "text", "text" : "a", "image" : null, "mimeType" : null} ]
            }
        ],
        "conversation_b" : [
            {
                "role" : "user",
                "content" : [ {"type" : "text", "text" : "q", "image" : null, "mimeType" : null} ]
            },
            {
                "role" : "assistant",
                "content" : [ {"type" : "text", "text" : "b", "image" : null, "mimeType" : null} ]
            }
        ]
    }),
    JSON_NONE(SEED_TIE, "a tie", {
        "id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "tie",
        "evaluation_session_id" : "s",
        "conversation_a" : [
            {
                "role" : "user",
                "content" : [ {"type" : "text", "text" : "q", "image" : null, "mimeType" : null} ]
            },
            {
                "role" : "assistant",
                "content" : [ {"type" : "text", "text" : "a", "image" : null, "mimeType" : null} ]
            }
        ],
        "conversation_b" : [
            {
                "role" : "user",
                "content" : [ {"type" : "text", "text" : "q", "image" : null, "mimeType" : null} ]
            },
            {
                "role" : "assistant",
                "content" : [ {"type" : "text", "text" : "b", "image" : null, "mimeType" : null} ]
            }
        ]
    }),
    JSON_BAD("not text", "a picture cannot be judged", {
        "id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "tie",
        "evaluation_session_id" : "s",
        "conversation_a" : [ {"role" : "user", "content" : [ {"type" : "image", "image" : "u"} ]} ],
        "conversation_b" : []
    }),
};

const struct importer importer_arena_140k = {
    .name = "arena_140k",
    .help = "arena-human-preference-140k (PPE is drawn from Arena votes); a session's votes are a "
            "group",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

/* Skywork-Reward-Preference: conversations that begin alike, with their source. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"chosen", "rejected", "source", 0};

static int detect(const json *line)
{
    const json *chosen = json_get(line, "chosen");
    if (json_get(line, "prompt") || !chosen || json_type(chosen) != JSON_LIST)
        return 0;
    return FIELDS_HAVE(line, "chosen", "rejected", "source");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    r->kind = "preference";
    if (!answers_two(line, "chosen", "rejected", r, arena, e) || !conversation_sides(r, arena, e))
        return false;
    return fields_text(line, "source", &r->source, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "two turns", {
        "chosen" : [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "rejected" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "b"} ],
        "source" : "magpie_ultra"
    }),
    JSON_NONE(SEED_IDENTICAL, "equal sides", {
        "chosen" : [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "rejected" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "source" : "s"
    }),
    JSON_BAD("no first user turn in common", "no question in common", {
        "chosen" : [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "rejected" :
            [ {"role" : "user", "content" : "r"}, {"role" : "assistant", "content" : "b"} ],
        "source" : "s"
    }),
};

const struct importer importer_skywork = {
    .name = "skywork",
    .help = "Skywork-Reward-Preference; its column source becomes the source",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

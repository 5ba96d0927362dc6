/* Gavel's own seed line: schemas/seed.schema.json says what it may hold. */
#include "base/text.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const keys[] = {"answer",   "chosen", "domain", "group",     "id",
                                   "language", "meta",   "prompt", "reference", "rejected",
                                   "rubric",   "source", "system", "trust"};
#define N_KEYS (sizeof keys / sizeof keys[0])

static bool is_known(struct slice key)
{
    for (size_t i = 0; i < N_KEYS; i++)
        if (slice_is(key, keys[i]))
            return true;
    return false;
}

static bool detect(const json *line)
{
    if (!json_get(line, "prompt"))
        return false;
    for (const json *m = json_first(line); m; m = json_next(m))
        if (!is_known(json_key(m)))
            return false;
    return true;
}

/* A key with a typing error would otherwise be lost without a word. */
static bool check_keys(const json *line, struct err *e)
{
    for (const json *m = json_first(line); m; m = json_next(m)) {
        if (is_known(json_key(m)))
            continue;
        const char *near = text_nearest(json_key(m), keys, N_KEYS);
        return err_set(e, ERR_SYNTAX, "unknown key '%s'%s%s%s; what is yours belongs into 'meta'",
                       fields_quote(json_key(m)).text, near ? " (did you mean '" : "",
                       near ? near : "", near ? "'?)" : "");
    }
    return true;
}

static bool read_trust(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice name = {0};
    if (!fields_text(line, "trust", &name, arena, e))
        return false;
    r->trust_given = name.n > 0;
    return !r->trust_given || trust_parse(name, &r->trust) ||
           err_set(e, ERR_SYNTAX, "'trust' must be verified, human or synthetic");
}

static bool read_meta(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    const json *meta = fields_get(line, "meta");
    if (!meta)
        return true;
    if (json_type(meta) != JSON_OBJECT)
        return err_set(e, ERR_SYNTAX, "'meta' must be an object, not %s",
                       json_type_name(json_type(meta)));
    struct buf text;
    buf_init(&text, arena->max);
    json_print(meta, &text);
    bool ok = fields_keep(&r->meta, &text, arena, e);
    buf_free(&text);
    return ok;
}

static bool read_labels(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    return fields_label(line, "id", &r->name, arena, e) &&
           fields_label(line, "group", &r->group, arena, e) &&
           fields_text(line, "domain", &r->domain, arena, e) &&
           fields_text(line, "source", &r->source, arena, e) &&
           fields_text(line, "language", &r->language, arena, e) &&
           fields_text(line, "reference", &r->reference, arena, e) &&
           fields_text(line, "rubric", &r->rubric, arena, e) && read_trust(line, r, arena, e) &&
           read_meta(line, r, arena, e);
}

static bool read_answer(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    if (!fields_label(line, "answer", &r->answer, arena, e))
        return false;
    return !fields_get(line, "answer") || slice_trim(r->answer).n ||
           err_set(e, ERR_SYNTAX, "'answer' is empty");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice system = {0};
    if (!check_keys(line, e))
        return false;
    bool chosen = fields_get(line, "chosen"), rejected = fields_get(line, "rejected");
    if (chosen != rejected)
        return err_set(e, ERR_SYNTAX, "'%s' without '%s'", chosen ? "chosen" : "rejected",
                       chosen ? "rejected" : "chosen");
    if (!(chosen ? conversation_pair : conversation_prompt)(line, r, arena, e))
        return false;
    return fields_text(line, "system", &system, arena, e) &&
           conversation_system(r, system, arena, e) && read_answer(line, r, arena, e) &&
           read_labels(line, r, arena, e);
}

#define Q "{\"role\":\"user\",\"content\":\"q\"}"
#define A(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"

static const struct importer_case cases[] = {
    {"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}",                                   true,  NULL,                          "strings"                        },
    {"{\"prompt\":[" Q "],\"chosen\":[" A("a") "],\"rejected\":" A("b") "}",                     true,  NULL,
     "a list and a message"                                                                                                                                             },
    {"{\"prompt\":\"q\",\"chosen\":[" Q "," A("a") "],\"rejected\":[" Q "," A("b") "]}",         true,  NULL,
     "both sides repeat the prompt"                                                                                                                                     },
    {"{\"prompt\":\"q\",\"chosen\":[" Q "," A("a") "],\"rejected\":\"b\"}",                      true,  NULL,
     "one side repeats the prompt"                                                                                                                                      },
    {"{\"chosen\":[" Q "," A("a") "],\"rejected\":[" Q "," A("b") "]}",                          true,  NULL,
     "the shared beginning is the prompt"                                                                                                                               },
    {"{\"prompt\":\"other\",\"chosen\":[" Q "," A("a") "],\"rejected\":[" Q "," A("b") "]}",     false,
     "not those of 'prompt'",                                                                                                          "another question in the answers"},
    {"{\"prompt\":\"q\",\"chosen\":[" Q "],\"rejected\":\"b\"}",                                 false,
     "no answer after the prompt",                                                                                                     "nothing but the prompt"         },
    {"{\"prompt\":\"q\",\"chosen\":[{\"role\":\"user\",\"content\":\"z\"}],\"rejected\":\"b\"}",
     false,                                                                                             "assistant message",           "a user's answer"                },
    {"{\"prompt\":\"q\",\"answer\":\"18\"}",                                                     false, NULL,                          "verifiable"                     },
    {"{\"prompt\":\"q\",\"answer\":18.50}",                                                      false, NULL,                          "a number as answer"             },
    {"{\"prompt\":\"q\"}",                                                                       false, NULL,                          "open"                           },
    {"{\"prompt\":\"q\",\"chosen\":null,\"rejected\":null}",                                     false, NULL,                          "null is absent"                 },
    {"{\"prompt\":\"q\",\"id\":12345678901234567890,\"group\":7,\"system\":\"s\",\"domain\":\"d\","
     "\"source\":\"s\",\"language\":\"en\",\"reference\":\"r\",\"rubric\":\"r\",\"trust\":"
     "\"human\","
     "\"meta\":{\"a\":[1]},\"chosen\":\"a\",\"rejected\":\"b\"}",                           true,  NULL,                          "every key"                      },
    {"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"truts\":\"human\"}",               false,
     "unknown key 'truts' (did you mean 'trust'?)",                                                                                    "a typing error"                 },
    {"{\"prompt\":\"q\",\"zzzzzzzzz\":1}",                                                       false, "unknown key 'zzzzzzzzz';",    "nothing near"                   },
    {"{\"prompt\":\"q\",\"chosen\":\"a\"}",                                                      false, "'chosen' without 'rejected'", "half a pair"                    },
    {"{\"prompt\":\"q\",\"rejected\":\"a\"}",                                                    false, "'rejected' without 'chosen'", "half a pair"                    },
    {"{\"answer\":\"a\"}",                                                                       false, "'prompt' must be",            "no prompt"                      },
    {"{\"prompt\":7}",                                                                           false, "'prompt' must be",            "mistyped prompt"                },
    {"{\"prompt\":[]}",                                                                          false, "'prompt': 0 messages",        "no message"                     },
    {"{\"prompt\":\" \\n\"}",                                                                    false, "'prompt' is empty",           "blank prompt"                   },
    {"{\"prompt\":[{\"role\":\"system\",\"content\":\"s\"}]}",                                   false, "no user message",
     "nobody asks"                                                                                                                                                      },
    {"{\"prompt\":\"q\",\"chosen\":\"\",\"rejected\":\"b\"}",                                    false, "'chosen' is empty",           "empty"                          },
    {"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\" \"}",                                   false, "'rejected' is empty",
     "blank"                                                                                                                                                            },
    {"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"a\\n\"}",                                false, "are the same",
     "they differ in white space alone"                                                                                                                                 },
    {"{\"prompt\":\"q\",\"answer\":\" \"}",                                                      false, "'answer' is empty",           "blank answer"                   },
    {"{\"prompt\":\"q\",\"answer\":true}",                                                       false, "'answer' must be",            "mistyped answer"                },
    {"{\"prompt\":\"q\",\"id\":[1]}",                                                            false, "'id' must be",                "mistyped id"                    },
    {"{\"prompt\":\"q\",\"domain\":1}",                                                          false, "'domain' must be a string",   "mistyped domain"                },
    {"{\"prompt\":\"q\",\"trust\":\"yes\"}",                                                     false, "'trust' must be",             "unknown trust"                  },
    {"{\"prompt\":\"q\",\"meta\":\"x\"}",                                                        false, "'meta' must be an object",    "mistyped meta"                  },
    {"{\"prompt\":[{\"role\":\"system\",\"content\":\"s\"}," Q "],\"system\":\"t\"}",            false,
     "another system message",                                                                                                         "two system messages"            },
    {"{\"prompt\":[{\"role\":\"system\",\"content\":\"s\"}," Q "],\"system\":\"s\"}",            false, NULL,
     "the same system message twice"                                                                                                                                    },
};

const struct importer importer_gavel = {
    .name = "gavel",
    .help = "Gavel's own seed lines: prompt with chosen + rejected, with answer, or alone",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

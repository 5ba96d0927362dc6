#include "coordinator/imports/answers.h"

#include <stdio.h>
#include <stdlib.h>

#include "coordinator/imports/dialogue.h"
#include "coordinator/imports/fields.h"

#define SPELLING_MAX 32

bool answers_ask(struct slice text, struct seed_record *record, struct arena *arena, struct err *e)
{
    record->prompt.messages = arena_alloc(arena, sizeof *record->prompt.messages);
    struct slice copy = arena_dup(arena, text);
    if (!record->prompt.messages || !copy.p)
        return err_set(e, ERR_LIMIT, "the line is too large");
    record->prompt.messages[0] = (struct message){S("user"), copy};
    record->prompt.n = 1;
    return slice_trim(text).n || err_set(e, ERR_SYNTAX, "the prompt is empty");
}

static bool has_question(const struct chat *chat)
{
    for (size_t i = 0; i < chat->n; i++)
        if (slice_is(chat->messages[i].role, "user") && slice_trim(chat->messages[i].content).n)
            return true;
    return false;
}

bool answers_prompt(const json *line, const char *key, struct seed_record *record,
                    struct arena *arena, struct err *e)
{
    char what[80];
    snprintf(what, sizeof what, "'%s'", key);
    if (!chat_read(fields_get(line, key), "user", &record->prompt, arena, what, e))
        return false;
    if (chat_is_blank(&record->prompt))
        return err_set(e, ERR_SYNTAX, "%s is empty", what);
    return has_question(&record->prompt) || err_set(e, ERR_SYNTAX, "%s has no user message", what);
}

bool answers_instruction(const json *line, struct seed_record *record, struct arena *arena,
                         struct err *e)
{
    struct slice instruction = {0}, input = {0}, whole;
    if (!fields_text(line, "instruction", &instruction, arena, e) ||
        !fields_text(line, "input", &input, arena, e))
        return false;
    if (!slice_trim(instruction).n)
        return err_set(e, ERR_SYNTAX, "'instruction' is missing or empty");
    if (!slice_trim(input).n)
        return answers_ask(instruction, record, arena, e);
    struct buf text;
    buf_init(&text, arena->max);
    buf_slice(&text, instruction);
    buf_str(&text, "\n\n");
    buf_slice(&text, input);
    bool ok = fields_keep(&whole, &text, arena, e);
    buf_free(&text);
    return ok && answers_ask(whole, record, arena, e);
}

bool answers_steerlm(const json *line, struct seed_record *record, struct arena *arena,
                     struct err *e)
{
    const json *prompt = fields_get(line, "prompt");
    if (!prompt || json_type(prompt) != JSON_STRING)
        return err_set(e, ERR_SYNTAX, "'prompt' must be a string");
    if (!dialogue_read_steerlm(json_string(prompt), &record->prompt, arena, e))
        return err_wrap(e, "'prompt'");
    return has_question(&record->prompt) || err_set(e, ERR_SYNTAX, "'prompt' is empty");
}

struct seed_response *answers_add(const json *node, const char *what, struct seed_record *record,
                                  struct arena *arena, struct err *e)
{
    char quoted[80];
    snprintf(quoted, sizeof quoted, "'%s'", what);
    if (record->n_responses == SEED_MAX_RESPONSES) {
        err_set(e, ERR_LIMIT, "more than %d answers", SEED_MAX_RESPONSES);
        return NULL;
    }
    struct seed_response *response = &record->responses[record->n_responses];
    if (!chat_read(node, "assistant", &response->chat, arena, quoted, e))
        return NULL;
    if (!slice_trim(response->chat.messages[response->chat.n - 1].content).n) {
        err_set(e, ERR_SYNTAX, "%s is empty", quoted);
        return NULL;
    }
    record->n_responses++;
    return response;
}

bool answers_list(const json *line, const char *key, int rank, struct seed_record *record,
                  struct arena *arena, struct err *e)
{
    const json *list = fields_get(line, key);
    if (!list || json_type(list) != JSON_LIST || !json_first(list))
        return err_set(e, ERR_SYNTAX, "'%s' must be a list of texts", key);
    for (const json *node = json_first(list); node; node = json_next(node)) {
        struct seed_response *response = answers_add(node, key, record, arena, e);
        if (!response)
            return false;
        response->rank = rank;
    }
    return true;
}

bool answers_two(const json *line, const char *first, const char *second,
                 struct seed_record *record, struct arena *arena, struct err *e)
{
    return answers_add(fields_get(line, first), first, record, arena, e) &&
           answers_add(fields_get(line, second), second, record, arena, e);
}

/* Lower case, without anything but letters, digits and signs of comparison. */
static struct slice spelling(struct slice text, char out[SPELLING_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < SPELLING_MAX; i++) {
        char c = text.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '<' || c == '>' || c == '=')
            out[n++] = c;
    }
    return (struct slice){out, n};
}

bool answers_winner(const json *line, const char *key, enum winner *winner, struct err *e)
{
    static const struct {
        const char *text;
        enum winner winner;
    } known[] = {
        {"modela", WINNER_FIRST},
        {"a", WINNER_FIRST},
        {"a>b", WINNER_FIRST},
        {"a>>b", WINNER_FIRST},
        {"b<a", WINNER_FIRST},
        {"response1", WINNER_FIRST},
        {"responsea", WINNER_FIRST},
        {"modelb", WINNER_SECOND},
        {"b", WINNER_SECOND},
        {"b>a", WINNER_SECOND},
        {"b>>a", WINNER_SECOND},
        {"a<b", WINNER_SECOND},
        {"a<<b", WINNER_SECOND},
        {"b<<a", WINNER_FIRST},
        {"response2", WINNER_SECOND},
        {"responseb", WINNER_SECOND},
        {"tie", WINNER_TIE},
        {"a=b", WINNER_TIE},
        {"b=a", WINNER_TIE},
        {"equal", WINNER_TIE},
        {"bothgood", WINNER_TIE},
        {"tiebothgood", WINNER_TIE},
        {"tieinconsistent", WINNER_TIE},
        {"draw", WINNER_TIE},
        {"tiebothbad", WINNER_BOTH_BAD},
        {"bothbad", WINNER_BOTH_BAD},
        {"neither", WINNER_BOTH_BAD},
    };
    const json *node = fields_get(line, key);
    char room[SPELLING_MAX];
    struct slice text = spelling(json_string(node), room);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (slice_is(text, known[i].text)) {
            *winner = known[i].winner;
            return true;
        }
    }
    if (!node || json_type(node) != JSON_STRING)
        return err_set(e, ERR_SYNTAX, "'%s' must be a string that names the better answer", key);
    return err_set(e, ERR_SYNTAX, "'%s' is '%s': no known name of a winner or a tie", key,
                   fields_quote(json_string(node)).text);
}

void answers_decide(struct seed_record *record, enum winner winner)
{
    record->responses[0].rank = winner == WINNER_SECOND;
    record->responses[1].rank = winner == WINNER_FIRST;
    record->label = winner == WINNER_TIE        ? LABEL_TIE
                    : winner == WINNER_BOTH_BAD ? LABEL_BOTH_BAD
                                                : LABEL_RANKED;
}

void answers_votes(struct seed_record *record, unsigned first, unsigned second, unsigned ties)
{
    record->votes = first + second + ties;
    record->agreed = first > second ? first : second;
    record->undecided = ties;
    if (2 * ties > record->votes || first + second == 0) {
        answers_decide(record, WINNER_TIE);
        return;
    }
    answers_decide(record, first > second ? WINNER_FIRST : WINNER_SECOND);
    if (first == second)
        record->responses[0].rank = record->responses[1].rank = 0;
}

void answers_by_score(struct seed_record *record)
{
    bool tie = true;
    for (size_t i = 0; i < record->n_responses; i++) {
        int rank = 0;
        for (size_t k = 0; k < record->n_responses; k++)
            rank += record->responses[k].score > record->responses[i].score;
        record->responses[i].rank = rank;
        tie = tie && rank == 0;
    }
    record->label = tie ? LABEL_TIE : LABEL_RANKED;
}

bool answers_author(const json *line, const char *key, struct seed_response *response,
                    struct arena *arena, struct err *e)
{
    return fields_label(line, key, &response->author, arena, e);
}

bool answers_details(const json *line, const char *const *keys, struct seed_record *record,
                     struct arena *arena, struct err *e)
{
    struct buf text, value;
    buf_init(&text, arena->max);
    buf_init(&value, arena->max);
    struct jsonw w = jsonw_to(&text);
    jsonw_object(&w);
    for (; *keys; keys++) {
        const json *node = fields_get(line, *keys);
        if (!node)
            continue;
        buf_clear(&value);
        json_print(node, &value);
        jsonw_key(&w, *keys);
        jsonw_raw(&w, buf_view(&value));
    }
    jsonw_end_object(&w);
    bool ok = buf_ok(&value, "a line's JSON", e) && fields_keep(&record->details, &text, arena, e);
    buf_free(&value);
    buf_free(&text);
    return ok;
}

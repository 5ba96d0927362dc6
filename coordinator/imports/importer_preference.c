/* Preference data as it is shared: chosen and rejected, mostly with a prompt, and any other
 * columns. */
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static int detect(const json *line)
{
    return json_get(line, "chosen") && json_get(line, "rejected") ? 2 : 0;
}

static const char *const used[] = {"prompt", "chosen", "rejected", 0};

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    return conversation_pair(line, r, arena, e) && fields_rest(line, used, &r->meta, arena, e);
}

#define U(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define A(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"
#define SIDES(chosen, rejected) "\"chosen\":[" chosen "],\"rejected\":[" rejected "]"

static const struct importer_case cases[] = {
    CASE_PAIRS(1, "strings and a column of somebody's own",
               "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"score\":1.50}"),
    CASE_PAIRS(1, "implicit prompt", "{" SIDES(U("q") "," A("a"), U("q") "," A("b")) "}"),
    CASE_PAIRS(1, "several turns in common",
               "{" SIDES(U("q") "," A("x") "," U("r") "," A("a"),
                         U("q") "," A("x") "," U("r") "," A("b")) "}"),
    CASE_PAIRS_BY_NAME(1, "a prompt, and more that is shared after it",
                       "{\"prompt\":[" U("q") "]," SIDES(A("x") "," U("r") "," A("a"),
                                                         A("x") "," U("r") "," A("b")) "}"),
    CASE_PAIRS(1, "an answer that goes on after a common beginning is still an answer",
               "{" SIDES(U("q") "," A("x"), U("q") "," A("x") "," U("r") "," A("b")) "}"),
    CASE_PAIRS_BY_NAME(1, "the sides have a system message that the prompt column lacks",
                       "{\"prompt\":\"q\"," SIDES(
                           "{\"role\":\"system\",\"content\":\"s\"}," U("q") "," A("a"),
                           "{\"role\":\"system\",\"content\":\"s\"}," U("q") "," A("b")) "}"),
    CASE_BAD("no first user turn in common", "two conversations",
             "{" SIDES(U("q") "," A("a"), U("r") "," A("b")) "}"),
    CASE_BAD_BY_NAME("no first user turn in common", "no question",
                     "{\"chosen\":\"a\",\"rejected\":\"b\"}"),
    CASE_BAD("are the same", "equal sides", "{" SIDES(U("q") "," A("a"), U("q") "," A("a")) "}"),
    CASE_BAD_BY_NAME("'rejected' must be", "missing key", "{\"prompt\":\"q\",\"chosen\":\"a\"}"),
    CASE_BAD_BY_NAME("'rejected' must be", "mistyped key",
                     "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":3}"),
    CASE_BAD_BY_NAME(
        "'role' must be", "unknown role",
        "{\"prompt\":\"q\",\"chosen\":[{\"role\":\"robot\",\"content\":\"a\"}],\"rejected\":"
        "\"b\"}"),
    CASE_BAD_BY_NAME("no 'content'", "no content",
                     "{\"prompt\":\"q\",\"chosen\":[{\"role\":\"assistant\"}],\"rejected\":\"b\"}"),
};

const struct importer importer_preference = {
    .name = "preference",
    .help =
        "preference data: chosen and rejected as strings or conversations, prompt if it is given",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

/* A pattern of the user's that the whole answer must match. Patterns can be evil: what they may
 * cost is bounded, and one that reaches a bound has decided nothing. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "filters/answers/checker.h"

#include <pcre2.h>

#include "filters/answers/outcome.h"
#include "filters/answers/wrapping.h"

enum {
    PATTERN_MAX = 4096,  /* bytes */
    SUBJECT_MAX = 4096,  /* bytes: one step of the matcher can look at all of them */
    MATCH_LIMIT = 20000, /* steps */
    DEPTH_LIMIT = 2000,  /* nested */
    HEAP_LIMIT_KIB = 2048,
};

/* No just-in-time compiler: it knows neither the limit on depth nor that on the heap. */
static pcre2_code *compile(struct slice pattern, uint32_t options, struct err *e)
{
    int number;
    PCRE2_SIZE at;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context) {
        err_set(e, ERR_NOMEM, "out of memory");
        return NULL;
    }
    pcre2_set_max_pattern_length(context, PATTERN_MAX);
    pcre2_set_parens_nest_limit(context, 100);
    options |= PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, &number, &at,
                                     context);
    pcre2_compile_context_free(context);
    if (!code) {
        PCRE2_UCHAR text[160] = "";
        pcre2_get_error_message(number, text, sizeof text);
        err_set(e, ERR_SYNTAX, "is no regular expression: %s at byte %zu", (char *)text,
                (size_t)at);
    }
    return code;
}

static enum answer_verdict matches(const pcre2_code *code, struct slice subject)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    int found = PCRE2_ERROR_NOMEMORY;
    if (context && data) {
        pcre2_set_match_limit(context, MATCH_LIMIT);
        pcre2_set_depth_limit(context, DEPTH_LIMIT);
        pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
        found = pcre2_match(code, (PCRE2_SPTR)subject.p, subject.n, 0, 0, data, context);
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    return found >= 0                     ? ANSWER_EQUAL
           : found == PCRE2_ERROR_NOMATCH ? ANSWER_DIFFERENT
                                          : ANSWER_UNKNOWN;
}

static enum answer_verdict try(struct slice pattern, uint32_t options, struct slice subject)
{
    struct err e;
    pcre2_code *code = compile(pattern, options, &e);
    if (!code)
        return ANSWER_UNKNOWN;
    enum answer_verdict v = matches(code, subject);
    pcre2_code_free(code);
    return v;
}

static bool check_gold(struct slice gold, struct err *e)
{
    if (!outcome_check_text(gold, e))
        return false;
    if (gold.n > PATTERN_MAX)
        return err_set(e, ERR_LIMIT, "is a regular expression of more than %d bytes", PATTERN_MAX);
    pcre2_code *code = compile(gold, 0, e);
    pcre2_code_free(code);
    return code != NULL;
}

static void compare(const struct answer_rules *rules, struct slice gold, struct slice candidate,
                    struct answer_result *r)
{
    struct err e;
    (void)rules;
    if (outcome_without_look(gold, candidate, r))
        return;
    struct slice subject = slice_trim(candidate), bare = wrapping_off(candidate, WRAP_ALL);
    if (subject.n > SUBJECT_MAX || !check_gold(gold, &e)) {
        outcome_all(r, ANSWER_UNKNOWN, "%s",
                    subject.n > SUBJECT_MAX ? "longer than a pattern is tried on"
                                            : "the pattern is no regular expression");
        return;
    }
    enum answer_verdict exact = try(gold, 0, subject);
    enum answer_verdict loose = exact == ANSWER_EQUAL ? exact : try(gold, PCRE2_CASELESS, bare);
    if (exact == ANSWER_EQUAL)
        outcome_all(r, ANSWER_EQUAL, "the whole answer matches the pattern");
    else if (loose == ANSWER_EQUAL)
        outcome_set(r, exact, exact, loose, "matches but for letter case or what is around it");
    else
        outcome_set(r, exact, exact, loose,
                    exact == ANSWER_UNKNOWN || loose == ANSWER_UNKNOWN
                        ? "the pattern was given up at its limit of steps or memory"
                        : "does not match the pattern");
}

#define EQ ANSWER_EQUAL, ANSWER_EQUAL, ANSWER_EQUAL
#define NE ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_DIFFERENT
#define NO ANSWER_UNKNOWN, ANSWER_UNKNOWN, ANSWER_UNKNOWN
#define LENIENTLY ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_EQUAL
#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct checker_case cases[] = {
    {"[0-9]+ ?cm", "12 cm", EQ, "matches"},
    {"[0-9]+ ?cm", " 12 cm\n", EQ, "white space around the answer"},
    {"[0-9]+", "12 cm", NE, "the whole answer must match"},
    {"[0-9]+", "x12", NE, "from its beginning"},
    {"a|ab", "ab", EQ, "the branch that reaches the end"},
    {"yes|no", "Yes", LENIENTLY, "letter case"},
    {"yes|no", "**yes**.", LENIENTLY, "emphasis and a full stop"},
    {".", "\xc3\xa9", EQ, "characters, not bytes"},
    {"\\w+", "\xc3\xa9", EQ, "letters of any script"},
    {"(a+)+$", A32 "b", NO, "exponential: given up"},
    {"(a|a?)+", A32 A32 "b", NO, "exponential: given up"},
    {"(?R)?a", "b", NE, "recursion that ends at once"},
    {"(", "(", NO, "no pattern"},
    {"a", "", NE, "nothing"},
};

const struct checker checker_regex = {
    .name = "regex",
    .help = "the known answer is a regular expression (PCRE2) that the whole answer must match",
    .check_gold = check_gold,
    .compare = compare,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

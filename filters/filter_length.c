/* Bounds on how much is thought and answered. The defaults reject what no judge needs to see. */
#include "base/text.h"
#include "filters/filter.h"

enum { MIN_THOUGHT, MAX_THOUGHT, MIN_ANSWER, MAX_ANSWER };

static const struct filter_option options[] = {
    [MIN_THOUGHT] = {"min_thought", 0, 0, 1e9, "least characters of the thought"},
    [MAX_THOUGHT] = {"max_thought", 200000, 0, 1e9, "most characters of the thought"},
    [MIN_ANSWER] = {"min_answer", 0, 0, 1e9, "least characters of the answer"},
    [MAX_ANSWER] = {"max_answer", 20000, 0, 1e9, "most characters of the answer"},
    {0},
};

static bool within(struct slice text, double min, double max)
{
    double n = (double)text_chars(text);
    return n >= min && n <= max;
}

static bool keep(const double *settings, const struct filter_view *view)
{
    const struct trace *trace = view->trace;
    return within(trace->thought, settings[MIN_THOUGHT], settings[MAX_THOUGHT]) &&
           within(trace->answer, settings[MIN_ANSWER], settings[MAX_ANSWER]);
}

static const struct filter_case cases[] = {
    FILTER_CASE("", "[[A]]", "", true, "the defaults let a judgment without thought pass"),
    FILTER_CASE("thought", "answer", "min_thought=7 max_thought=7", true,
                "both bounds are inclusive"),
    FILTER_CASE("thought", "answer", "min_thought=8", false, "one character too few"),
    FILTER_CASE("thought", "answer", "max_thought=6", false, "one character too many"),
    FILTER_CASE("th\xC3\xB6ught", "answer", "max_thought=7", true, "characters, not bytes"),
    FILTER_CASE("thought", "answer", "min_answer=7", false, "a short answer"),
    FILTER_CASE("thought", "answer", "max_answer=5", false, "a long answer"),
    FILTER_CASE("thought", "answer", "min_answer=6 max_answer=6", true, "an answer that just fits"),
};

const struct filter filter_length = {
    .name = "length",
    .help = "rejects thoughts and answers that are too short or too long",
    .scope = FILTER_ROLLOUT,
    .options = options,
    .keep = keep,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

/* Reflections that are none: a cue after which the trace brings nothing that was not there. */
#include "filters/filter.h"
#include "judges/reflection.h"

enum { REQUIRE };

static const struct filter_option options[] = {
    [REQUIRE] = {"require", 0, 0, 1, "1: the thought must reflect, be it without a cue"},
    {0},
};

/* Whether something new comes between the cue and the next one or the end. */
static bool is_followed(const struct filter_view *view, size_t cue, size_t begin)
{
    size_t end = begin + view->segments[cue].bytes, stop = end;
    for (size_t i = cue + 1; i < view->n_segments; i++) {
        const struct segment *s = &view->segments[i];
        if (s->in_answer || s->origin == ORIGIN_CUE)
            break;
        stop += s->bytes;
    }
    struct slice thought = view->trace->thought;
    return reflection_is_new(slice_sub(thought, 0, begin), slice_sub(thought, end, stop - end));
}

static bool keep(const double *settings, const struct filter_view *view)
{
    size_t at = 0, cues = 0;
    for (size_t i = 0; i < view->n_segments && !view->segments[i].in_answer; i++) {
        if (view->segments[i].origin == ORIGIN_CUE) {
            if (!is_followed(view, i, at))
                return false;
            cues++;
        }
        at += view->segments[i].bytes;
    }
    return settings[REQUIRE] < 1 || cues > 0 || reflection_found(view->trace->thought) != SIZE_MAX;
}

static const struct filter_case cases[] = {
    {.thought = "Both add up.",
     .answer = "[[A]]",
     .options = "",
     .keep = true,
     .why = "no cue, none asked for"},
    {.thought = "Both add up.",
     .answer = "[[A]]",
     .options = "require=1",
     .keep = false,
     .why = "no reflection"},
    {.thought = "A says the sum is 12. Wait, 5 + 8 is 13, so the sum in A is off by one.",
     .answer = "[[B]]",
     .options = "require=1",
     .keep = true,
     .why = "a recomputation"},
    {.thought = "A says the sum is 12. Wait, let me check. Yes, that is right.",
     .answer = "[[A]]",
     .options = "require=1",
     .keep = false,
     .why = "the word alone"},
};

const struct filter filter_reflection = {
    .name = "reflection",
    .help = "rejects traces that say nothing new after a cue; require: those that do not reflect",
    .scope = FILTER_ROLLOUT,
    .options = options,
    .keep = keep,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};

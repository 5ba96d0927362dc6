#include "cli/segment_view.h"

#include "cli/page.h"

#define INDENT 6

static void add_origin(struct buf *out, const struct segment *s)
{
    if (s->origin == ORIGIN_CUE)
        buf_addf(out, "   > cue of step %d:\n", s->step);
    else if (s->step > 0)
        buf_addf(out, "   > the teacher in step %d, which came to: %s\n", s->step,
                 verdict_name(s->verdict));
    else
        buf_addf(out, "   > the teacher at first, which came to: %s\n", verdict_name(s->verdict));
}

/* Segments of one part; the text is cut at their lengths. */
static void add_part(struct buf *out, struct slice text, const struct segment *s, size_t n,
                     bool in_answer, size_t max_lines)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i].in_answer != in_answer)
            continue;
        add_origin(out, &s[i]);
        page_text(out, slice_trim(slice_sub(text, at, s[i].bytes)), INDENT, max_lines);
        at += s[i].bytes;
    }
}

void segment_view_text(struct buf *out, struct slice thought, struct slice answer,
                       struct slice segments, size_t max_lines)
{
    struct segment all[HISTORY_MAX_SEGMENTS];
    size_t n = 0;
    struct err ignored;
    bool cut = segments_read(segments, all, &n, &ignored) && n > 0 &&
               segments_fit(all, n, thought.n, answer.n);
    if (thought.n)
        buf_str(out, "   thought:\n");
    if (cut)
        add_part(out, thought, all, n, false, max_lines);
    else
        page_text(out, thought, INDENT, max_lines);
    buf_str(out, answer.n ? "   answer:\n" : "   answer: none\n");
    page_text(out, answer, INDENT, max_lines);
}

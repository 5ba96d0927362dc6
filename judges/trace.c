#include "judges/trace.h"

/* The thought of a judge that was asked for a plan and its execution and wrote them without tags
 * around both. */
static struct trace split_plan(struct slice text)
{
    const struct slice close = S("</execution>");
    struct trace t = {.answer = text};
    size_t end = slice_starts(text, S("<plan>")) ? slice_rfind(text, close) : SIZE_MAX;
    if (end == SIZE_MAX)
        return t;
    t.field = THOUGHT_THINK_TAG;
    t.thought = slice_sub(text, 0, end + close.n);
    t.answer = slice_trim(slice_from(text, end + close.n));
    return t;
}

/*
 * The last </think> is taken, not the first: a thought that quotes the tag then keeps its tail, and
 * a verdict inside a quotation is never read as the judgment.
 */
static struct trace split_content(struct slice content)
{
    const struct slice open = S("<think>"), close = S("</think>");
    struct slice text = slice_trim(content);
    struct trace t = {.answer = text};
    bool opened = slice_starts(text, open);
    size_t end = slice_rfind(text, close);
    if (!opened && end == SIZE_MAX)
        return split_plan(text);
    t.field = THOUGHT_THINK_TAG;
    struct slice body = opened ? slice_from(text, open.n) : text;
    if (end == SIZE_MAX) {
        t.unclosed = true;
        t.thought = slice_trim(body);
        t.answer = slice_sub(text, text.n, 0);
        return t;
    }
    t.answer = slice_trim(slice_from(text, end + close.n));
    t.thought = slice_trim(slice_sub(body, 0, end - (text.n - body.n)));
    return t;
}

struct trace trace_split(struct slice content, struct slice reasoning, enum thought_field field,
                         enum finish finish)
{
    struct trace t = {.answer = slice_trim(content)};
    if (slice_trim(reasoning).n) {
        t.thought = slice_trim(reasoning);
        t.field = field;
    } else {
        t = split_content(content);
    }
    t.finish = finish;
    return t;
}

void trace_write(struct buf *out, struct slice thought, struct slice answer)
{
    buf_str(out, "<think>\n");
    buf_slice(out, thought);
    buf_str(out, "\n</think>\n\n");
    buf_slice(out, answer);
}

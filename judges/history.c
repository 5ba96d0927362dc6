#include "judges/history.h"

#include <assert.h>

#include "base/json.h"

static const char *const origins[] = {[ORIGIN_TEACHER] = "teacher", [ORIGIN_CUE] = "cue"};

void history_begin(struct history *h, const struct trace *t, enum format format, uint32_t tokens)
{
    *h = (struct history){.thought = t->thought,
                          .answer = t->answer,
                          .tokens = tokens,
                          .first = VERDICT_NONE,
                          .verdict = VERDICT_NONE,
                          .format = format,
                          .finish = t->finish};
    history_add(h, ORIGIN_TEACHER, false, 0, t->thought.n);
    history_add(h, ORIGIN_TEACHER, true, 0, t->answer.n);
}

bool history_add(struct history *h, enum origin origin, bool in_answer, uint8_t step, size_t bytes)
{
    if (bytes == 0)
        return true;
    if (h->n == HISTORY_MAX_SEGMENTS || bytes > UINT32_MAX)
        return false;
    assert(h->n == 0 || in_answer || !h->segments[h->n - 1].in_answer);
    h->segments[h->n++] = (struct segment){.origin = origin,
                                           .in_answer = in_answer,
                                           .step = step,
                                           .bytes = (uint32_t)bytes,
                                           .verdict = VERDICT_NONE};
    return true;
}

void history_settle(struct history *h, uint8_t step, enum verdict verdict)
{
    h->verdict = verdict;
    if (step == 0)
        h->first = verdict;
    for (size_t i = 0; i < h->n; i++)
        if (h->segments[i].step == step)
            h->segments[i].verdict = verdict;
}

void segments_write(struct jsonw *w, const struct segment *s, size_t n)
{
    jsonw_list(w);
    for (size_t i = 0; i < n; i++) {
        jsonw_object(w);
        jsonw_kstr(w, "origin", origins[s[i].origin]);
        jsonw_ki64(w, "step", s[i].step);
        jsonw_kstr(w, "part", s[i].in_answer ? "answer" : "thought");
        jsonw_ki64(w, "bytes", s[i].bytes);
        jsonw_kstr(w, "verdict", verdict_name(s[i].verdict));
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
}

void history_write(struct jsonw *w, const struct history *h)
{
    jsonw_object(w);
    jsonw_kslice(w, "thought", h->thought);
    jsonw_kslice(w, "answer", h->answer);
    jsonw_key(w, "segments");
    segments_write(w, h->segments, h->n);
    jsonw_ki64(w, "tokens", h->tokens);
    jsonw_kstr(w, "first", verdict_name(h->first));
    jsonw_kstr(w, "verdict", verdict_name(h->verdict));
    jsonw_kstr(w, "format", format_name(h->format));
    jsonw_kstr(w, "finish", finish_name(h->finish));
    jsonw_end_object(w);
}

static bool read_verdict(const json *node, enum verdict *v)
{
    for (int i = 0; i < VERDICT_COUNT; i++) {
        *v = (enum verdict)i;
        if (slice_is(json_string(node), verdict_name(*v)))
            return true;
    }
    return false;
}

static bool read_format(const json *node, enum format *f)
{
    for (int i = 0; i < FORMAT_COUNT; i++) {
        *f = (enum format)i;
        if (slice_is(json_string(node), format_name(*f)))
            return true;
    }
    return false;
}

static bool read_whole(const json *node, int64_t max, int64_t *v)
{
    return json_i64(node, v) && *v >= 0 && *v <= max;
}

static bool read_segment(const json *node, struct segment *s)
{
    struct slice origin = json_string(json_get(node, "origin"));
    struct slice part = json_string(json_get(node, "part"));
    int64_t step, bytes;
    if (!slice_is(origin, origins[ORIGIN_TEACHER]) && !slice_is(origin, origins[ORIGIN_CUE]))
        return false;
    if (!slice_is(part, "answer") && !slice_is(part, "thought"))
        return false;
    if (!read_whole(json_get(node, "step"), UINT8_MAX, &step) ||
        !read_whole(json_get(node, "bytes"), UINT32_MAX, &bytes))
        return false;
    s->origin = slice_is(origin, "cue") ? ORIGIN_CUE : ORIGIN_TEACHER;
    s->in_answer = slice_is(part, "answer");
    s->step = (uint8_t)step;
    s->bytes = (uint32_t)bytes;
    return read_verdict(json_get(node, "verdict"), &s->verdict);
}

static bool read_segments(const json *list, struct segment s[HISTORY_MAX_SEGMENTS], size_t *n,
                          struct err *e)
{
    *n = 0;
    if (!list || json_type(list) != JSON_LIST)
        return err_set(e, ERR_PROTOCOL, "the segments of a rollout are not a list");
    for (const json *at = json_first(list); at; at = json_next(at)) {
        if (*n == HISTORY_MAX_SEGMENTS)
            return err_set(e, ERR_PROTOCOL, "a rollout has more than %d segments",
                           HISTORY_MAX_SEGMENTS);
        if (!read_segment(at, &s[*n]))
            return err_set(e, ERR_PROTOCOL, "segment %zu of a rollout is not one", *n);
        if (*n > 0 && s[*n - 1].in_answer && !s[*n].in_answer)
            return err_set(e, ERR_PROTOCOL,
                           "segment %zu of a rollout is the thought's but stands "
                           "after the answer's",
                           *n);
        ++*n;
    }
    return true;
}

/* broken(e, what): what could not even be read as JSON was not written by a peer of ours. */
static bool broken(struct err *e, const char *what)
{
    if (e->code == ERR_SYNTAX)
        e->code = ERR_PROTOCOL;
    return err_wrap(e, "%s", what);
}

bool segments_read(struct slice text, struct segment s[HISTORY_MAX_SEGMENTS], size_t *n,
                   struct err *e)
{
    *n = 0;
    if (slice_trim(text).n == 0)
        return true;
    json *list = json_parse(text, JSON_STRICT, e);
    if (!list)
        return broken(e, "the segments of a rollout");
    bool ok = read_segments(list, s, n, e);
    json_free(list);
    return ok;
}

bool segments_fit(const struct segment *s, size_t n, size_t thought, size_t answer)
{
    uint64_t sums[2] = {0, 0};
    for (size_t i = 0; i < n; i++)
        sums[s[i].in_answer] += s[i].bytes;
    return sums[0] == thought && sums[1] == answer;
}

static bool read_members(const json *root, struct history *h, struct err *e)
{
    int64_t tokens;
    if (json_type(root) != JSON_OBJECT)
        return err_set(e, ERR_PROTOCOL, "a rollout so far must be an object, not %s",
                       json_type_name(json_type(root)));
    if (!read_segments(json_get(root, "segments"), h->segments, &h->n, e))
        return false;
    if (!read_whole(json_get(root, "tokens"), UINT32_MAX, &tokens) ||
        !read_verdict(json_get(root, "first"), &h->first) ||
        !read_verdict(json_get(root, "verdict"), &h->verdict) ||
        !read_format(json_get(root, "format"), &h->format) ||
        !finish_parse(json_string(json_get(root, "finish")), &h->finish))
        return err_set(e, ERR_PROTOCOL,
                       "a rollout so far lacks its tokens, first, verdict, format "
                       "or finish, or has one that there is not");
    h->tokens = (uint32_t)tokens;
    h->thought = json_string(json_get(root, "thought"));
    h->answer = json_string(json_get(root, "answer"));
    if (!segments_fit(h->segments, h->n, h->thought.n, h->answer.n))
        return err_set(e, ERR_PROTOCOL,
                       "the segments of a rollout do not add up to its %zu bytes of thought and "
                       "%zu of answer",
                       h->thought.n, h->answer.n);
    return true;
}

bool history_read(struct slice text, struct history *h, struct arena *arena, struct err *e)
{
    *h = (struct history){0};
    json *root = json_parse(text, JSON_STRICT, e);
    if (!root)
        return broken(e, "a rollout so far");
    bool ok = read_members(root, h, e);
    if (ok) {
        h->thought = arena_dup(arena, h->thought);
        h->answer = arena_dup(arena, h->answer);
        ok = h->thought.p && h->answer.p;
        if (!ok)
            err_set(e, arena->nomem ? ERR_NOMEM : ERR_LIMIT,
                    "a rollout so far is larger than a call may be");
    }
    json_free(root);
    return ok;
}

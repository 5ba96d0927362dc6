#include "cli/progress_text.h"

#include "base/text.h"
#include "cli/figure.h"

#define SAMPLE_MS 1000
#define RATE_MS 10000
#define LINE_MAX_BYTES 4096
#define BAR_MAX 40
#define DECIDED_ENOUGH 50 /* pairs in this run, for their rate to tell what is left */
#define WIDTH_MIN 20

/* ---- history ---- */

static uint64_t decided_in(const struct serve_view *v)
{
    return v->totals->decided[STATE_ACCEPTED] + v->totals->decided[STATE_REJECTED] +
           v->totals->decided[STATE_DEFERRED];
}

void progress_note(struct progress_history *h, const struct serve_view *v)
{
    const struct progress_sample
        *last = &h->samples[(h->next + PROGRESS_SAMPLES - 1) % PROGRESS_SAMPLES];
    if (h->n && v->elapsed_ms - last->at_ms < SAMPLE_MS)
        return;
    h->samples[h->next] = (struct progress_sample){v->elapsed_ms, v->totals->answers,
                                                   v->totals->tokens, decided_in(v)};
    h->next = (h->next + 1) % PROGRESS_SAMPLES;
    if (h->n < PROGRESS_SAMPLES)
        h->n++;
}

/* before(h, at_ms): the newest sample that is not younger than at_ms, else the oldest there is. */
static const struct progress_sample *before(const struct progress_history *h, int64_t at_ms)
{
    const struct progress_sample *found = NULL;
    for (size_t i = 1; i <= h->n; i++) {
        found = &h->samples[(h->next + PROGRESS_SAMPLES - i) % PROGRESS_SAMPLES];
        if (found->at_ms <= at_ms)
            break;
    }
    return found;
}

static double rate(uint64_t now, uint64_t then, int64_t ms)
{
    return ms > 0 && now >= then ? (double)(now - then) * 1000 / (double)ms : -1;
}

struct progress_rates progress_rates_of(const struct progress_history *h,
                                        const struct serve_view *v)
{
    struct progress_rates r = {-1, -1, -1};
    const struct progress_sample *recent = before(h, v->elapsed_ms - RATE_MS);
    const struct progress_sample *old = before(h, INT64_MIN);
    if (!recent || v->elapsed_ms - recent->at_ms < SAMPLE_MS)
        return r;
    int64_t ms = v->elapsed_ms - recent->at_ms;
    r.calls = rate(v->totals->answers, recent->answers, ms);
    r.tokens = rate(v->totals->tokens, recent->tokens, ms);
    if (decided_in(v) - old->decided >= 10)
        r.decided = rate(decided_in(v), old->decided, v->elapsed_ms - old->at_ms);
    else if (decided_in(v) > 0)
        r.decided = rate(decided_in(v), 0, v->elapsed_ms);
    return r;
}

int64_t progress_left(const struct serve_view *v, const struct progress_rates *r)
{
    if (v->pairs_open == 0)
        return v->importing || v->builds_open ? -1 : 0;
    double ms = r->decided > 0 ? (double)v->pairs_open * 1000 / r->decided : -1;
    /* At first all pairs are under way and hardly one is decided: calls tell more. */
    if (decided_in(v) < DECIDED_ENOUGH && r->calls > 0 && v->calls_a_pair) {
        double by_calls = (double)(v->pairs_open * v->calls_a_pair) * 1000 / r->calls;
        ms = ms < 0 || by_calls < ms ? by_calls : ms;
    }
    return ms >= 0 && ms < 1e15 ? (int64_t)ms : -1;
}

bool progress_same_notice(const char *a, const char *b)
{
    for (;;) {
        while (*a >= '0' && *a <= '9')
            a++;
        while (*b >= '0' && *b <= '9')
            b++;
        if (*a != *b)
            return false;
        if (!*a)
            return true;
        a++, b++;
    }
}

/* ---- words ---- */

static int64_t done_of(const struct serve_view *v)
{
    return v->pairs_accepted + v->pairs_rejected + v->pairs_deferred;
}

static void add_rate(struct buf *out, double per_second, const char *what)
{
    if (per_second < 0)
        buf_str(out, "-");
    else
        figure_short(out, per_second);
    buf_addf(out, " %s/s", what);
}

static void add_left(struct buf *out, const struct serve_view *v, const struct progress_rates *r)
{
    int64_t ms = progress_left(v, r);
    buf_str(out, "ETA ");
    if (ms < 0)
        buf_char(out, '-');
    else
        figure_duration(out, ms < 10000 ? (ms + 999) / 1000 * 1000 : ms);
    if ((v->importing || v->builds_open) && ms >= 0)
        buf_str(out, " at least");
}

static void add_accepted(struct buf *out, const struct serve_view *v)
{
    figure_count(out, v->pairs_accepted);
    buf_str(out, " accepted (");
    figure_percent(out, (double)v->pairs_accepted, (double)(v->pairs_accepted + v->pairs_rejected));
    buf_char(out, ')');
    if (v->pairs_deferred) {
        buf_str(out, ", ");
        figure_count(out, v->pairs_deferred);
        buf_str(out, " deferred");
    }
    if (v->cost_nano_usd) {
        buf_str(out, ", ");
        figure_dollars(out, v->cost_nano_usd);
    }
}

static void add_counted(struct buf *out, uint64_t n, const char *what)
{
    figure_count(out, (int64_t)n);
    buf_str(out, what);
}

static void add_calls(struct buf *out, const struct serve_view *v, const struct progress_rates *r)
{
    add_counted(out, v->flying, " in flight, ");
    add_rate(out, r->calls, "calls");
    buf_str(out, ", ");
    add_rate(out, r->tokens, "tokens");
    if (v->totals->retries) {
        buf_str(out, ", ");
        add_counted(out, v->totals->retries, v->totals->retries == 1 ? " retry" : " retries");
    }
    if (v->waiting) {
        buf_str(out, ", ");
        add_counted(out, v->waiting, " to be tried again");
    }
}

static void add_building(struct buf *out, const struct serve_view *v)
{
    buf_str(out, "building pairs: ");
    add_counted(out, (uint64_t)(v->builds_total - v->builds_open), " of ");
    add_counted(out, (uint64_t)v->builds_total, " prompts");
}

static void add_import(struct buf *out, const struct serve_view *v)
{
    buf_str(out, "reading seeds: ");
    add_counted(out, (uint64_t)v->intake->lines, " lines");
    if (v->intake->invalid) {
        buf_str(out, ", ");
        add_counted(out, (uint64_t)v->intake->invalid, " bad ones in quarantine");
    }
}

void progress_line(struct buf *out, const struct serve_view *v, const struct progress_history *h)
{
    struct progress_rates r = progress_rates_of(h, v);
    figure_count(out, done_of(v));
    buf_str(out, " of ");
    figure_count(out, v->pairs_total);
    buf_str(out, " pairs (");
    figure_percent(out, (double)done_of(v), (double)v->pairs_total);
    buf_str(out, "), ");
    add_accepted(out, v);
    buf_str(out, "; ");
    add_calls(out, v, &r);
    buf_str(out, "; ");
    add_left(out, v, &r);
    if (v->builds_open) {
        buf_str(out, "; ");
        add_building(out, v);
    }
    if (v->importing) {
        buf_str(out, "; ");
        add_import(out, v);
    }
    if (v->notice[0]) {
        buf_str(out, "; ");
        text_quote(out, slice_of(v->notice), 200);
    }
}

/* ---- the block ---- */

/* Characters beyond ASCII may take two columns. */
static size_t fitting(struct slice line, size_t width)
{
    size_t columns = 0, at = 0;
    while (at < line.n) {
        size_t next = at + 1;
        while (next < line.n && ((unsigned char)line.p[next] & 0xC0) == 0x80)
            next++;
        columns += next - at > 1 ? 2 : 1;
        if (columns > width)
            break;
        at = next;
    }
    return at;
}

static void add_line(struct buf *out, struct buf *line, const char *colour,
                     const struct progress_look *look)
{
    size_t n = fitting(buf_view(line), look->width - 1);
    bool coloured = look->colour && colour;
    if (coloured)
        buf_str(out, colour);
    buf_slice(out, slice_sub(buf_view(line), 0, n));
    buf_str(out, coloured ? "\033[0m\n" : "\n");
    buf_clear(line);
}

static size_t share_of(size_t cells, int64_t part, int64_t whole)
{
    return whole > 0 ? (size_t)((double)cells * (double)part / (double)whole) : 0;
}

static void add_bar(struct buf *out, const struct serve_view *v, size_t cells)
{
    size_t accepted = share_of(cells, v->pairs_accepted, v->pairs_total);
    size_t done = share_of(cells, done_of(v), v->pairs_total);
    buf_char(out, '[');
    for (size_t i = 0; i < cells; i++)
        buf_char(out, i < accepted ? '#' : i < done ? '=' : '.');
    buf_str(out, "] ");
}

static void add_head(struct buf *line, const struct serve_view *v, const struct progress_rates *r,
                     size_t width)
{
    struct buf words;
    buf_init(&words, LINE_MAX_BYTES);
    figure_count(&words, done_of(v));
    buf_str(&words, " of ");
    figure_count(&words, v->pairs_total);
    buf_str(&words, " pairs, ");
    figure_percent(&words, (double)done_of(v), (double)v->pairs_total);
    buf_str(&words, ", ");
    add_left(&words, v, r);
    size_t room = width > words.n + 4 ? width - words.n - 4 : 0;
    if (room >= 8)
        add_bar(line, v, room < BAR_MAX ? room : BAR_MAX);
    buf_slice(line, buf_view(&words));
    buf_free(&words);
}

size_t progress_block(struct buf *out, const struct serve_view *v, const struct progress_history *h,
                      const struct progress_look *asked)
{
    struct progress_rates r = progress_rates_of(h, v);
    struct progress_look look = *asked;
    struct buf line;
    size_t lines = 3;
    if (look.width < WIDTH_MIN)
        look.width = WIDTH_MIN;
    buf_init(&line, LINE_MAX_BYTES);
    add_head(&line, v, &r, look.width);
    add_line(out, &line, "\033[1m", &look);
    add_accepted(&line, v);
    buf_addf(&line, "; %d worker%s", v->workers, v->workers == 1 ? "" : "s");
    if (v->builds_open) {
        buf_str(&line, "; ");
        add_building(&line, v);
    }
    if (v->importing) {
        buf_str(&line, "; ");
        add_import(&line, v);
    }
    add_line(out, &line, NULL, &look);
    add_calls(&line, v, &r);
    add_line(out, &line, NULL, &look);
    if (v->notice[0]) {
        text_quote(&line, slice_of(v->notice), 0);
        add_line(out, &line, "\033[33m", &look);
        lines++;
    }
    buf_free(&line);
    return lines;
}

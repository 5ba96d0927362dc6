#include "cli/blind_view.h"

#include "base/text.h"
#include "cli/figure.h"
#include "cli/page.h"
#include "cli/table.h"
#include "cli/wilson.h"
#include "coordinator/blind.h"
#include "coordinator/store/pair_sample.h"

#define WARN_ABOVE 0.6 /* the lower bound of a share */
#define NAME_CHARS 60
#define WORD_CHARS 40
#define WARNING_MAX ((size_t)16 << 10)
#define BY_WORDS_LEAD 0.05 /* the model is so much better than any cue: words tell */

/* What one source is shown from. */
struct source {
    const struct pair_sample_source *sample;
    struct blind_result result;
};

/* A share that may be told from either side: 0.3 for "more" is 0.7 for "less". */
struct guess {
    const char *name;
    double share;
    struct wilson interval;
};

/* ---- numbers ---- */

static struct guess guess_of(const struct blind_share *s, const char *more, const char *less)
{
    bool is_less = s->share < 0.5;
    double share = is_less ? 1 - s->share : s->share;
    return (struct guess){is_less ? less : more, share, wilson_interval(share, s->n_effective)};
}

/* The cue that guesses best; the first of equals. */
static struct guess strongest(const struct blind_result *r)
{
    struct guess best = guess_of(&r->cues[0], cue_more(0), cue_less(0));
    for (int c = 1; c < CUE_COUNT; c++) {
        struct guess g = guess_of(&r->cues[c], cue_more((enum cue)c), cue_less((enum cue)c));
        if (g.share > best.share)
            best = g;
    }
    return best;
}

static struct guess overlap_of(const struct blind_result *r)
{
    return guess_of(&r->overlap, "more words shared with the prompt",
                    "fewer words shared with the prompt");
}

static void add_share(struct buf *out, double share, struct wilson w)
{
    buf_addf(out, "%.1f %% (%.1f to %.1f)", 100 * share, 100 * w.low, 100 * w.high);
}

/* ---- sentences ---- */

static void add_words(struct buf *out, const struct blind_word *words, size_t n, size_t max)
{
    for (size_t i = 0; i < n && i < max; i++) {
        buf_str(out, i ? ", \"" : "\"");
        text_quote(out, words[i].text, WORD_CHARS);
        buf_addf(out, "\" (%lld : %lld)", (long long)words[i].chosen, (long long)words[i].rejected);
    }
}

/* Words where they say much more than any cue; the cue where it is one. */
static void add_strongest(struct buf *out, const struct blind_result *r)
{
    struct guess cue = strongest(r);
    const struct blind_word *words = r->n_rejected_words ? r->rejected_words : r->chosen_words;
    size_t n = r->n_rejected_words ? r->n_rejected_words : r->n_chosen_words;
    bool by_words = n && r->learned.share > cue.share + BY_WORDS_LEAD;
    if (by_words) {
        buf_addf(out, "words of the %s answers, ", r->n_rejected_words ? "rejected" : "chosen");
        add_words(out, words, n, 3);
    }
    if (by_words && cue.interval.low <= 0.5)
        return;
    buf_addf(out, "%s%s, ", by_words ? "; then " : "", cue.name);
    add_share(out, cue.share, cue.interval);
}

/* warn(out, s): sentences about this source, a line each; none where all is well. */
static void warn(struct buf *out, const struct source *s)
{
    const struct blind_result *r = &s->result;
    if (!r->enough)
        return;
    struct wilson learned = wilson_interval(r->learned.share, r->learned.n_effective);
    struct guess cue = strongest(r), overlap = overlap_of(r);
    if (learned.low > WARN_ABOVE || cue.interval.low > WARN_ABOVE) {
        buf_str(out, "source '");
        text_quote(out, s->sample->name, NAME_CHARS);
        buf_str(out, "': the winner can be told without the prompt, held out in ");
        add_share(out, r->learned.share, learned);
        buf_str(out, "; the strongest cue: ");
        add_strongest(out, r);
        buf_str(out, "; a judge trained on it may learn that instead of judging\n");
    }
    if (overlap.interval.low > WARN_ABOVE) {
        buf_str(out, "source '");
        text_quote(out, s->sample->name, NAME_CHARS);
        buf_addf(out, "': the chosen answer has %s than the rejected one in ", overlap.name);
        add_share(out, overlap.share, overlap.interval);
        buf_str(out, "; to tell what is off the topic is not yet judging\n");
    }
}

/* ---- text ---- */

/* The three parts are filled side by side, source after source. */
struct text {
    struct table table;
    struct buf telling, warnings;
};

static void share_cell(struct table *t, const struct blind_share *s)
{
    struct wilson w = wilson_interval(s->share, s->n_effective);
    if (s->differs)
        table_cellf(t, "%.1f %% (%.1f to %.1f)", 100 * s->share, 100 * w.low, 100 * w.high);
    else
        table_cell(t, S("-"));
}

static void source_row(struct table *t, const struct source *s)
{
    const struct blind_result *r = &s->result;
    struct buf text;
    buf_init(&text, WARNING_MAX);
    buf_str(&text, "  ");
    text_quote(&text, s->sample->name, NAME_CHARS);
    table_cell(t, buf_view(&text));
    table_count(t, r->pairs);
    table_count(t, r->prompts);
    if (!r->enough) {
        table_cell(t, S("too few to tell"));
        table_cell(t, S(""));
        table_cell(t, S(""));
        buf_free(&text);
        return;
    }
    struct guess cue = strongest(r);
    buf_clear(&text);
    buf_addf(&text, "%s, ", cue.name);
    add_share(&text, cue.share, cue.interval);
    share_cell(t, &r->learned);
    table_cell(t, r->learned.differs ? buf_view(&text) : S("-"));
    share_cell(t, &r->overlap);
    buf_free(&text);
}

/* Words that tell, where something can be told. */
static void add_telling(struct buf *out, const struct source *s)
{
    const struct blind_result *r = &s->result;
    if (!r->enough || (!r->n_chosen_words && !r->n_rejected_words) ||
        wilson_interval(r->learned.share, r->learned.n_effective).low <= 0.5)
        return;
    buf_str(out, "  what tells in '");
    text_quote(out, s->sample->name, NAME_CHARS);
    buf_str(out, "' (pairs where the chosen : the rejected answer has more of it)\n");
    if (r->n_chosen_words) {
        buf_str(out, "    for chosen    ");
        add_words(out, r->chosen_words, r->n_chosen_words, BLIND_WORDS);
        buf_char(out, '\n');
    }
    if (r->n_rejected_words) {
        buf_str(out, "    for rejected  ");
        add_words(out, r->rejected_words, r->n_rejected_words, BLIND_WORDS);
        buf_char(out, '\n');
    }
}

static void add_warnings(struct buf *out, const struct source *s)
{
    struct buf text;
    buf_init(&text, WARNING_MAX);
    warn(&text, s);
    for (struct slice rest = buf_view(&text); rest.n;) {
        struct slice line = slice_cut(rest, '\n', &rest);
        buf_str(out, "  warning: ");
        buf_slice(out, line);
        buf_char(out, '\n');
    }
    buf_free(&text);
}

static void text_source(void *context, const struct source *s)
{
    struct text *t = context;
    source_row(&t->table, s);
    add_telling(&t->telling, s);
    add_warnings(&t->warnings, s);
}

/* ---- JSON ---- */

static void json_share(struct jsonw *w, const struct blind_share *s)
{
    struct wilson interval = wilson_interval(s->share, s->n_effective);
    jsonw_kdouble(w, "accuracy", s->share);
    jsonw_key(w, "accuracy_interval");
    jsonw_list(w);
    jsonw_double(w, interval.low);
    jsonw_double(w, interval.high);
    jsonw_end_list(w);
    jsonw_ki64(w, "differs", s->differs);
}

static void json_words(struct jsonw *w, const char *key, const struct blind_word *words, size_t n)
{
    struct buf text;
    buf_init(&text, WARNING_MAX);
    jsonw_key(w, key);
    jsonw_list(w);
    for (size_t i = 0; i < n; i++) {
        buf_clear(&text);
        text_quote(&text, words[i].text, 0);
        jsonw_object(w);
        jsonw_kslice(w, "words", buf_view(&text));
        jsonw_ki64(w, "chosen", words[i].chosen);
        jsonw_ki64(w, "rejected", words[i].rejected);
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
    buf_free(&text);
}

static void json_warnings(struct jsonw *w, const struct source *s)
{
    struct buf text;
    buf_init(&text, WARNING_MAX);
    warn(&text, s);
    jsonw_key(w, "warnings");
    jsonw_list(w);
    for (struct slice rest = buf_view(&text); rest.n;)
        jsonw_string(w, slice_cut(rest, '\n', &rest));
    jsonw_end_list(w);
    buf_free(&text);
}

static void json_measured(struct jsonw *w, const struct blind_result *r)
{
    jsonw_key(w, "learned");
    jsonw_object(w);
    json_share(w, &r->learned);
    json_words(w, "chosen_words", r->chosen_words, r->n_chosen_words);
    json_words(w, "rejected_words", r->rejected_words, r->n_rejected_words);
    jsonw_end_object(w);
    jsonw_key(w, "more_wins");
    jsonw_object(w);
    for (int c = 0; c < CUE_COUNT; c++) {
        jsonw_key(w, cue_name((enum cue)c));
        jsonw_object(w);
        json_share(w, &r->cues[c]);
        jsonw_end_object(w);
    }
    jsonw_end_object(w);
    jsonw_kstr(w, "strongest_cue", strongest(r).name);
    jsonw_key(w, "prompt_overlap");
    jsonw_object(w);
    jsonw_kbool(w, "reads_prompt", true);
    json_share(w, &r->overlap);
    jsonw_kdouble(w, "chosen_mean", r->overlap_chosen);
    jsonw_kdouble(w, "rejected_mean", r->overlap_rejected);
    jsonw_end_object(w);
}

static void json_source(void *context, const struct source *s)
{
    struct jsonw *w = context;
    jsonw_object(w);
    jsonw_kslice(w, "source", s->sample->name);
    jsonw_kbool(w, "is_importer", s->sample->is_importer);
    jsonw_ki64(w, "pairs", s->result.pairs);
    jsonw_ki64(w, "prompts", s->result.prompts);
    jsonw_kbool(w, "enough", s->result.enough);
    if (s->result.enough)
        json_measured(w, &s->result);
    json_warnings(w, s);
    jsonw_end_object(w);
}

/* ---- sources ---- */

static enum pair_sample_go add_pair(void *context, const struct pair_sample_pair *pair,
                                    struct err *e)
{
    static const enum pair_sample_go go[] = {
        [BLIND_ADDED] = PAIR_SAMPLE_ON,
        [BLIND_FULL] = PAIR_SAMPLE_ENOUGH,
        [BLIND_FAILED] = PAIR_SAMPLE_FAILED,
    };
    const struct blind_pair added = {pair->family, pair->prompt, pair->chosen, pair->rejected};
    return go[blind_add(context, &added, e)];
}

/* One after the other: a source's words take room. */
static bool each_source(struct pair_sample *sample, uint64_t seed,
                        void (*fn)(void *context, const struct source *s), void *context,
                        struct err *e)
{
    size_t n;
    const struct pair_sample_source *all = pair_sample_sources(sample, &n);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        struct source s = {.sample = &all[i]};
        struct blind *b = blind_new(seed, e);
        ok = b && pair_sample_read(sample, i, add_pair, b, e) && blind_measure(b, &s.result, e);
        if (ok)
            fn(context, &s);
        blind_free(b);
    }
    return ok;
}

static void add_foot(struct buf *out, const struct pair_sample *sample)
{
    buf_str(out, "  50 % is a coin; 95 % intervals");
    if (!pair_sample_whole(sample)) {
        buf_str(out, "; drawn from ");
        figure_count(out, pair_sample_visited(sample));
        buf_str(out, " pairs");
    }
    if (pair_sample_passed_over(sample)) {
        buf_str(out, "; too many sources: ");
        figure_count(out, pair_sample_passed_over(sample));
        buf_str(out, " pairs of further ones passed over");
    }
    buf_char(out, '\n');
}

bool blind_view_text(struct store *s, uint64_t seed, struct buf *out, struct err *e)
{
    static const struct table_column columns[] = {
        {"the winner guessed without the prompt", false},
        {"pairs", true},
        {"prompts", true},
        {"learned, held out", true},
        {"strongest cue", false},
        {"with the prompt: more words shared", true},
    };
    struct text t;
    struct pair_sample *sample = pair_sample_draw(s, e);
    if (!sample)
        return false;
    table_init(&t.table, columns, sizeof columns / sizeof columns[0]);
    buf_init(&t.telling, PAGE_MAX);
    buf_init(&t.warnings, PAGE_MAX);
    bool ok = each_source(sample, seed, text_source, &t, e);
    if (ok && t.table.n_cells) {
        table_write(&t.table, out, 0);
        add_foot(out, sample);
        buf_slice(out, buf_view(&t.telling));
        buf_slice(out, buf_view(&t.warnings));
    }
    table_free(&t.table);
    buf_free(&t.telling);
    buf_free(&t.warnings);
    pair_sample_free(sample);
    return ok;
}

bool blind_view_json(struct store *s, uint64_t seed, struct jsonw *w, struct err *e)
{
    struct pair_sample *sample = pair_sample_draw(s, e);
    if (!sample)
        return false;
    jsonw_object(w);
    jsonw_ki64(w, "visited", pair_sample_visited(sample));
    jsonw_kbool(w, "whole", pair_sample_whole(sample));
    jsonw_ki64(w, "passed_over", pair_sample_passed_over(sample));
    jsonw_key(w, "sources");
    jsonw_list(w);
    bool ok = each_source(sample, seed, json_source, w, e);
    jsonw_end_list(w);
    jsonw_end_object(w);
    pair_sample_free(sample);
    return ok;
}

bool blind_view_print(struct store *s, uint64_t seed, bool as_json, struct err *e)
{
    struct buf out;
    buf_init(&out, PAGE_MAX);
    struct jsonw w = jsonw_to(&out);
    if (as_json)
        buf_str(&out, ",\"prompt_blind\":");
    bool ok = as_json ? blind_view_json(s, seed, &w, e) : blind_view_text(s, seed, &out, e);
    ok = ok && page_flush(&out, e);
    buf_free(&out);
    return ok;
}

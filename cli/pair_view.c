#include "cli/pair_view.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/page.h"

void pair_view_decided(struct buf *out, enum pair_state state, enum reason reason,
                       struct slice detail)
{
    buf_str(out, state_name(state));
    if (reason != REASON_NONE && reason != REASON_ACCEPTED)
        buf_addf(out, ": %s", reason_name(reason));
    if (reason != REASON_NONE)
        buf_addf(out, " (%s)", reason_help(reason));
    if (detail.n) {
        buf_str(out, ": ");
        text_quote(out, detail, PAIR_VIEW_LABEL_CHARS);
    }
}

void pair_view_label(struct buf *out, const char *name, struct slice text)
{
    if (!text.n)
        return;
    buf_addf(out, "%-10s ", name);
    text_quote(out, text, PAIR_VIEW_LABEL_CHARS);
    buf_char(out, '\n');
}

void pair_view_head(struct buf *out, const struct look_pair *p)
{
    char hex[ID_HEX];
    id_hex(&p->id, hex);
    buf_addf(out, "%-10s %s\n", "pair", hex);
    buf_addf(out, "%-10s ", "seed");
    text_quote(out, p->name, PAIR_VIEW_LABEL_CHARS);
    buf_str(out, p->name.n ? ", " : "");
    text_quote(out, p->file, PAIR_VIEW_LABEL_CHARS);
    buf_addf(out, ":%lld, read as %.*s\n", (long long)p->line, SLICE_ARG(p->importer));
    buf_addf(out, "%-10s ", "state");
    pair_view_decided(out, p->state, p->reason, p->detail);
    buf_addf(out, "\n%-10s the better answer is known: %s", "label", trust_name(p->trust));
    if (p->evidence.n > 2) {
        buf_str(out, ", ");
        text_quote(out, p->evidence, PAIR_VIEW_LABEL_CHARS);
    }
    buf_char(out, '\n');
    pair_view_label(out, "group", p->group);
    pair_view_label(out, "domain", p->domain);
    pair_view_label(out, "source", p->source);
    pair_view_label(out, "language", p->language);
    pair_view_label(out, "eval set", p->eval_set);
    pair_view_label(out, "answer", p->answer);
    pair_view_label(out, "reference", p->reference);
    pair_view_label(out, "rubric", p->rubric);
    pair_view_label(out, "meta", p->meta);
}

static void add_response(struct buf *out, const char *title, struct slice author,
                         struct slice messages, size_t max_lines)
{
    buf_addf(out, "\n== %s", title);
    if (author.n) {
        buf_str(out, ", by ");
        text_quote(out, author, PAIR_VIEW_LABEL_CHARS);
    }
    buf_char(out, '\n');
    page_chat(out, messages, 3, max_lines);
}

void pair_view_texts(struct buf *out, const struct look_pair *p, size_t max_lines)
{
    add_response(out, "prompt", (struct slice){0}, p->prompt, max_lines);
    add_response(out, "chosen answer", p->chosen_author, p->chosen, max_lines);
    add_response(out, "rejected answer", p->rejected_author, p->rejected, max_lines);
}

void pair_view_decision(struct buf *out, const struct look_decision *d)
{
    char iso[24];
    clock_iso(d->decided_ms, iso);
    buf_addf(out, "   %s  run %lld: ", iso, (long long)d->run);
    pair_view_decided(out, d->state, d->reason, d->detail);
    buf_str(out, d->in_force ? "\n" : " [no longer in force]\n");
}

static void add_raw(struct jsonw *w, const char *key, struct slice text)
{
    jsonw_key(w, key);
    if (text.n)
        jsonw_raw(w, text);
    else
        jsonw_null(w);
}

static void add_source_json(struct jsonw *w, const struct look_pair *p)
{
    jsonw_key(w, "seed");
    jsonw_object(w);
    jsonw_kslice(w, "id", p->name);
    jsonw_kslice(w, "file", p->file);
    jsonw_ki64(w, "line", p->line);
    jsonw_kslice(w, "importer", p->importer);
    jsonw_kslice(w, "group", p->group);
    jsonw_kslice(w, "domain", p->domain);
    jsonw_kslice(w, "source", p->source);
    jsonw_kslice(w, "language", p->language);
    jsonw_kslice(w, "eval_set", p->eval_set);
    jsonw_kslice(w, "answer", p->answer);
    jsonw_kslice(w, "reference", p->reference);
    jsonw_kslice(w, "rubric", p->rubric);
    add_raw(w, "meta", p->meta);
    jsonw_end_object(w);
}

void pair_view_json(struct jsonw *w, const struct look_pair *p)
{
    char hex[ID_HEX];
    id_hex(&p->id, hex);
    jsonw_kstr(w, "pair_id", hex);
    jsonw_kstr(w, "state", state_name(p->state));
    jsonw_kstr(w, "reason", reason_name(p->reason));
    jsonw_kslice(w, "detail", p->detail);
    jsonw_kstr(w, "trust", trust_name(p->trust));
    add_raw(w, "evidence", p->evidence);
    add_source_json(w, p);
    add_raw(w, "prompt", p->prompt);
    add_raw(w, "chosen", p->chosen);
    jsonw_kslice(w, "chosen_author", p->chosen_author);
    add_raw(w, "rejected", p->rejected);
    jsonw_kslice(w, "rejected_author", p->rejected_author);
}

void pair_view_decision_json(struct jsonw *w, const struct look_decision *d)
{
    jsonw_object(w);
    jsonw_kstr(w, "state", state_name(d->state));
    jsonw_kstr(w, "reason", reason_name(d->reason));
    jsonw_kslice(w, "detail", d->detail);
    jsonw_ki64(w, "run", d->run);
    jsonw_ki64(w, "recipe", d->recipe);
    jsonw_ki64(w, "rules", d->rules);
    jsonw_ki64(w, "decided_ms", d->decided_ms);
    jsonw_kbool(w, "in_force", d->in_force);
    jsonw_end_object(w);
}

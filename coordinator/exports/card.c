#include "coordinator/exports/card.h"

#include <string.h>

#include "base/jsonw.h"
#include "base/text.h"
#include "coordinator/exports/exporter.h"

#define NAME_CHARS 200 /* of a name shown in prose */

/* A name within a line: it stays one line, and nothing in it is markup. */
static void prose(struct buf *out, struct slice name)
{
    struct buf safe;
    buf_init(&safe, CARD_BYTES_MAX);
    text_quote(&safe, name, NAME_CHARS);
    for (size_t i = 0; i < safe.n; i++) {
        if (strchr("\\`*_[]<>|~&$@:", safe.p[i]))
            buf_char(out, '\\');
        buf_char(out, safe.p[i]);
    }
    buf_free(&safe);
}

/* A YAML scalar: JSON strings are YAML once control characters are out of the way. */
static void scalar(struct buf *out, struct slice text)
{
    struct buf safe;
    buf_init(&safe, CARD_BYTES_MAX);
    text_quote(&safe, text, NAME_CHARS);
    jsonw_text(out, buf_view(&safe));
    buf_free(&safe);
}

/* A text shown as it is: an indented block ends with its line, whatever stands in it. */
static void verbatim(struct buf *out, struct slice text)
{
    buf_str(out, "    ");
    text_quote(out, text, 0);
    buf_str(out, "\n\n");
}

/* The files of a format and split, as the glob that meets them and no others. */
static void write_data_file(struct buf *out, const struct manifest_file *f)
{
    const char *suffix = strstr(f->path, ".jsonl");
    buf_str(out, "      - split: ");
    scalar(out, slice_of(f->split));
    buf_addf(out, "\n        path: \"%s/%s-*%s\"\n", f->format, f->split, suffix);
}

static void write_head(struct buf *out, const struct card *c)
{
    const struct manifest *m = c->manifest;
    buf_str(out, "---\npretty_name: ");
    scalar(out, slice_of(m->name));
    buf_str(out, "\ntags:\n  - llm-as-a-judge\n  - preference\n");
    buf_str(out, m->n_files ? "configs:\n" : "");
    for (size_t i = 0; i < m->n_files; i++) {
        const struct manifest_file *f = &m->files[i], *before = i ? f - 1 : NULL;
        bool new_format = !before || strcmp(f->format, before->format) != 0;
        if (new_format)
            buf_addf(out, "  - config_name: %s\n    data_files:\n", f->format);
        if (new_format || strcmp(f->split, before->split) != 0)
            write_data_file(out, f);
    }
    buf_str(out, "---\n\n");
}

static void write_warning(struct buf *out, const struct card *c)
{
    const struct manifest *m = c->manifest;
    if (m->n_eval_sets == 0)
        return;
    buf_str(out, "> **Never train on this release as it is.** ");
    buf_addf(out, "%lld of its rows were made from ", (long long)c->eval_rows);
    buf_str(out, m->n_eval_sets == 1 ? "an evaluation set: " : "evaluation sets: ");
    for (size_t i = 0; i < m->n_eval_sets; i++) {
        buf_str(out, i ? ", " : "");
        prose(out, slice_of(m->eval_sets[i]));
    }
    buf_str(out,
            ". They answer its test questions: never train on them. The column `eval_set` names "
            "the set of each row and is empty in all others.\n\n");
}

static void write_rows(struct buf *out, const struct card *c)
{
    const struct manifest *m = c->manifest;
    buf_str(out,
            "## What is in it\n\n| config | split | rows | what a row is |\n|---|---|---:|---|\n");
    for (size_t i = 0; i < m->n_files; i++) {
        const struct manifest_file *f = &m->files[i];
        if (i && strcmp(f->format, f[-1].format) == 0 && strcmp(f->split, f[-1].split) == 0)
            continue;
        const struct exporter *x = exporter_find(f->format);
        buf_addf(out, "| `%s` | `%s` | %lld | ", f->format, f->split,
                 (long long)manifest_rows(m, f->format, f->split));
        buf_addf(out, "%s |\n", x ? x->help : "");
    }
    if (m->n_files)
        buf_addf(out,
                 "\n```python\nfrom datasets import load_dataset\n"
                 "rows = load_dataset(\"path/of/this/folder\", \"%s\")\n```\n",
                 m->files[m->n_files - 1].format);
    buf_str(out,
            "\nEvery row says which pair it comes from (`pair_id`), which answer was shown first "
            "(`order`), the right letter (`gold`), how many of the teacher's judgments of that "
            "pair in that order were right (`n_correct` of `n_rollouts`; what a filter rejected "
            "does not count as right) and how far the label can be trusted (`trust`). Judged one "
            "by one (`judge_format` pointwise), `order` says which answer was shown, and `gold` "
            "whether it is the chosen or the rejected one. Rows with the same prompt, or of the "
            "same group, are in the same split; they share `split_key`.\n\n");
}

/* What must not be made of the counts. */
static void write_stopped(struct buf *out, const struct card *c)
{
    const struct manifest_counts *n = &c->manifest->counts;
    if (n->orders == 0)
        return;
    buf_addf(out,
             "Of %lld orders, %lld are marked `stopped`: judging them ended before all rollouts "
             "that the rules allow were drawn, and when depended on how the first ones came out. ",
             (long long)n->orders, (long long)n->stopped);
    buf_str(out,
            "Their `n_correct` / `n_rollouts` is biased: **never put it into a difficulty "
            "window.** Rows that are not `stopped` give the share of correct judgments as it is, "
            "and `n_correct_student` / `n_student`, where a student was measured, always does "
            "(0 / 0: none was).\n\n");
}

static void write_flip_row(struct buf *out, const char *what, const struct flips *f)
{
    buf_addf(out, "| %s | %llu | %llu | %llu | %llu | %llu | %.3f |\n", what,
             (unsigned long long)kind_cued(f), (unsigned long long)f->fixed,
             (unsigned long long)f->broken, (unsigned long long)f->kept,
             (unsigned long long)f->stuck, kind_flip_share(f));
}

static void write_flips(struct buf *out, const struct card *c)
{
    struct flips sft = kind_flips(&c->manifest->counts.sft.flips);
    struct flips all = kind_flips(&c->manifest->counts.all);
    if (kind_cued(&all) == 0)
        return;
    buf_str(out, "What cues did to verdicts, in the rows of `sft` and in all judgments, whether "
                 "or not they are here:\n\n| | cued | fixed | broken | kept | stuck | P(flip \\| "
                 "cue) |\n|---|---:|---:|---:|---:|---:|---:|\n");
    write_flip_row(out, "sft", &sft);
    write_flip_row(out, "all", &all);
    buf_str(out, "\nFixed became right, broken was right before, kept stayed right, stuck never "
                 "was. A model that sees verdicts change after cues far more often than they do "
                 "learns that a cue means to change its mind");
    if (c->manifest->flip_gap > 0)
        buf_addf(out, "; the release was made under a gate of at most %.3f between the two",
                 c->manifest->flip_gap);
    buf_str(out, ".\n\n");
}

/* What the traces of sft are like, and which parts of them to learn. */
static void write_traces(struct buf *out, const struct card *c)
{
    const struct export_tally *t = &c->manifest->counts.sft;
    if (t->rows == 0)
        return;
    buf_str(out, "## The traces\n\n| `reflection` | rows of sft | |\n|---|---:|---|\n");
    for (int k = 0; k < KIND_COUNT; k++)
        if (t->kinds[k])
            buf_addf(out, "| %s | %lld | %s |\n", k ? kind_name((enum kind)k) : "(empty)",
                     (long long)t->kinds[k], kind_help((enum kind)k));
    buf_addf(out,
             "\n%lld of %lld come from a second pass in which the teacher was told the winner "
             "(`hinted`); they held when they were judged again without it. A checker confirmed "
             "%lld (`checked`).\n\n",
             (long long)t->hinted, (long long)t->rows, (long long)t->checked);
    write_flips(out, c);
    buf_str(out,
            "`segments` cuts the completion into parts: who wrote each (`origin`: teacher, or the "
            "cue that was put in), and whether to learn it (`train`). Put together their texts are "
            "the completion. Parts not to learn are the first half of a `wrong_to_right` trace: "
            "leave them out of the loss, or the model learns to err first. "
            "`examples/trainers/loss_mask.py` of gavel makes TRL's `completion_mask`, Axolotl's "
            "`input_output` segments and verl's `loss_mask` of them. Scores are points; -1 says "
            "that the format has none.\n\n");
}

static void row(struct buf *out, const char *what, int64_t n, const char *meaning)
{
    buf_addf(out, "| %s | %lld | %s |\n", what, (long long)n, meaning);
}

static void write_funnel(struct buf *out, const struct card *c)
{
    const struct manifest_counts *n = &c->manifest->counts;
    int64_t pairs = 0;
    for (int s = 0; s < STATE_COUNT; s++)
        pairs += n->pairs[s];
    buf_str(out, "## From seeds to rows\n\n| | count | |\n|---|---:|---|\n");
    for (size_t i = 0; i < n->n_seeds; i++) {
        if (strcmp(n->seeds[i].name, "pairs") == 0)
            continue; /* the next row says it */
        buf_str(out, "| seeds: ");
        prose(out, slice_of(n->seeds[i].name));
        buf_addf(out, " | %lld | |\n", (long long)n->seeds[i].value);
    }
    row(out, "pairs", pairs, "a prompt with a better and a worse answer");
    row(out, "accepted", n->pairs[STATE_ACCEPTED], reason_help(REASON_ACCEPTED));
    row(out, "rejected", n->pairs[STATE_REJECTED], "");
    for (int r = REASON_NONE + 1; r < REASON_COUNT; r++) {
        if (r == REASON_ACCEPTED || !n->reasons[r])
            continue;
        buf_addf(out, "| - `%s` | %lld | %s |\n", reason_name((enum reason)r),
                 (long long)n->reasons[r], reason_help((enum reason)r));
    }
    row(out, "deferred", n->pairs[STATE_DEFERRED], "a call could not be finished");
    row(out, "open", n->pairs[STATE_OPEN], "not judged to the end yet");
    if (n->untrusted)
        row(out, "left out", n->untrusted, "`export.trust` does not name the class of their label");
    if (n->incomplete)
        row(out, "accepted, without rows", n->incomplete,
            "an order has no correct trace left that the filters let pass");
    buf_str(out, "\n");
}

static void write_judgments(struct buf *out, const struct card *c)
{
    const struct manifest_counts *n = &c->manifest->counts;
    buf_str(out, "## Who judged, and how\n\nTeacher: ");
    prose(out, slice_of(c->teacher));
    buf_str(out, "\n\n| judgments | count |\n|---|---:|\n");
    for (int o = 0; o < OUTCOME_COUNT; o++)
        if (o != OUTCOME_PENDING || n->rollouts[o])
            buf_addf(out, "| `%s` | %lld |\n", outcome_name((enum outcome)o),
                     (long long)n->rollouts[o]);
    buf_addf(out, "| of all, rejected by a filter | %lld |\n\n", (long long)n->filtered);
    for (int f = 0; f < FORMAT_COUNT; f++)
        if (n->formats[f])
            buf_addf(out, "- %lld pairs in the format `%s`\n", (long long)n->formats[f],
                     format_name((enum format)f));
    buf_str(out, "\n");
    char id[ID_HEX];
    id_hex(&c->manifest->terms.recipe, id);
    buf_addf(out, "Recipe `%s`, what shapes a request:\n\n", id);
    verbatim(out, c->manifest->terms.recipe_text);
    id_hex(&c->manifest->terms.rules, id);
    buf_addf(out, "Rules `%s`, how results are decided on:\n\n", id);
    verbatim(out, c->manifest->terms.rules_text);
}

void card_write(const struct card *c, struct buf *out)
{
    write_head(out, c);
    buf_str(out, "# ");
    prose(out, slice_of(c->manifest->name));
    buf_addf(out,
             "\n\nRelease `%s`: training data for judges, models that read a prompt and two "
             "answers, think, and say which one is better. A teacher judged the pairs in both "
             "orders; a pair was accepted when the teacher was right in both.\n\n",
             c->manifest->release);
    write_warning(out, c);
    write_rows(out, c);
    write_stopped(out, c);
    write_traces(out, c);
    write_funnel(out, c);
    write_judgments(out, c);
    buf_str(out, "## Checking it\n\n`gavel verify` with this folder recomputes every checksum and "
                 "count of `manifest.json`, reads every row, and looks for groups that stand in "
                 "two splits.\n\nMade with gavel " GAVEL_VERSION ".\n");
}

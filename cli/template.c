#include "cli/template.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "schemas/project.h"

#define PATH_BYTES 128
#define COMMENT_COLUMN 44

/* The keys that are active, with the value they get; NULL: their default. */
static const struct {
    const char *path, *value;
} active[] = {
    {"name", NULL}, /* from the folder's name */
    {"store", NULL},
    {"rng_seed", NULL},
    {"seeds", NULL},
    {"seeds.path", "seeds.jsonl"},
    {"seeds.format", NULL},
    {"endpoints", NULL},
    {"endpoints.role", NULL},
    {"endpoints.url", "http://127.0.0.1:8000/v1"},
    {"endpoints.model", "sim-teacher"},
    {"endpoints.max_in_flight", NULL},
    {"generation", NULL},
    {"generation.max_tokens", NULL},
    {"judge", NULL},
    {"judge.format", NULL},
    {"accept", NULL},
    {"accept.rule", NULL},
    {"accept.k", NULL},
    {"accept.n", NULL},
    {"accept.stop", NULL},
    {"calibration", NULL},
    {"reflection", NULL},
    {"reflection.mode", NULL},
    {"reflection.share", NULL},
    {"filters", NULL},
    {"workers", NULL},
    {"workers.local", NULL},
    {"workers.slots", NULL},
    {"export", NULL},
    {"export.dir", "out"},
    {"export.formats", NULL},
    {"export.split", NULL},
};

static const char seeds[] =
    "{\"id\": \"trays\", \"prompt\": \"A baker fills 6 trays with 14 rolls each and sells 57 of "
    "the rolls. How many rolls are left?\", \"chosen\": \"6 trays of 14 rolls are 84 rolls. 84 - "
    "57 = 27. So 27 rolls are left.\", \"rejected\": \"6 trays of 14 rolls are 74 rolls. 74 - 57 = "
    "17. So 17 rolls are left.\", \"domain\": \"arithmetic\", \"trust\": \"verified\"}\n"
    "{\"id\": \"weekday\", \"prompt\": \"Today is a Thursday. Which day of the week is it in 23 "
    "days?\", \"chosen\": \"23 days are 3 weeks and 2 days. Two days after Thursday it is "
    "Saturday.\", \"rejected\": \"23 days are 3 weeks and 3 days. Three days after Thursday it is "
    "Sunday.\", \"domain\": \"dates\", \"trust\": \"verified\"}\n"
    "{\"id\": \"letters\", \"prompt\": \"How often does the letter e stand in the word "
    "'reference'?\", \"chosen\": \"r-e-f-e-r-e-n-c-e: the letter e stands at places 2, 4, 6 and 9. "
    "That is 4 times.\", \"rejected\": \"r-e-f-e-r-e-n-c-e: the letter e stands at places 2, 4 and "
    "9. That is 3 times.\", \"domain\": \"strings\", \"trust\": \"verified\"}\n";

struct sketch {
    struct buf *out;
    const char *name;
};

static bool is_active(const char *path, const char **value)
{
    for (size_t i = 0; i < sizeof active / sizeof active[0]; i++) {
        if (strcmp(path, active[i].path) == 0) {
            *value = active[i].value;
            return true;
        }
    }
    *value = NULL;
    return false;
}

static bool is_word(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz_.");
    return n > 0 && !text[n];
}

static void add_value(struct buf *line, const struct conf_row *row, const char *value)
{
    if (!value)
        value = row->fallback;
    if (!value)
        return;
    buf_char(line, ' ');
    if (row->type == CONF_STRING && !is_word(value))
        jsonw_text(line, slice_of(value));
    else
        buf_str(line, value);
}

static void add_help(struct buf *line, const struct conf_row *row)
{
    do
        buf_char(line, ' ');
    while (line->n < COMMENT_COLUMN);
    buf_addf(line, "# %s", row->help);
    for (size_t i = 0; row->type == CONF_ENUM && row->names[i]; i++)
        buf_addf(line, "%s%s", i ? " | " : " (", row->names[i]);
    if (row->type == CONF_ENUM)
        buf_char(line, ')');
}

static bool is_nested(const struct conf_row *row)
{
    return row->type == CONF_SECTION || row->type == CONF_LIST;
}

/* How far lines are from counting: OFF is a default; OUTLINE shows what the items of a list that is
 * empty would be made of, and stays a comment when one sign is taken off. */
enum mark { ACTIVE, OFF, OUTLINE };

static enum mark mark_below(const struct conf_row *row, enum mark mark)
{
    return mark == OFF && row->type == CONF_LIST ? OUTLINE : mark;
}

static void add_rows(const struct sketch *s, const struct conf_row *rows, const char *parent,
                     int indent, bool items, enum mark above)
{
    static const char *const signs[] = {[ACTIVE] = "", [OFF] = "# ", [OUTLINE] = "# # "};
    for (const struct conf_row *row = rows; row->key; row++) {
        char path[PATH_BYTES];
        const char *value;
        struct buf line;
        snprintf(path, sizeof path, "%s%s%s", parent, *parent ? "." : "", row->key);
        enum mark mark = is_active(path, &value) || above != ACTIVE ? above : OFF;
        bool nested = is_nested(row), empty = row->type == CONF_LIST && mark == OFF;
        if (indent == 0 && row != rows && (nested || is_nested(row - 1)))
            buf_char(s->out, '\n');
        buf_init(&line, 4096);
        buf_addf(&line, "%s%*s%s%s:%s", signs[mark], indent, "",
                 !items        ? ""
                 : row == rows ? "- "
                               : "  ",
                 row->key, empty ? " []" : "");
        if (!nested)
            add_value(&line, row, strcmp(path, "name") == 0 ? s->name : value);
        add_help(&line, row);
        buf_slice(s->out, buf_view(&line));
        buf_char(s->out, '\n');
        buf_free(&line);
        if (nested)
            add_rows(s, row->rows, path, indent + (items ? 4 : 2), row->type == CONF_LIST,
                     mark_below(row, mark));
    }
}

void template_project(struct buf *out, const char *name)
{
    const struct sketch s = {.out = out, .name = name};
    buf_str(out, "# A Gavel project. Relative paths are relative to this file. What is commented "
                 "out is the default.\n# `gavel check` says whether it is right and what a run "
                 "will take.\n\n");
    add_rows(&s, project_rows, "", 0, false, ACTIVE);
}

void template_seeds(struct buf *out)
{
    buf_str(out, seeds);
}

#include "base/args.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define ROWS_MAX 64
#define HELP_MAX 65536
#define LONG_BASE 256 /* getopt's answer for row i is LONG_BASE + i, above every letter */
#define HELP_ANSWER (LONG_BASE + ROWS_MAX)

/* What getopt_long wants, made from the rows. */
struct options {
    const struct args_row *rows;
    int n;
    bool help_letter; /* -h is free for --help */
    struct option longs[ROWS_MAX + 2];
    char letters[2 * ROWS_MAX + 4];
};

static void build(struct options *o, const struct args_row *rows)
{
    *o = (struct options){.rows = rows, .help_letter = true};
    size_t at = 0;
    o->letters[at++] = ':'; /* tell a missing value from an unknown option */
    for (; rows && rows[o->n].name; o->n++) {
        assert(o->n < ROWS_MAX);
        const struct args_row *row = &rows[o->n];
        bool value = row->type != ARGS_FLAG;
        o->longs[o->n] = (struct option){.name = row->name,
                                         .has_arg = value ? required_argument : no_argument,
                                         .val = LONG_BASE + o->n};
        if (row->letter == 'h')
            o->help_letter = false;
        if (row->letter) {
            o->letters[at++] = row->letter;
            if (value)
                o->letters[at++] = ':';
        }
    }
    o->longs[o->n] = (struct option){.name = "help", .has_arg = no_argument, .val = HELP_ANSWER};
    if (o->help_letter)
        o->letters[at++] = 'h';
}

/* row_of(o, answer): the row that getopt's answer means, NULL when none. */
static const struct args_row *row_of(const struct options *o, int answer)
{
    for (int i = 0; i < o->n; i++) {
        if (answer == LONG_BASE + i || (answer != 0 && answer == o->rows[i].letter))
            return &o->rows[i];
    }
    return NULL;
}

static bool bad_value(const struct args_row *row, const char *what, const char *text, struct err *e)
{
    return err_set(e, ERR_USAGE, "--%s needs %s, not '%s'", row->name, what, text);
}

static bool take(const struct args_row *row, const char *text, struct err *e)
{
    switch (row->type) {
    case ARGS_FLAG:
        *(bool *)row->value = true;
        return true;
    case ARGS_STRING:
        *(const char **)row->value = text;
        return true;
    case ARGS_INT:
        return slice_i64(slice_of(text), row->value) || bad_value(row, "a whole number", text, e);
    case ARGS_DOUBLE:
        return slice_double(slice_of(text), row->value) || bad_value(row, "a number", text, e);
    case ARGS_STRINGS:
        break;
    }
    struct args_strings *strings = row->value;
    int max = (int)(sizeof(strings->items) / sizeof(strings->items[0]));
    if (strings->n == max)
        return err_set(e, ERR_USAGE, "--%s is given more than %d times", row->name, max);
    strings->items[strings->n++] = text;
    return true;
}

static void help_row(struct buf *out, char letter, const char *name, const char *meta,
                     const char *help)
{
    char left[80];
    char dash[8] = "    ";
    if (letter)
        snprintf(dash, sizeof(dash), "-%c, ", letter);
    snprintf(left, sizeof(left), "%s--%s%s%s", dash, name, meta ? " " : "", meta ? meta : "");
    buf_addf(out, "  %-28s  %s\n", left, help);
}

static void print_help(const struct args_command *c, const struct options *o)
{
    struct buf out;
    buf_init(&out, HELP_MAX);
    buf_addf(&out, "usage: %s\n\n%s\n\noptions:\n", c->usage, c->about);
    for (int i = 0; i < o->n; i++)
        help_row(&out, o->rows[i].letter, o->rows[i].name, o->rows[i].meta, o->rows[i].help);
    help_row(&out, o->help_letter ? 'h' : 0, "help", NULL, "show this");
    fwrite(buf_cstr(&out), 1, out.n, stdout);
    fflush(stdout);
    buf_free(&out);
}

/* unknown_long(o, word, e): word is "--name" or "--name=value" as it was typed. */
static bool unknown_long(const struct options *o, const char *word, struct err *e)
{
    struct slice rest;
    struct slice name = slice_cut(slice_from(slice_of(word), 2), '=', &rest);
    const char *names[ROWS_MAX + 1];
    int beginnings = 0;
    for (int i = 0; i <= o->n; i++) {
        names[i] = o->longs[i].name;
        beginnings += slice_starts(slice_of(names[i]), name);
    }
    if (beginnings > 1)
        return err_set(e, ERR_USAGE, "--" SLICE_FMT " is short for several options; write it out",
                       SLICE_ARG(name));
    const char *near = text_nearest(name, names, (size_t)o->n + 1);
    return err_set(e, ERR_USAGE, "unknown option --" SLICE_FMT "%s%s%s", SLICE_ARG(name),
                   near ? "; did you mean --" : "; see --help", near ? near : "", near ? "?" : "");
}

/* refuse(o, answer, word, e): getopt answered '?' or ':'. */
static bool refuse(const struct options *o, int answer, const char *word, struct err *e)
{
    const struct args_row *row = row_of(o, optopt);
    if (answer == ':' && row)
        return err_set(e, ERR_USAGE, "--%s needs a value: --%s %s", row->name, row->name,
                       row->meta ? row->meta : "VALUE");
    if (row || optopt == HELP_ANSWER)
        return err_set(e, ERR_USAGE, "--%s takes no value", row ? row->name : "help");
    if (optopt)
        return err_set(e, ERR_USAGE, "unknown option -%c; see --help", optopt);
    return unknown_long(o, word, e);
}

static bool check_operands(const struct args_command *c, int n, struct err *e)
{
    if (n < c->min_operands)
        return err_set(e, ERR_USAGE, "something is missing; usage: %s", c->usage);
    if (c->max_operands >= 0 && n > c->max_operands)
        return err_set(e, ERR_USAGE, "too much is given; usage: %s", c->usage);
    return true;
}

bool args_parse(const struct args_command *c, int argc, char **argv, char ***operands,
                int *n_operands, struct err *e)
{
    struct options o;
    build(&o, c->rows);
    opterr = 0;
    optind = 0; /* GNU: start over, whatever was parsed before */
    int answer;
    while ((answer = getopt_long(argc, argv, o.letters, o.longs, NULL)) != -1) {
        if (answer == HELP_ANSWER || (answer == 'h' && o.help_letter)) {
            print_help(c, &o);
            *e = (struct err){.code = ERR_OK};
            return false;
        }
        if (answer == '?' || answer == ':')
            return refuse(&o, answer, argv[optind - 1], e);
        const struct args_row *row = row_of(&o, answer);
        assert(row);
        if (!take(row, optarg, e))
            return false;
    }
    *operands = argv + optind;
    *n_operands = argc - optind;
    return check_operands(c, *n_operands, e);
}

/* gavel import: seeds only. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/blind_view.h"
#include "cli/command.h"
#include "cli/opening.h"
#include "coordinator/imports/intake.h"

enum { LINES_A_TRANSACTION = 10000 };

static bool import_all(struct opening *o, struct intake *i, struct err *e)
{
    enum intake_got got = INTAKE_MORE;
    struct err failure;
    while (got == INTAKE_MORE) {
        if (!store_begin(o->store, e))
            return false;
        got = intake_step(i, LINES_A_TRANSACTION, &failure);
        if (!store_commit(o->store, e))
            return false; /* the lines of this transaction are read again by the next import */
    }
    if (got == INTAKE_FAILED)
        *e = failure;
    return got == INTAKE_DONE;
}

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

/* The reasons that there are, as text or as members of an object. */
static void print_reasons(const struct intake_report *r, bool as_json)
{
    const char *between = "";
    for (int i = SEED_PAIRED + 1; i < SEED_REASON_COUNT; i++) {
        const char *name = seed_reason_name((enum seed_reason)i);
        if (r->without[i] == 0)
            continue;
        if (as_json)
            printf("%s\"%s\":%" PRId64, between, name, r->without[i]);
        else
            printf("%s%" PRId64 " %s", between, r->without[i], name);
        between = as_json ? "," : ", ";
    }
}

static void print_json(const struct intake_report *r)
{
    printf("{\"files\":%" PRId64 ",\"unchanged\":%" PRId64 ",\"lines\":%" PRId64
           ",\"added\":%" PRId64 ",\"known\":%" PRId64 ",\"pairs\":%" PRId64 ",\"invalid\":%" PRId64
           ",\"waiting\":%" PRId64 ",\"paired\":%" PRId64 ",\"skipped\":%" PRId64
           ",\"left_out\":%" PRId64 ",\"without_pair\":{",
           r->files, r->unchanged, r->lines, r->added, r->known, r->pairs, r->invalid, r->waiting,
           r->paired, r->skipped, r->left_out);
    print_reasons(r, true);
    printf("}");
}

static void print_text(const struct intake_report *r)
{
    int64_t without = r->lines - r->paired - r->invalid;
    printf("%" PRId64 " file%s (%" PRId64 " unchanged), %" PRId64 " line%s: %" PRId64
           " new seed%s with %" PRId64 " pair%s, %" PRId64 " known, %" PRId64 " in quarantine\n",
           r->files, plural(r->files), r->unchanged, r->lines, plural(r->lines), r->added,
           plural(r->added), r->pairs, plural(r->pairs), r->known, r->invalid);
    if (without) {
        printf("%" PRId64 " line%s without a pair: ", without, plural(without));
        print_reasons(r, false);
        printf("\n");
    }
    if (r->skipped)
        printf("%" PRId64 " of them not stored, as `import:` says\n", r->skipped);
    if (r->left_out)
        printf("%" PRId64 " pair%s left out: over import.max_pairs, under import.min_margin, or an "
               "empty or unrated answer\n",
               r->left_out, plural(r->left_out));
    if (r->invalid)
        printf("the first in quarantine: %s\nthe store's table `quarantine` has them all\n",
               r->first_bad);
}

/* what_it_does(text): the help's first lines, and every format there is. */
static const char *what_it_does(struct buf *text)
{
    buf_str(text,
            "Reads the project's seed files, or these (- is standard input), into the store. "
            "Idempotent by content.\nA bad line goes to quarantine with file, line and reason; the "
            "rest goes on.\nSays at the end, for each source, how far the winner can be guessed "
            "without reading the prompt.\n\n"
            "A file may be JSON lines, a JSON list (or an object {\"data\": [...]}), JSON objects "
            "of several lines,\nor CSV or TSV with a header; plain, .gz or .zst. Parquet is "
            "converted first:\n"
            "  python3 -c \"import datasets, sys; datasets.load_dataset('parquet', "
            "data_files=sys.argv[1], split='train').to_json(sys.argv[2], force_ascii=False)\" "
            "IN.parquet OUT.jsonl\n\n"
            "Formats, each recognised by its keys, and the trust of its pairs:\n");
    for (size_t i = 0; importer_table[i]; i++)
        buf_addf(text, "  %-24s %-10s %s\n", importer_table[i]->name,
                 trust_name(importer_table[i]->trust), importer_table[i]->help);
    buf_str(text, "\nWhat becomes of a line without a pair is counted as\n");
    for (int i = SEED_PAIRED + 1; i < SEED_REASON_COUNT; i++)
        buf_addf(text, "  %-24s %s\n", seed_reason_name((enum seed_reason)i),
                 seed_reason_help((enum seed_reason)i));
    return buf_cstr(text);
}

int cmd_import(int argc, char **argv)
{
    struct args_strings sets = {.n = 0};
    struct buf about;
    bool as_json = false, no_baseline = false;
    const struct args_row rows[] = {
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {"json", 0, ARGS_FLAG, &as_json, NULL, "one JSON object instead of sentences"},
        {"no-baseline", 0, ARGS_FLAG, &no_baseline, NULL, "leave the prompt-blind baseline out"},
        {0},
    };
    buf_init(&about, 64 * 1024);
    const struct args_command command = {
        .usage = "gavel import PROJECT [FILE...]",
        .about = what_it_does(&about),
        .rows = rows,
        .min_operands = 1,
        .max_operands = -1,
    };
    char **operands;
    int n, status;
    struct err e;
    struct opening o;
    struct intake *intake = NULL;
    bool understood = command_args(&command, argc, argv, &operands, &n, &status);
    buf_free(&about);
    if (!understood)
        return status;
    bool ok = opening_project(&o, operands[0], &sets, &e) && opening_store(&o, STORE_WRITE, &e);
    if (ok) {
        intake = intake_new(o.store, &o.project, (const char *const *)operands + 1, (size_t)(n - 1),
                            &e);
        ok = intake && import_all(&o, intake, &e);
    }
    if (intake)
        (as_json ? print_json : print_text)(intake_report(intake));
    if (ok && !no_baseline)
        ok = blind_view_print(o.store, (uint64_t)o.project.rng_seed, as_json, &e);
    if (intake && as_json)
        printf("}\n");
    status = ok ? EXIT_COMPLETE : command_fail(&e);
    intake_free(intake);
    opening_close(&o);
    return status;
}

/* The release as a whole: its files, its name, its manifest, its card. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/release_fixture.h"
#include "tests/lib/released_rows.h"

static struct released_rows rows, other;

static void shards_have_as_many_rows_as_asked_for(void **state)
{
    (void)state;
    static const struct {
        int pairs;
        const char *shard_rows, *last;
        size_t files, last_rows;
        const char *why;
    } cases[] = {
        {0, "4", NULL, 0, 0, "no row, no file"},
        {1, "4", "rl/train-00000-of-00001.jsonl", 1, 2, "one file not full"},
        {2, "4", "rl/train-00000-of-00001.jsonl", 1, 4, "exactly full: no empty file after it"},
        {3, "4", "rl/train-00001-of-00002.jsonl", 2, 2, "one row more than full"},
        {6, "1", "rl/train-00011-of-00012.jsonl", 12, 1, "a row a file"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct ledger_fixture f;
        struct release_report report;
        char yaml[200];
        snprintf(yaml, sizeof yaml,
                 "export: {formats: [rl], split: {train: 1, test: 0}, shard_rows: %s}\n",
                 cases[c].shard_rows);
        begin(&f, yaml);
        add_pairs(&f, cases[c].pairs, "A B");
        commit(&f);
        export_or_die(&f, out, &report);
        struct manifest m;
        struct err e;
        manifest_init(&m);
        assert_true(manifest_read(&m, out, &e));
        assert_int_equal(report.rows, 2 * cases[c].pairs);
        if (m.n_files != cases[c].files)
            fail_msg("%zu files, not %zu: %s", m.n_files, cases[c].files, cases[c].why);
        if (cases[c].files) {
            assert_string_equal(m.files[m.n_files - 1].path, cases[c].last);
            assert_int_equal(m.files[m.n_files - 1].rows, cases[c].last_rows);
            assert_true(exists(within(out, cases[c].last)));
        }
        assert_true(verifies(out));
        manifest_free(&m);
        fixture_close(&f);
    }
}

static void the_same_store_gives_the_same_bytes(void **state)
{
    (void)state;
    static const char *const kinds[] = {"none", "gzip", "zstd"};
    for (size_t k = 0; k < 3; k++) {
        struct ledger_fixture f;
        struct release_report first, again, elsewhere;
        char yaml[200], second[600];
        snprintf(yaml, sizeof yaml, "export: {shard_rows: 7, compress: %s}\n", kinds[k]);
        begin(&f, yaml);
        add_pairs(&f, 30, "AAB BBA");
        commit(&f);
        export_or_die(&f, out, &first);
        assert_false(first.unchanged);
        export_or_die(&f, out, &again);
        assert_true(again.unchanged);
        assert_string_equal(first.path, again.path);
        assert_int_equal(again.rows, first.rows);
        snprintf(second, sizeof second, "%s-second", out);
        export_or_die(&f, second, &elsewhere);
        assert_true(same_file(within(out, "manifest.json"), within(second, "manifest.json")));
        assert_true(same_file(within(out, "README.md"), within(second, "README.md")));
        assert_true(verifies(out) && verifies(second));
        fixture_close(&f);
    }
}

static void compressed_rows_are_the_plain_ones(void **state)
{
    (void)state;
    static const char *const kinds[] = {"none", "gzip", "zstd"};
    for (size_t k = 0; k < 3; k++) {
        struct ledger_fixture f;
        struct release_report report;
        char yaml[200];
        snprintf(yaml, sizeof yaml, "export: {shard_rows: 9, compress: %s}\n", kinds[k]);
        begin(&f, yaml);
        add_pairs(&f, 20, "AAB BBA");
        commit(&f);
        export_or_die(&f, out, &report);
        struct released_rows *r = k == 0 ? &rows : &other;
        released_load(r, out, "sft");
        assert_int_equal(r->n, 40);
        for (size_t i = 0; k > 0 && i < r->n; i++)
            assert_true(
                slice_eq(released_text(&rows, i, "completion.0.content"),
                         released_text(&other, i, "completion.0.content")) &&
                slice_eq(released_text(&rows, i, "pair_id"), released_text(&other, i, "pair_id")));
        released_free(&other);
        fixture_close(&f);
    }
    released_free(&rows);
}

static void formats_that_do_not_exist_or_come_twice_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *part;
    } cases[] = {
        {"export: {formats: [sft, nope]}\n", "no format 'nope'"},
        {"export: {formats: [rl, rl]}\n", "'rl' is named twice"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct ledger_fixture f;
        struct release_report report;
        struct err e;
        begin(&f, cases[i].yaml);
        commit(&f);
        assert_false(release_write(f.store, &f.project, out, &report, &e));
        assert_int_equal(e.code, ERR_USAGE);
        assert_non_null(strstr(e.text, cases[i].part));
        fixture_close(&f);
    }
}

static void the_manifest_counts_what_became_of_the_pairs(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "export: {trust: [synthetic]}\n");
    add_pairs(&f, 2, "AAa BBB");
    uint64_t row = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, row, "AB-");
    fixture_decide(&f, row, STATE_REJECTED, REASON_INCONSISTENT);
    fixture_decide(&f, fixture_add_pair(&f, &(struct fixture_pair){0}), STATE_DEFERRED,
                   REASON_OUT_OF_TRIES);
    fixture_add_pair(&f, &(struct fixture_pair){.trust = TRUST_HUMAN});
    commit(&f);
    export_or_die(&f, out, &report);
    static const char *const parts[] = {
        "\"schema_version\":2",
        "\"seeds\":{\"pairs\":5,\"total\":5}",
        "\"pairs\":{\"open\":1,\"accepted\":2,\"rejected\":1,\"deferred\":1,\"total\":5,"
        "\"left_out_by_trust\":1,\"accepted_without_traces\":0}",
        "\"reasons\":{\"accepted\":2,\"inconsistent\":1,\"out_of_tries\":1}",
        "\"rollouts\":{\"correct\":13,\"incorrect\":1,\"tie\":0,\"no_verdict\":1,\"pending\":0,"
        "\"total\":15,"
        "\"rejected_by_a_filter\":2}",
        "\"recipe\":{\"id\":",
        "\"text\":{\"model\":\"teacher-1\"",
        "\"judge_formats\":{\"verdict\":4},\"orders\":{\"total\":8,\"stopped\":8}",
        "\"sft\":{\"rows\":4,\"hinted\":0,\"checked\":0,\"reflection\":{\"none\":4}}",
        "\"all\":{\"cued\":0,\"fixed\":0,\"broken\":0,\"kept\":0,\"stuck\":0,\"flip_share\":0}",
        "\"evaluation_sets\":[]",
        "\"created_with\":\"gavel ",
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!holds(within(out, "manifest.json"), parts[i]))
            fail_msg("the manifest does not hold %s", parts[i]);
    assert_true(holds(within(out, "README.md"), "| - `inconsistent` | 1 | one order passed"));
    assert_false(holds(within(out, "README.md"), "Never train"));
    fixture_close(&f);
}

static void rows_of_an_evaluation_set_are_warned_of(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "export: {formats: [rl]}\n");
    add_pairs(&f, 2, "AAA BBB");
    fixture_add_pair(&f, &(struct fixture_pair){.eval_set = "GSM8K test"});
    fixture_add_pair(&f, &(struct fixture_pair){.eval_set = "<b>*x*\nAIME"});
    fixture_add_pair(&f, &(struct fixture_pair){.eval_set = "GSM8K test"});
    commit(&f);
    export_or_die(&f, out, &report);
    assert_int_equal(report.eval_rows, 6);
    assert_true(holds(within(out, "README.md"), "Never train on this release"));
    assert_true(holds(within(out, "README.md"), "GSM8K test. They answer its test questions"));
    assert_true(holds(within(out, "README.md"), "\\<b\\>\\*x\\*\\\\nAIME"));
    assert_true(holds(within(out, "manifest.json"),
                      "\"evaluation_sets\":[\"<b>*x*\\nAIME\",\"GSM8K test\"]"));
    fixture_close(&f);
}

static void the_head_of_the_card_is_yaml_whatever_names_hold(void **state)
{
    (void)state;
    static const char *const names[] = {
        "plain",    "a \\\"quoted\\\": name", "--- # x",       "{a: [b]}", "two\\nlines",
        "'single'", "\\u0085\\u2028",         "back\\\\slash",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct ledger_fixture f;
        struct release_report report;
        struct conf_tree tree;
        struct buf text;
        struct err e;
        char yaml[300];
        snprintf(yaml, sizeof yaml,
                 "name: \"%s\"\nexport: {compress: gzip, split: {train: 0.5, no: 0.5}}\n",
                 names[i]);
        begin(&f, yaml);
        add_pairs(&f, 8, "AAB BBA");
        commit(&f);
        export_or_die(&f, out, &report);
        struct slice card = read_whole(within(out, "README.md"), &text);
        assert_true(slice_starts(card, S("---\n")));
        struct slice head = slice_from(card, 4);
        head = slice_sub(head, 0, slice_find(head, S("\n---\n")) + 1);
        if (!conf_parse(&tree, &f.arena, "README.md", head, &e))
            fail_msg("name %s: %s", names[i], e.text);
        assert_true(slice_find(head, S("  - config_name: sft\n    data_files:\n")) != SIZE_MAX);
        assert_true(slice_find(head, S("      - split: \"no\"\n"
                                       "        path: \"rl/no-*.jsonl.gz\"\n")) != SIZE_MAX);
        buf_free(&text);
        fixture_close(&f);
    }
}

/* add_cued(f, first, verdict): a pair whose chosen-first order has one cued rollout beside a right
 * one of the other order. */
static void add_cued(struct ledger_fixture *f, enum verdict first, enum verdict verdict)
{
    uint64_t pair = fixture_add_pair(f, &(struct fixture_pair){0});
    fixture_add_rollout(f, pair,
                        &(struct fixture_rollout){.verdict = verdict, .first = first, .cues = 1});
    fixture_judge(f, pair, " B");
    bool right = verdict == VERDICT_A;
    fixture_decide(f, pair, right ? STATE_ACCEPTED : STATE_REJECTED,
                   right ? REASON_ACCEPTED : REASON_INCONSISTENT);
}

/* Fixed 2, kept 2, broken 1, stuck 5: P(flip | cue) is 2 of 4 exported, 3 of 10 of all. */
static void flips_are_told_and_a_gate_on_them_keeps_the_release_back(void **state)
{
    (void)state;
    static const struct {
        const char *gap;
        bool passes;
    } cases[] = {
        {"0", true}, /* none */
        {"0.21", true},
        {"0.2", true}, /* not more than that */
        {"0.19", false},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct ledger_fixture f;
        struct release_report report;
        struct err e;
        char yaml[200];
        snprintf(yaml, sizeof yaml, "accept: {k: 1, n: 1}\nreflection: {flip_gap: %s}\n",
                 cases[c].gap);
        begin(&f, yaml);
        add_pairs(&f, 1, "A B");
        commit(&f);
        export_or_die(&f, out, &report);
        char before[1024];
        snprintf(before, sizeof before, "%s", report.path);
        begin_again(&f);
        for (int i = 0; i < 10; i++)
            add_cued(&f,
                     i < 2   ? VERDICT_B
                     : i < 5 ? VERDICT_A
                             : VERDICT_TIE,
                     i < 4 ? VERDICT_A : VERDICT_B);
        commit(&f);
        assert_int_equal(release_write(f.store, &f.project, out, &report, &e), cases[c].passes);
        assert_int_equal(report.gate, !cases[c].passes);
        assert_int_equal(leftovers(out), 0);
        assert_true(verifies(out));
        assert_true(holds(within(out, "README.md"), "P(flip \\| cue)") == cases[c].passes);
        if (!cases[c].passes) {
            char now[1024] = {0};
            assert_true(readlink(out, now, sizeof now - 1) > 0);
            assert_non_null(strstr(before, strrchr(now, '/') + 1));
            assert_non_null(strstr(e.text, "0.500 in the sft rows (2 of 4)"));
            assert_non_null(strstr(e.text, "0.300 in all judgments (3 of 10)"));
            fixture_close(&f);
            continue;
        }
        assert_true(holds(within(out, "manifest.json"),
                          "\"reflection\":{\"sft\":{\"cued\":4,\"fixed\":2,\"broken\":0,\"kept\":2,"
                          "\"stuck\":0,\"flip_share\":0.5},\"all\":{\"cued\":10,\"fixed\":2,"
                          "\"broken\":1,\"kept\":2,\"stuck\":5,\"flip_share\":0.3}"));
        assert_true(holds(within(out, "README.md"), "| sft | 4 | 2 | 0 | 2 | 0 | 0.500 |"));
        fixture_close(&f);
    }
}

static void a_project_that_only_measures_exports_nothing(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    struct err e;
    begin(&f, "purpose: evaluate\n");
    add_pairs(&f, 1, "A B");
    commit(&f);
    assert_false(release_write(f.store, &f.project, out, &report, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.text, "purpose: evaluate"));
    assert_false(exists(out));
    fixture_close(&f);
}

static void the_seats_are_told_while_the_recipe_is_in_force(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    struct err e;
    begin(&f, "hint: {share: 0.1}\n");
    add_pairs(&f, 1, "A B");
    commit(&f);
    export_or_die(&f, out, &report);
    assert_false(holds(within(out, "manifest.json"), "\"seats\"")); /* made under another recipe */
    fixture_must(seats_build(&f.seats, &f.project, &e), &e);
    ledger_free_run(&f.run);
    f.run = (struct ledger_run){0};
    fixture_must(ledger_begin_run(f.store, &f.project, &f.seats, S("{}"), &f.run, &e), &e);
    begin_again(&f);
    add_pairs(&f, 1, "A B");
    commit(&f);
    export_or_die(&f, out, &report);
    assert_true(holds(within(out, "manifest.json"), "\"seats\":[{\"kind\":\"teacher\""));
    assert_true(
        holds(within(out, "manifest.json"), "{\"kind\":\"hinted\",\"model\":\"teacher-1\""));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_have_as_many_rows_as_asked_for),
        cmocka_unit_test(the_same_store_gives_the_same_bytes),
        cmocka_unit_test(compressed_rows_are_the_plain_ones),
        cmocka_unit_test(formats_that_do_not_exist_or_come_twice_are_refused),
        cmocka_unit_test(the_manifest_counts_what_became_of_the_pairs),
        cmocka_unit_test(flips_are_told_and_a_gate_on_them_keeps_the_release_back),
        cmocka_unit_test(a_project_that_only_measures_exports_nothing),
        cmocka_unit_test(the_seats_are_told_while_the_recipe_is_in_force),
        cmocka_unit_test(rows_of_an_evaluation_set_are_warned_of),
        cmocka_unit_test(the_head_of_the_card_is_yaml_whatever_names_hold),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

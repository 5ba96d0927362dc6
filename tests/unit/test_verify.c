/* What `verify` finds: each kind of damage, and nothing in a release that is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coordinator/exports/manifest.h"
#include "coordinator/exports/sides.h"
#include "tests/lib/release_fixture.h"

#define SHARD "rl/train-00000-of-00001.jsonl"
#define PACKED "rl/train-00000-of-00001.jsonl.gz"

/* ---- ways to do damage ---- */

static void rewrite(const char *name, struct slice content)
{
    struct err e;
    fixture_must(files_write(within(out, name), content, &e), &e);
}

static void flip_a_byte(const char *name)
{
    struct buf text;
    read_whole(within(out, name), &text);
    text.p[text.n / 2] = (char)(text.p[text.n / 2] ^ 1);
    rewrite(name, buf_view(&text));
    buf_free(&text);
}

static void remove_a_row(const char *name)
{
    struct buf text;
    struct slice rest;
    slice_cut(read_whole(within(out, name), &text), '\n', &rest);
    rewrite(name, rest);
    buf_free(&text);
}

static void cut_short(const char *name)
{
    struct buf text;
    struct slice whole = read_whole(within(out, name), &text);
    rewrite(name, slice_sub(whole, 0, whole.n / 2));
    buf_free(&text);
}

static void remove_it(const char *name)
{
    assert_int_equal(unlink(within(out, name)), 0);
}

static void add_a_stranger(const char *name)
{
    (void)name;
    rewrite("rl/train-00007-of-00008.jsonl", S("{}\n"));
}

/* replace(name, old, new): every occurrence. */
static void replace(const char *name, const char *old, const char *new)
{
    struct buf text, changed;
    struct slice rest = read_whole(within(out, name), &text);
    buf_init(&changed, 16 << 20);
    for (size_t at; (at = slice_find(rest, slice_of(old))) != SIZE_MAX;) {
        buf_slice(&changed, slice_sub(rest, 0, at));
        buf_str(&changed, new);
        rest = slice_from(rest, at + strlen(old));
    }
    buf_slice(&changed, rest);
    rewrite(name, buf_view(&changed));
    buf_free(&text);
    buf_free(&changed);
}

static void forget_a_file(const char *name)
{
    (void)name;
    struct buf text;
    struct slice s = read_whole(within(out, "manifest.json"), &text);
    size_t from = slice_find(s, S("\"files\":[")) + 9;
    size_t to = from + slice_find(slice_from(s, from), S("]"));
    struct buf changed;
    buf_init(&changed, 1 << 20);
    buf_slice(&changed, slice_sub(s, 0, from));
    buf_slice(&changed, slice_from(s, to));
    rewrite("manifest.json", buf_view(&changed));
    buf_free(&changed);
    buf_free(&text);
}

/* reseal(): gives every file of the manifest the checksum it has now, as a forger would. */
static void reseal(void)
{
    struct manifest m;
    struct err e;
    struct buf text;
    manifest_init(&m);
    fixture_must(manifest_read(&m, out, &e), &e);
    for (size_t i = 0; i < m.n_files; i++) {
        struct hash h;
        hash_plain(&h);
        struct slice content = read_whole(within(out, m.files[i].path), &text);
        hash_raw(&h, content);
        hash_hex(&h, m.files[i].sha256);
        m.files[i].bytes = content.n;
        buf_free(&text);
    }
    manifest_seal(&m);
    buf_init(&text, 1 << 20);
    manifest_write(&m, &text);
    rewrite("manifest.json", buf_view(&text));
    buf_free(&text);
    manifest_free(&m);
}

/* ---- what is found ---- */

struct found {
    int n;
    char text[8192];
};

static void note(void *context, const char *sentence)
{
    struct found *f = context;
    f->n++;
    size_t n = strlen(f->text);
    snprintf(f->text + n, sizeof f->text - n, "%s\n", sentence);
}

static void check(struct found *found)
{
    struct err e = {0};
    int64_t problems;
    *found = (struct found){0};
    bool ok = release_verify(out, note, found, &problems, &e);
    assert_int_equal(ok, found->n == 0);
    assert_true(problems >= found->n);
}

static void release_of(struct ledger_fixture *f, const char *yaml)
{
    struct release_report report;
    struct found found;
    begin(f, yaml);
    for (int i = 0; i < 6; i++) {
        uint64_t row = fixture_add_pair(f, &(struct fixture_pair){.group = i < 2 ? "g1" : ""});
        fixture_judge(f, row, "AAB BBA");
        fixture_decide(f, row, STATE_ACCEPTED, REASON_ACCEPTED);
    }
    commit(f);
    export_or_die(f, out, &report);
    check(&found);
    assert_int_equal(found.n, 0);
}

static void every_kind_of_damage_is_told(void **state)
{
    (void)state;
    static const struct {
        void (*damage)(const char *name);
        const char *name;
        bool packed;
        const char *told;
    } cases[] = {
        {flip_a_byte, SHARD, false, "another SHA-256"},
        {remove_a_row, SHARD, false, "11 rows, the manifest says 12"},
        {remove_a_row, SHARD, false, "bytes, the manifest says"},
        {cut_short, SHARD, false, "line 6: at byte"},
        {remove_it, SHARD, false, "cannot open"},
        {remove_it, "README.md", false, "card, is missing"},
        {add_a_stranger, NULL, false, "00007-of-00008.jsonl is not in the"},
        {forget_a_file, NULL, false, "the list was changed"},
        {forget_a_file, NULL, false, SHARD " is not in the manifest"},
        {flip_a_byte, PACKED, true, "another SHA-256"},
        {cut_short, PACKED, true, "damaged or incomplete"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ledger_fixture f;
        struct found found;
        release_of(&f, cases[i].packed
                           ? "export: {formats: [rl], split: {train: 1}, compress: gzip}\n"
                           : "export: {formats: [rl], split: {train: 1}}\n");
        cases[i].damage(cases[i].name);
        check(&found);
        if (!strstr(found.text, cases[i].told))
            fail_msg("case %zu: '%s' is not told, but: %s", i, cases[i].told, found.text);
        fixture_close(&f);
    }
}

static void rows_that_make_no_sense_are_told_even_with_good_checksums(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *told;
    } cases[] = {
        {"\"gold\":\"A\"", "\"gold\":\"B\"", "the right letter is A"},
        {"\"order\":\"chosen_first", "\"order\":\"none", "which is none"},
        {"\"trust\":", "\"trist\":", "no column 'trust'"},
        {"\"rollout\":-1", "\"rollout\":\"x\"", "'rollout' has the wrong type"},
        {"\"role\":\"system\"", "\"role\":5", "'prompt' has the wrong type"},
        {"{\"prompt\"", "[\"prompt\"", "line 1"},
        {"\"accepted\":true", "\"accepted\":1", "'accepted' has the wrong"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ledger_fixture f;
        struct found found;
        release_of(&f, "export: {formats: [rl], split: {train: 1}}\n");
        replace(SHARD, cases[i].old, cases[i].new);
        reseal();
        check(&found);
        if (!strstr(found.text, cases[i].told))
            fail_msg("case %zu: '%s' is not told, but: %s", i, cases[i].told, found.text);
        fixture_close(&f);
    }
}

#define SFT "sft/train-00000-of-00001.jsonl"

static void traces_that_are_not_what_their_columns_say_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *told;
    } cases[] = {
        {"\"score_a\":-1.00", "\"score_a\":\"x\"", "'score_a' has the wrong type"},
        {"\"train\":true", "\"train\":1", "'segments' has the wrong type"},
        {"\"train\":true", "\"train\":false", "none of its segments is to be"},
        {"\"text\":\"<think>", "\"text\":\"<thing>", "segments are not its completion"},
        {"</answer>\",\"train\"", "\",\"train\"", "segments are not its completion"},
        {"\"origin\":\"teacher\"", "\"origin\":\"nobody\"", "neither teacher nor cue"},
        {"\"origin\":\"teacher\"", "\"origin\":\"cue\"", "but 'cues' is 0"},
        {"\"cues\":0", "\"cues\":1", "1 cues do not go with"},
        {"\"reflection\":\"\"", "\"reflection\":\"deep\"", "is 'deep', which is none"},
        {"\"reflection\":\"\",\"cues\":0", "\"reflection\":\"right_to_wrong\",\"cues\":1",
         "must not be learned"},
        {"\"n_rollouts\":3", "\"n_rollouts\":1", "n_correct is more than its n_roll"},
        {"\"n_correct_student\":0", "\"n_correct_student\":2", "more than its n_student"},
        {"\"order\":\"chosen_first\"", "\"order\":\"chosen_only\"",
         "does not go with its judge_format"},
        {"\"judge_format\":\"verdict\"", "\"judge_format\":\"scores\"",
         "scores decide for the wrong"},
        {"\"reflection\":\"\",\"cues\":0", "\"reflection\":\"right_to_right\",\"cues\":1",
         "0 kept verdicts among the sft rows, there are"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ledger_fixture f;
        struct found found;
        release_of(&f, "export: {formats: [sft], split: {train: 1}}\n");
        replace(SFT, cases[i].old, cases[i].new);
        reseal();
        check(&found);
        if (!strstr(found.text, cases[i].told))
            fail_msg("case %zu: '%s' is not told, but: %s", i, cases[i].told, found.text);
        fixture_close(&f);
    }
}

static void a_release_that_its_gate_would_have_kept_back_is_told(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct found found;
    struct release_report report;
    begin(&f, "accept: {k: 1, n: 1}\nexport: {formats: [sft]}\n");
    for (int i = 0; i < 4; i++) { /* exported: fixed, kept; all: stuck and kept, too */
        uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
        enum verdict first = i % 2 ? VERDICT_A : VERDICT_B;
        enum verdict last = i < 2 ? VERDICT_A : VERDICT_B;
        fixture_add_rollout(&f, pair,
                            &(struct fixture_rollout){.verdict = last, .first = first, .cues = 1});
        fixture_judge(&f, pair, i < 2 ? " B" : " A");
        fixture_decide(&f, pair, i < 2 ? STATE_ACCEPTED : STATE_REJECTED,
                       i < 2 ? REASON_ACCEPTED : REASON_INCONSISTENT);
    }
    commit(&f);
    export_or_die(&f, out, &report);
    check(&found);
    assert_int_equal(found.n, 0);
    replace("manifest.json", "\"stuck\":1", "\"stuck\":9");
    replace("manifest.json", "\"flip_gap\":0}", "\"flip_gap\":0.3}");
    check(&found);
    assert_non_null(strstr(found.text, "reflection.flip_gap: P(flip | cue) is 0.500"));
    replace("manifest.json", "\"fixed\":1", "\"fixed\":2");
    check(&found);
    assert_non_null(strstr(found.text, "counts 2 fixed and 1 kept"));
    replace("manifest.json", "\"schema_version\":2", "\"schema_version\":1");
    struct err e;
    int64_t problems;
    assert_false(release_verify(out, note, &found, &problems, &e));
    assert_non_null(strstr(e.text, "made by an older gavel"));
    fixture_close(&f);
}

static void a_trace_for_the_wrong_side_is_told(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct found found;
    release_of(&f, "export: {formats: [sft], split: {train: 1}}\n");
    replace("sft/train-00000-of-00001.jsonl", "\"verdict\":\"A\"", "\"verdict\":\"B\"");
    reseal();
    check(&found);
    assert_non_null(strstr(found.text, "decides for the wrong answer"));
    fixture_close(&f);
}

static void what_stands_in_two_splits_is_told(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct found found;
    struct buf text;
    release_of(&f, "export: {formats: [rl], split: {train: 1}}\n");
    read_whole(within(out, SHARD), &text);
    rewrite("rl/test-00000-of-00001.jsonl", buf_view(&text));
    struct manifest m;
    struct err e;
    manifest_init(&m);
    fixture_must(manifest_read(&m, out, &e), &e);
    struct manifest_file copy = m.files[0];
    snprintf(copy.path, sizeof copy.path, "rl/test-00000-of-00001.jsonl");
    snprintf(copy.split, sizeof copy.split, "test");
    fixture_must(manifest_add(&m, &copy, &e), &e);
    manifest_seal(&m);
    buf_clear(&text);
    manifest_write(&m, &text);
    rewrite("manifest.json", buf_view(&text));
    manifest_free(&m);
    buf_free(&text);

    check(&found);
    assert_non_null(strstr(found.text, "stands in the split test too"));
    assert_non_null(strstr(found.text, "2 more rows are wrong"));

    struct buf rows; /* other pairs, other families: only the group is left to give it away */
    struct slice line, rest = read_whole(within(out, SHARD), &rows);
    line = slice_cut(rest, '\n', &rest);
    struct buf one;
    buf_init(&one, 1 << 20);
    buf_slice(&one, line);
    buf_char(&one, '\n');
    rewrite("rl/test-00000-of-00001.jsonl", buf_view(&one));
    buf_free(&one);
    buf_free(&rows);
    char pair[64], key[64];
    struct buf test;
    struct slice row = read_whole(within(out, "rl/test-00000-of-00001.jsonl"), &test);
    snprintf(pair, sizeof pair, "%.32s", row.p + slice_find(row, S("\"pair_id\":\"")) + 11);
    snprintf(key, sizeof key, "%.16s", row.p + slice_find(row, S("\"split_key\":\"")) + 13);
    buf_free(&test);
    replace("rl/test-00000-of-00001.jsonl", pair, "00000000000000000000000000000000");
    replace("rl/test-00000-of-00001.jsonl", key, "0000000000000000");
    replace("manifest.json", "\"split\":\"test\",\"rows\":12", "\"split\":\"test\",\"rows\":1");
    reseal();
    check(&found);
    assert_non_null(strstr(found.text, "its group 'g1' stands in the split"));
    fixture_close(&f);
}

static void a_folder_that_is_no_release_is_an_error_not_a_problem(void **state)
{
    (void)state;
    static const struct {
        const char *manifest, *told;
    } cases[] = {
        {NULL, "cannot open"},
        {"{\"schema_version\":2,\"release\":\"\",\"parent\":\"\",\"files\":[]}",
         "it has no 'reflection'"},
        {"{\"files\":", "manifest.json"},
        {"{}", "schema_version"},
        {"{\"schema_version\":9,\"release\":\"\",\"parent\":\"\"}", "use a newer one"},
        {"{\"schema_version\":1,\"release\":\"\",\"parent\":\"\"}", "'files' must be a list"},
        {"{\"schema_version\":1,\"release\":\"\",\"parent\":\"\",\"files\":[{\"path\":\"../x\","
         "\"format\":\"rl\",\"split\":\"a\",\"sha256\":\"\",\"rows\":1,\"bytes\":1}]}",
         "leads out"},
        {"{\"schema_version\":1,\"release\":\"\",\"parent\":\"\",\"files\":[{\"path\":\"x\","
         "\"format\":\"rl\",\"split\":\"a\",\"sha256\":\"\",\"rows\":-1,\"bytes\":1}]}",
         "'rows' must be a number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e;
        struct found found = {0};
        int64_t problems;
        snprintf(out, sizeof out, "%s", scratch_path("no-release"));
        fixture_must(files_mkdirs(out, &e), &e);
        if (cases[i].manifest)
            rewrite("manifest.json", slice_of(cases[i].manifest));
        assert_false(release_verify(out, note, &found, &problems, &e));
        assert_int_equal(found.n, 0);
        if (!strstr(e.text, cases[i].told))
            fail_msg("'%s' is not told, but: %s", cases[i].told, e.text);
    }
}

static void sides_remembers_where_each_name_was_first(void **state)
{
    (void)state;
    struct sides s;
    struct err e;
    uint8_t first;
    char name[32];
    sides_init(&s);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 20000; i++) {
            snprintf(name, sizeof name, "name %d", i);
            assert_true(
                sides_see(&s, "k", slice_of(name), (uint8_t)(round ? 7 : i % 5), &first, &e));
            assert_int_equal(first, i % 5);
        }
    assert_true(sides_see(&s, "other kind", S("name 3"), 6, &first, &e));
    assert_int_equal(first, 6);
    sides_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_damage_is_told),
        cmocka_unit_test(rows_that_make_no_sense_are_told_even_with_good_checksums),
        cmocka_unit_test(traces_that_are_not_what_their_columns_say_are_told),
        cmocka_unit_test(a_release_that_its_gate_would_have_kept_back_is_told),
        cmocka_unit_test(a_trace_for_the_wrong_side_is_told),
        cmocka_unit_test(what_stands_in_two_splits_is_told),
        cmocka_unit_test(a_folder_that_is_no_release_is_an_error_not_a_problem),
        cmocka_unit_test(sides_remembers_where_each_name_was_first),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

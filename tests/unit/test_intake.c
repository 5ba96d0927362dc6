/* Intake: seed lines into a real store, again, changed, interrupted. */
#include "tests/lib/intake_fixture.h"

static void what_a_line_says_is_stored(void **state)
{
    struct fixture *f = *state;
    put_text(
        f, "s.jsonl",
        "{\"id\":7,\"group\":\"g\",\"domain\":\"d\",\"source\":\"s\",\"language\":\"en\","
        "\"system\":\"be\",\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"answer\":\"1\","
        "\"reference\":\"r\",\"rubric\":\"u\",\"trust\":\"human\",\"meta\":{\"x\":1}}\n"
        "{\"prompt\":\"open\"}\n");
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_report(
        f, (struct intake_report){.files = 1, .lines = 2, .added = 2, .pairs = 1, .waiting = 1});
    assert_ask(f,
               "SELECT name||'|'||group_name||'|'||domain||'|'||source||'|'||language||'|'||answer"
               "||'|'||reference||'|'||rubric||'|'||meta||'|'||importer||'|'||line FROM seeds"
               " WHERE line = 1",
               "7|g|d|s|en|1|r|u|{\"x\":1}|gavel|1");
    assert_ask(f, "SELECT prompt FROM seeds ORDER BY line",
               "[{\"role\":\"system\",\"content\":\"be\"},{\"role\":\"user\",\"content\":\"q\"}]\n"
               "[{\"role\":\"user\",\"content\":\"open\"}]");
    assert_ask(f, "SELECT rank||messages FROM responses ORDER BY rank",
               "0[{\"role\":\"assistant\",\"content\":\"a\"}]\n"
               "1[{\"role\":\"assistant\",\"content\":\"b\"}]");
    assert_ask(f, "SELECT v.trust||evidence FROM v_pairs v JOIN pairs USING (pair)",
               "human{\"kind\":\"declared\",\"trust\":\"human\",\"meta\":{\"x\":1}}");
    assert_counters(f);
}

static void every_bad_line_is_quarantined_with_its_reason(void **state)
{
    struct fixture *f = *state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_str(&b,
            "\xEF\xBB\xBF" PAIR("1") "\n  \r\n" /* 1: fine, after a byte order mark; 2, 3: blank */
                                     "{\"prompt\":\"q\"\n"
                                     "{\"prompt\":\"q\",\"prompt\":\"q\"}\n"
                                     "{\"prompt\":\"q\"} x\n"
                                     "{\"prompt\":\"\xff\"}\n");
    buf_slice(&b, S("{\"prompt\":\"\0\"}\n"));
    buf_str(&b, "{\"prompt\":\"\\u0000\"}\n"
                "{\"answer\":\"q\"}\n"
                "{\"prompt\":1}\n"
                "{\"prompt\":\"\"}\n"
                "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"a\"}\n");
    buf_str(&b, "{\"prompt\":\"");
    for (int i = 0; i < LINE_BYTES; i++)
        buf_char(&b, 'x');
    buf_str(&b, "\"}\n" PAIR("1") PAIR("2") "{\"prompt\":\"no line break at the end\"}");
    put(f, "s.jsonl", buf_view(&b));
    buf_free(&b);
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_report(
        f, (struct intake_report){
               .files = 1, .lines = 15, .added = 3, .pairs = 2, .invalid = 12, .waiting = 1});
    assert_ask(f,
               "SELECT line||': '||CASE WHEN reason LIKE 'broken JSON%' THEN substr(reason, 1, 23)"
               " ELSE reason END FROM quarantine ORDER BY line",
               "4: broken JSON: at byte 14\n5: broken JSON: the key 'p\n"
               "6: broken JSON: at byte 16\n7: broken JSON: at byte 12\n"
               "8: broken JSON: at byte 12\n9: broken JSON: at byte 12\n"
               "10: no known format has the keys 'answer'\n"
               "11: 'prompt' must be a string or a list of messages, not a number\n"
               "12: 'prompt' is empty\n"
               "13: 'chosen' and 'rejected' are the same\n"
               "14: the line is longer than limits.line_bytes (4096 bytes)\n"
               "15: duplicate of s.jsonl:1");
    assert_ask(f, "SELECT head FROM quarantine WHERE line IN (7, 8)",
               "{\"prompt\":\"\\xff\"}\n{\"prompt\":\"\\u0000\"}");
    assert_ask(f, "SELECT length(head) < 210 FROM quarantine WHERE line = 14", "1");
    assert_ask(f, "SELECT lines||' '||invalid FROM files", "15 12");
    assert_counters(f);
}

static void an_edited_file_brings_what_is_new_and_forgets_old_complaints(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", "bad\n" PAIR("1") PAIR("2") PAIR("1"));
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_ask(f, "SELECT line||reason FROM quarantine WHERE line = 4", "4duplicate of s.jsonl:2");
    put_text(f, "s.jsonl", PAIR("3") PAIR("1") "worse\n" PAIR("2"));
    import_all(f);
    assert_report(f, (struct intake_report){
                         .files = 1, .lines = 4, .added = 1, .known = 2, .pairs = 1, .invalid = 1});
    assert_ask(f, "SELECT line||head FROM quarantine", "3worse");
    assert_ask(f, "SELECT group_concat(line) FROM (SELECT line FROM seeds ORDER BY prompt)",
               "2,4,1");
    assert_counters(f);
}

static void what_is_said_about_a_known_pair_can_be_corrected(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", PAIR("1"));
    want(f, "s.jsonl", "auto", "human");
    import_all(f);
    assert_ask(f, "SELECT trust FROM v_pairs", "human");
    f->seeds[0].trust = "verified"; /* the file is the same, how it is to be read is not */
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .lines = 1, .known = 1});
    assert_ask(f, "SELECT trust FROM v_pairs", "verified");
    assert_ask(f, "SELECT evidence FROM pairs", "{\"kind\":\"declared\",\"trust\":\"verified\"}");
    put_text(f, "s.jsonl",
             "{\"prompt\":\"q1\",\"chosen\":\"a1\",\"rejected\":\"b1\",\"answer\":\"a1\","
             "\"domain\":\"d\"}\n");
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .lines = 1, .known = 1});
    assert_ask(f, "SELECT answer||domain FROM seeds", "a1d");
    assert_counters(f);
}

static void a_record_of_another_file_is_a_duplicate_as_long_as_it_stands_there(void **state)
{
    struct fixture *f = *state;
    put_text(f, "a.jsonl", PAIR("1") PAIR("2"));
    put_text(f, "b.jsonl", PAIR("3") PAIR("1"));
    want(f, "*.jsonl", "auto", "");
    import_all(f);
    assert_report(
        f, (struct intake_report){.files = 2, .lines = 4, .added = 3, .pairs = 3, .invalid = 1});
    assert_ask(f, "SELECT path||line||reason FROM quarantine JOIN files USING (file)",
               "b.jsonl2duplicate of a.jsonl:1");
    put_text(f, "a.jsonl", PAIR("2")); /* moved: no longer in a */
    put_text(f, "b.jsonl", PAIR("3") PAIR("1"));
    import_all(f);
    assert_report(f, (struct intake_report){.files = 2, .lines = 3, .known = 3});
    assert_ask(f,
               "SELECT path||s.line FROM seeds s JOIN files USING (file) WHERE prompt LIKE '%q1%'",
               "b.jsonl2");
    assert_counters(f);
}

static void one_pair_in_two_formats_is_stored_once(void **state)
{
    struct fixture *f = *state;
    put_text(
        f, "s.jsonl",
        "{\"question\":\"q\",\"ground_truth\":\"A: 1\",\"m\":{\"is_correct\":true,\"solution\":"
        "\"A: 1\"},\"n\":{\"is_correct\":false,\"solution\":\"A: 2\"}}\n"
        "{\"prompt\":\"q\",\"chosen\":\"A: 1\",\"rejected\":\"A: 2\"}\n"
        "{\"prompt\":\"q\",\"chosen\":\"A: 1\",\"rejected\":\"A: 2\",\"x\":1}\n"
        "{\"prompt\":\"q\",\"chosen\":\"A: 2\",\"rejected\":\"A: 1\"}\n");
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_report(
        f, (struct intake_report){.files = 1, .lines = 4, .added = 2, .pairs = 2, .invalid = 2});
    assert_counters(f);
}

static void an_import_that_was_cut_off_goes_on_and_doubles_nothing(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl",
             PAIR("1") "bad\n" PAIR("2") PAIR("1") PAIR("3") PAIR("4") "bad\n" PAIR("5"));
    want(f, "s.jsonl", "auto", "");
    for (int most = 1; most <= 4; most++)
        assert_int_equal(import(f, 2, most), INTAKE_MORE);
    assert_counters(f);
    import_all(f);
    assert_report(f, (struct intake_report){
                         .files = 1, .lines = 8, .added = 1, .known = 4, .pairs = 1, .invalid = 3});
    assert_ask(f, "SELECT count(*) FROM pairs", "5");
    assert_ask(f, "SELECT group_concat(line) FROM quarantine", "2,4,7");
    assert_counters(f);
    import_all(f);
    assert_int_equal(f->report.unchanged, 1);
}

static void what_was_rolled_back_is_not_there(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", PAIR("1") PAIR("2"));
    want(f, "s.jsonl", "auto", "");
    struct store *s = store_open(f->store_path, STORE_WRITE, &f->e);
    struct intake *i = intake_new(s, &f->project, NULL, 0, &f->e);
    assert_non_null(i);
    assert_true(store_begin(s, &f->e));
    assert_int_equal(intake_step(i, 100, &f->e), INTAKE_DONE);
    store_rollback(s);
    intake_free(i);
    store_close(s);
    assert_ask(f, "SELECT count(*) FROM seeds", "0");
    import_all(f);
    assert_int_equal(f->report.added, 2);
    assert_counters(f);
}

#define RANKED(prompt, answers) \
    "{\"prompt\":\"" prompt "\",\"num_responses\":3,\"answers\":[" answers "]}\n"
#define ANSWER(text, rank) "{\"answer\":\"" text "\",\"model\":\"m\",\"rank\":" rank "}"

static void one_record_can_have_many_pairs_and_gets_more_when_the_settings_change(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", RANKED("q", ANSWER("a", "1") "," ANSWER("b", "2") "," ANSWER("c", "3")));
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .lines = 1, .added = 1, .pairs = 2});
    assert_ask(f, "SELECT count(*) FROM responses", "3");
    assert_ask(f, "SELECT rows FROM v_imports WHERE reason = 'paired' AND importer = 'nectar'",
               "1");
    f->project.import = (struct project_import){.ranking = RANKING_ALL, .max_pairs = 32};
    import_all(f); /* the file is the same, what is wanted of it is not */
    assert_report(f, (struct intake_report){.files = 1, .lines = 1, .known = 1, .pairs = 1});
    assert_ask(f,
               "SELECT c.messages||r.messages FROM pairs p JOIN responses c ON c.response = chosen"
               " JOIN responses r ON r.response = rejected ORDER BY pair DESC LIMIT 1",
               "[{\"role\":\"assistant\",\"content\":\"b\"}][{\"role\":\"assistant\",\"content\":"
               "\"c\"}]");
    assert_ask(f, "SELECT count(*) FROM responses", "3");
    assert_counters(f);
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .unchanged = 1});
}

static void records_that_share_a_pair_keep_what_is_their_own(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl",
             RANKED("q", ANSWER("a", "1") "," ANSWER("b", "2"))
                 RANKED("q", ANSWER("a", "1") "," ANSWER("b", "2") "," ANSWER("c", "3"))
                     RANKED("q", ANSWER("a", "1") "," ANSWER("c", "2"))
                         RANKED("q", ANSWER("a", "1") "," ANSWER("a", "1") "," ANSWER("d", "2")));
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_report(
        f, (struct intake_report){.files = 1, .lines = 4, .added = 3, .pairs = 3, .invalid = 1});
    assert_ask(f, "SELECT line||reason FROM quarantine", "3duplicate of s.jsonl:2");
    assert_ask(f, "SELECT line||' '||count(*) FROM pairs JOIN seeds USING (seed) GROUP BY line",
               "1 1\n2 1\n4 1");
    assert_counters(f);
    put_text(f, "s.jsonl",
             RANKED("q", ANSWER("a", "1") "," ANSWER("b", "2") "," ANSWER("c", "3"))
                 RANKED("q", ANSWER("a", "1") "," ANSWER("b", "2")));
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .lines = 2, .known = 2});
    assert_counters(f);
}

#define SCORED(prompt, answer, score)                                               \
    "{\"prompt\":\"" prompt "\",\"response\":\"" answer "\",\"helpfulness\":" score \
    ",\"correctness"                                                                \
    "\":1,\"coherence\":1,\"complexity\":1,\"verbosity\":1}\n"

/* Whatever the size of the slices: two lines of a prompt are one record, a third begins another. */
static void lines_are_joined_across_slices(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl",
             SCORED("q", "a", "1") SCORED("q", "b", "2") SCORED("q", "c", "3")
                 PAIR("1") "bad\n" SCORED("r", "a", "\"x\"") SCORED("r", "b", "2")
                     SCORED("s", "a", "2") SCORED("s", "b", "2"));
    want(f, "s.jsonl", "auto", "");
    assert_int_equal(import(f, 1, 1 << 20), INTAKE_DONE);
    assert_report(f,
                  (struct intake_report){
                      .files = 1, .lines = 9, .added = 4, .pairs = 2, .invalid = 3, .waiting = 2});
    assert_int_equal(f->report.without[SEED_JOINED], 2);
    assert_int_equal(f->report.without[SEED_TIE], 1);
    assert_ask(f, "SELECT line||' '||rows||' '||reason FROM quarantine ORDER BY line",
               "5 1 broken JSON: at byte 1: 'b' where a value should be\n"
               "6 2 'helpfulness' must be a number");
    assert_ask(f, "SELECT group_concat(line) FROM (SELECT line FROM seeds ORDER BY line)",
               "1,3,4,8");
    assert_ask(f, "SELECT sum(rows) FROM v_imports", "9");
    assert_ask(f, "SELECT sum(rows) FROM v_imports WHERE reason = 'invalid'", "3");
    assert_ask(f, "SELECT value FROM counters WHERE name = 'seeds.invalid'", "3");
    put_text(f, "s.jsonl", SCORED("s", "b", "2"));
    import_all(f);
    assert_ask(f, "SELECT value FROM counters WHERE name = 'seeds.invalid'", "0");
}

static void what_an_evaluation_set_is_comes_from_the_file_or_the_project(void **state)
{
    static const struct {
        const char *path, *wanted;
    } rows[] = {
        {"train.jsonl", ""},
        {"gsm8k_test.jsonl", "GSM8K test"},
        {"test/main.jsonl", "GSM8K test"},
        {"test/train.jsonl", ""},
        {"latest/attest.jsonl", ""},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[200], dir[600], sql[100];
        snprintf(dir, sizeof dir, "%s", path_in(f, rows[i].path));
        *strrchr(dir, '/') = '\0';
        assert_true(files_mkdirs(dir, &f->e));
        snprintf(line, sizeof line, "{\"question\":\"q%zu\",\"answer\":\"#### 1\"}\n", i);
        put_text(f, rows[i].path, line);
        f->project.seeds.n = 0;
        want(f, rows[i].path, "auto", "");
        import_all(f);
        snprintf(sql, sizeof sql, "SELECT eval_set FROM seeds WHERE prompt LIKE '%%q%zu%%'", i);
        assert_ask(f, sql, rows[i].wanted);
    }
    f->seeds[0].eval_set = "my own";
    import_all(f);
    assert_int_equal(f->report.known, 1);
    assert_ask(f, "SELECT eval_set FROM seeds WHERE eval_set LIKE 'my%'", "my own");
}

static void a_pair_s_identity_is_its_content(void **state)
{
    (void)state;
    struct message m[] = {{S("user"), S("q")}, {S("assistant"), S("a")}, {S("assistant"), S("b")}};
    static struct seed_record r;
    r.n_responses = 2;
    r.n_pairs = 1;
    r.pairs[0] = (struct seed_pair){.chosen = 0, .rejected = 1};
    r.prompt = (struct chat){&m[0], 1};
    r.responses[0].chat = (struct chat){&m[1], 1};
    r.responses[1].chat = (struct chat){&m[2], 1};
    struct id first = seeds_pair_id(&r, 0);
    r.name = S("another id");
    r.trust = TRUST_VERIFIED;
    struct id same = seeds_pair_id(&r, 0);
    r.pairs[0] = (struct seed_pair){.chosen = 1, .rejected = 0};
    struct id turned = seeds_pair_id(&r, 0);
    assert_true(id_eq(&first, &same));
    assert_false(id_eq(&first, &turned));
}

static void the_real_gsm8k_solutions_give_731_pairs(void **state)
{
    struct fixture *f = *state;
    const char *shared = getenv("GAVEL_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/data/gsm8k/example_model_solutions.jsonl",
             shared ? shared : "");
    if (!shared || access(path, R_OK) != 0) {
        printf("skipped: GAVEL_SHARED does not name a folder with data/gsm8k\n");
        skip();
    }
    f->project.limits.line_bytes = 4 << 20;
    want(f, path, "auto", "");
    import_all(f);
    assert_report(f, (struct intake_report){
                         .files = 1, .lines = 1319, .added = 1319, .pairs = 731, .waiting = 588});
    assert_ask(f, "SELECT count(*) FROM pairs WHERE trust = 2", "731");
    assert_ask(f, "SELECT count(*) FROM responses", "5276");
    assert_ask(f, "SELECT count(*) FROM quarantine", "0");
    assert_counters(f);
}

/* What is shared beside the project: counted by eye, or by the files' own descriptions. */
static void real_files_are_counted_to_the_row(void **state)
{
    static const struct {
        const char *path, *importer, *eval_set;
        int64_t rows, paired, pairs; /* pairs: right answers times wrong ones */
    } files[] = {
        {"data/gsm8k/test.jsonl", "gsm8k", "GSM8K test", 1319, 0, 0},
        {"data/mt-bench/question.jsonl", "mt_bench_questions", "MT-bench", 80, 0, 0},
        {"data/qwen-math-rm/math_cot_100.jsonl", "qwen_math", "MATH test", 100, 10, 121},
    };
    struct fixture *f = *state;
    const char *shared = getenv("GAVEL_SHARED");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[512], sql[200];
        snprintf(path, sizeof path, "%s/%s", shared ? shared : "", files[i].path);
        if (!shared || access(path, R_OK) != 0) {
            printf("skipped: GAVEL_SHARED does not name a folder with %s\n", files[i].path);
            skip();
        }
        f->project.limits.line_bytes = 4 << 20;
        f->project.seeds.n = 0;
        want(f, path, "auto", "");
        import_all(f);
        assert_report(f, (struct intake_report){.files = 1,
                                                .lines = files[i].rows,
                                                .added = files[i].rows,
                                                .pairs = files[i].pairs,
                                                .waiting = files[i].rows - files[i].paired});
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM seeds WHERE importer = '%s' AND eval_set = '%s'",
                 files[i].importer, files[i].eval_set);
        char rows[32];
        snprintf(rows, sizeof rows, "%lld", (long long)files[i].rows);
        assert_ask(f, sql, rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_line_says_is_stored),
        TEST(every_bad_line_is_quarantined_with_its_reason),
        TEST(an_edited_file_brings_what_is_new_and_forgets_old_complaints),
        TEST(what_is_said_about_a_known_pair_can_be_corrected),
        TEST(a_record_of_another_file_is_a_duplicate_as_long_as_it_stands_there),
        TEST(one_pair_in_two_formats_is_stored_once),
        TEST(an_import_that_was_cut_off_goes_on_and_doubles_nothing),
        TEST(what_was_rolled_back_is_not_there),
        TEST(one_record_can_have_many_pairs_and_gets_more_when_the_settings_change),
        TEST(records_that_share_a_pair_keep_what_is_their_own),
        TEST(lines_are_joined_across_slices),
        TEST(what_an_evaluation_set_is_comes_from_the_file_or_the_project),
        TEST(a_pair_s_identity_is_its_content),
        TEST(the_real_gsm8k_solutions_give_731_pairs),
        TEST(real_files_are_counted_to_the_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The project file: every key's bounds, what is refused and how it is said, fingerprints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "schemas/project.h"
#include "tests/lib/scratch.h"

static const char base_text[] = "store: x.db\n"
                                "seeds:\n"
                                "- {path: seeds.jsonl}\n"
                                "endpoints:\n"
                                "- {url: \"http://127.0.0.1:8000/v1\", model: teacher}\n";

static struct project project;
static struct arena arena;

/* The base file with these assignments on top. */
static bool load(const char *const *sets, size_t n, struct err *e)
{
    const char *path = scratch_write("gavel.yaml", slice_of(base_text));
    arena_free(&arena);
    arena_init(&arena, 16 << 20);
    return project_load(&project, &arena, path, sets, n, e);
}

static bool load_set(const char *assignment, struct err *e)
{
    return load(&assignment, 1, e);
}

static bool load_text(const char *text, struct err *e)
{
    arena_free(&arena);
    arena_init(&arena, 16 << 20);
    return project_from_text(&project, &arena, "p.yaml", slice_of(text), e);
}

static void must_fail(const char *assignment, const char *expect)
{
    struct err e;
    if (load_set(assignment, &e))
        fail_msg("%s was taken", assignment);
    if (e.code != ERR_USAGE || !strstr(e.text, expect))
        fail_msg("%s: \"%s\" does not say \"%s\"", assignment, e.text, expect);
}

/* Every row, with its path */

static void each_row(const struct conf_row *rows, const char *prefix,
                     void (*fn)(const struct conf_row *row, const char *path))
{
    for (const struct conf_row *r = rows; r->key; r++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", prefix, r->key);
        fn(r, path);
        char below[160];
        snprintf(below, sizeof below, "%s%s.", path, r->type == CONF_LIST ? "[0]" : "");
        if (r->rows)
            each_row(r->rows, below, fn);
    }
}

static bool has_bounds(const struct conf_row *r)
{
    return (r->type == CONF_INT || r->type == CONF_DOUBLE) && (r->min != 0 || r->max != 0);
}

static void refuse_outside(const struct conf_row *r, const char *path)
{
    char assignment[256];
    double step = r->type == CONF_INT ? 1 : 0.001 + fabs(r->max) * 1e-9;
    if (!has_bounds(r))
        return;
    /* Beyond 2^53 a double cannot tell neighbours apart. */
    const double outside[] = {r->min - step, r->max + (r->max < 9e15 ? step : 2)};
    for (size_t i = 0; i < 2; i++) {
        if (r->type == CONF_INT)
            snprintf(assignment, sizeof assignment, "%s=%.0f", path, outside[i]);
        else
            snprintf(assignment, sizeof assignment, "%s=%.17g", path, outside[i]);
        must_fail(assignment, r->key);
    }
    snprintf(assignment, sizeof assignment, "%s=many", path);
    must_fail(assignment, r->key);
}

static void numbers_outside_their_bounds_are_refused_by_name(void **state)
{
    (void)state;
    each_row(project_rows, "", refuse_outside);
}

/* At its bounds a key is taken, unless a rule about two keys says otherwise. */
static void take_bounds(const struct conf_row *r, const char *path)
{
    static const struct {
        const char *path, *sets[3];
    } companions[] = {
        {"accept.k", {"accept.n=64"}},
        {"accept.n", {"accept.k=1"}},
        {"accept.verified.k", {"accept.verified.n=64"}},
        {"accept.verified.n", {"accept.verified.k=1"}},
        {"accept.human.k", {"accept.human.n=64"}},
        {"accept.human.n", {"accept.human.k=1"}},
        {"accept.synthetic.k", {"accept.synthetic.n=64"}},
        {"accept.synthetic.n", {"accept.synthetic.k=1"}},
        {"deadlines.total", {"deadlines.connect=0.01"}},
        {"build.samples", {"build.right=1", "build.wrong=1"}},
        {"build.right", {"build.samples=64", "build.wrong=1"}},
        {"build.wrong", {"build.samples=64", "build.right=1"}},
        {"build.min_overlap", {"build.max_overlap=1"}},
        {"build.max_overlap", {"build.min_overlap=0"}},
        {"hint.k", {"hint.n=64"}},
        {"hint.n", {"hint.k=1"}},
        {"quotas[0].pass_from", {"quotas[0].accepted=1", "accept.stop=full"}},
        {"quotas[0].pass_to", {"quotas[0].accepted=1", "accept.stop=full"}},
    };
    static const char *const beyond[] = {"budget.cost_usd", "quotas[0].accepted"};
    if (!has_bounds(r))
        return;
    for (int i = 0; i < 2; i++) {
        char assignment[256];
        struct err e;
        const char *sets[4] = {assignment, "tries=6", "tries=6", "tries=6"};
        snprintf(assignment, sizeof assignment, "%s=%.17g", path, i ? r->max : r->min);
        for (size_t c = 0; c < sizeof companions / sizeof companions[0]; c++)
            for (size_t at = 0; strcmp(companions[c].path, path) == 0 && at < 3; at++)
                if (companions[c].sets[at])
                    sets[at + 1] = companions[c].sets[at];
        bool other_rule = strcmp(path, beyond[0]) == 0 ? i == 1
                                                       : strcmp(path, beyond[1]) == 0 && i == 0;
        if (!other_rule && !load(sets, 4, &e))
            fail_msg("%s: %s", assignment, e.text);
    }
}

static void numbers_at_their_bounds_are_taken(void **state)
{
    (void)state;
    each_row(project_rows, "", take_bounds);
}

static void refuse_unknown_beside(const struct conf_row *r, const char *path)
{
    char assignment[256];
    if (r->type == CONF_SECTION)
        snprintf(assignment, sizeof assignment, "%s.nosuchkey=1", path);
    else if (r->type == CONF_LIST)
        snprintf(assignment, sizeof assignment, "%s[0].nosuchkey=1", path);
    else if (r->type == CONF_ENUM)
        snprintf(assignment, sizeof assignment, "%s=nosuchname", path);
    else
        return;
    must_fail(assignment, r->type == CONF_ENUM ? "nosuchname" : "nosuchkey");
}

static void unknown_keys_and_names_are_refused_everywhere(void **state)
{
    (void)state;
    must_fail("nosuchkey=1", "nosuchkey");
    each_row(project_rows, "", refuse_unknown_beside);
}

static void every_row_explains_itself(const struct conf_row *r, const char *path)
{
    if (!r->help || !r->help[0])
        fail_msg("%s has no help", path);
}

static void every_key_has_a_help_text(void **state)
{
    (void)state;
    each_row(project_rows, "", every_row_explains_itself);
}

static void an_error_names_line_column_and_the_nearest_key(void **state)
{
    (void)state;
    struct err e;
    assert_false(
        load_text("endpoints: [{url: \"http://h/v1\", model: m}]\naccept:\n  spectulate: 3\n", &e));
    assert_non_null(strstr(e.text, "p.yaml:3:3"));
    assert_non_null(strstr(e.text, "spectulate"));
    assert_non_null(strstr(e.text, "'speculate'"));
}

/* What comes later, and what two keys say together */

static void what_comes_later_is_known_and_says_so(void **state)
{
    (void)state;
    must_fail("budget.cost_usd=1", "not enforced in this version");
    must_fail("endpoints[0].role=generator", "role teacher");
}

static void keys_that_contradict_each_other_are_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"accept.k=5", "accept.k must not be larger than accept.n"},
        {"accept.human={n: 2}", "accept.human asks for 3 correct of at most 2"},
        {"accept.verified={k: 5}", "accept.verified asks for 5 correct of at most 4"},
        {"accept.synthetic={k: 2, n: 1}", "accept.synthetic asks for 2"},
        {"accept.rule=mean_score", "the format verdict has none of"},
        {"judge.mix={verdicts: 1}", "knows no format 'verdicts'"},
        {"judge.mix={verdict: 1, scores: 0}", "scores a weight above 0"},
        {"judge.mix={verdict: -1}", "verdict a weight above 0"},
        {"judge.templates[0]={format: plan}", "one of path and text"},
        {"judge.templates[0]={path: a, text: b}", "not both"},
        {"judge.templates=[{text: a, language: de}, {text: b, language: de}]",
         "same format and language as judge.templates[0]"},
        {"quotas[0]={domain: law}", "how many pairs are enough"},
        {"quotas[0]={trust: certain, accepted: 1}", "unknown trust"},
        {"quotas[0]={pass_from: 0.5, pass_to: 0.4, accepted: 1}", "pass_from above pass_to"},
        {"quotas[0]={pass_from: 0.5, accepted: 1}", "set accept.stop to full"},
        {"quotas[0]={pass_to: 0.5, accepted: 1}", "set accept.stop to full"},
        {"hint={k: 3, n: 2}", "hint.k must not be larger than hint.n"},
        {"reflection.cues=[\"Wait\", \" \"]", "must not be blank"},
        {"reflection={min_tokens: 9, max_tokens: 8}", "reflection.min_tokens"},
        {"reflection.proportions={natural: 0.6, right_to_right: 0.6}", "more than 1"},
        {"reflection.proportions={natural: -0.1}", "between 0 and 1"},
        {"reflection.proportions={right_to_wrong: 0.1}", "not 'right_to_wrong'"},
        {"workers.listen=ipc:///tmp/x", "tcp://"},
        {"workers.listen=tcp://host", "tcp://"},
        {"workers.listen=tcp://:5555", "tcp://"},
        {"workers.listen=\"tcp://0.0.0.0:\"", "65535"},
        {"workers.listen=tcp://0.0.0.0:555555", "65535"},
        {"export.split={train: 0.5}", "add up to 1"},
        {"export.split={train: 1.5, rest: -0.5}", "between 0 and 1"},
        {"export.split={\"a/b\": 1}", "letters"},
        {"export.trust=[certain]", "verified, human and synthetic"},
        {"seeds[0].trust=certain", "verified, human or synthetic"},
        {"seeds[0].path=\"\"", "is missing"},
        {"endpoints[0].model=\"\"", "is missing"},
        {"generation.extra='{\"seed\": 1}'", "Gavel sets itself"},
        {"generation.extra='[1]'", "JSON object"},
        {"generation.extra='{'", "JSON object"},
        {"endpoints=[]", "endpoints"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        must_fail(rows[i][0], rows[i][1]);
    struct err e;
    static const char *const together[][3] = {
        {"accept.rule=mean_score", "judge.mix={scores: 1, plan: 1}", "the format plan has none of"},
        {"accept={rule: mean_score, stop: adaptive}", "judge.format=scores",
         "does not go with the rule"},
        {"judge.format=pointwise", "reflection.mode=wrong_to_right", "neither right nor wrong"},
        {"judge.mix={verdict: 9, pointwise: 1}", "reflection.mode=right_to_right",
         "neither right nor wrong"},
        {"judge.format=pointwise", "hint.share=0.1", "leave hint out"},
        {"judge.format=pointwise", "endpoints[1]={url: \"http://h/v1\", model: m, role: checker}",
         "leave the checker out"},
        {"purpose=evaluate", "export.dir=out", "measures and exports nothing"},
    };
    for (size_t i = 0; i < sizeof together / sizeof together[0]; i++) {
        if (load(together[i], 2, &e))
            fail_msg("%s and %s were taken", together[i][0], together[i][1]);
        if (!strstr(e.text, together[i][2]))
            fail_msg("\"%s\" does not say \"%s\"", e.text, together[i][2]);
    }
    const char *both[] = {"endpoints[0].api_key_env=A", "endpoints[0].api_key_file=b"};
    assert_false(load(both, 2, &e));
    assert_non_null(strstr(e.text, "exclude each other"));
}

static void what_goes_together_is_taken(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"accept.rule=majority", "accept.n=1"}, /* k is not looked at */
        {"accept.rule=share", "accept.human={n: 1}"},
        {"accept={rule: mean_score, stop: full}",
         "judge.mix={scores: 1, scores_verdict: 2, pointwise: 1}"},
        {"accept.rule=mean_score", "judge.format=pointwise"},
        {"accept.stop=adaptive", "accept.human={k: 1, n: 2}"},
        {"accept.stop=full", "quotas=[{pass_from: 0.2, pass_to: 0.8, accepted: 5}]"},
        {"quotas=[{trust: human, accepted: 5}]", "accept.stop=adaptive"},
        {"judge.format=pointwise", "reflection.mode=mixed"},
        {"judge.format=pointwise", "reflection.mode=wait"},
        {"purpose=evaluate", "accept.stop=full"},
        {"reflection={mode: mixed, proportions: {natural: 0.2, right_to_right: 0.8}}",
         "hint.share=0.1"},
        {"endpoints[1]={url: \"http://h/v1\", model: another}",
         "endpoints[2]={url: \"http://h/v1\", model: small, role: student}"},
        {"endpoints[1]={url: \"http://h/v1\", model: c, role: checker}", "checker.claims=false"},
        {"judge.templates=[{text: a}, {text: b, language: de}, {text: c, format: plan}]",
         "tries=1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e;
        if (!load(rows[i], 2, &e))
            fail_msg("%s and %s: %s", rows[i][0], rows[i][1], e.text);
    }
}

static void a_trust_class_has_the_bar_it_says_or_the_common_one(void **state)
{
    (void)state;
    static const struct {
        const char *sets[2];
        enum trust trust;
        int k, n;
        const char *why;
    } rows[] = {
        {{"accept={k: 2, n: 3}", "tries=1"}, TRUST_HUMAN, 2, 3, "the common one"},
        {{"accept={k: 2, n: 3}", "accept.human={k: 4, n: 5}"}, TRUST_HUMAN, 4, 5, "its own"},
        {{"accept={k: 2, n: 3}", "accept.human={n: 8}"}, TRUST_HUMAN, 2, 8, "half its own"},
        {{"accept={k: 2, n: 3}", "accept.human={k: 4, n: 5}"}, TRUST_VERIFIED, 2, 3, "not its own"},
        {{"accept={rule: majority, n: 5}", "tries=1"}, TRUST_HUMAN, 3, 5, "more than half of 5"},
        {{"accept={rule: majority, n: 4}", "tries=1"}, TRUST_HUMAN, 3, 4, "more than half of 4"},
        {{"accept={rule: share, share: 0.75, n: 8}", "tries=1"}, TRUST_HUMAN, 6, 8, "exactly"},
        {{"accept={rule: share, share: 0.7, n: 8}", "tries=1"}, TRUST_HUMAN, 6, 8, "rounded up"},
        {{"accept={rule: share, share: 0.01, n: 8}", "tries=1"}, TRUST_HUMAN, 1, 8, "at least one"},
        {{"accept={rule: mean_score, n: 8}", "judge.format=scores"}, TRUST_HUMAN, 0, 8, "no k"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e;
        if (!load(rows[i].sets, 2, &e))
            fail_msg("%s: %s", rows[i].why, e.text);
        struct project_bar bar = project_bar(&project, rows[i].trust);
        if (bar.k != rows[i].k || bar.n != rows[i].n)
            fail_msg("%s: %d of %d", rows[i].why, (int)bar.k, (int)bar.n);
    }
}

/* Secrets */

static void secrets_in_the_file_are_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"endpoints[0].url=http://me:hunter2@host/v1", "must not hold a user or password"},
        {"endpoints[0].url=http://me@host/v1", "must not hold a user or password"},
        {"endpoints[0].url=http://host/v1?key=hunter2", "without ? or #"},
        {"endpoints[0].url=http://host/v1#hunter2", "without ? or #"},
        {"endpoints[0].api_key=hunter2", "api_key"},
        {"endpoints[0].url=ftp://host/v1", "http:// or https://"},
        {"endpoints[0].url=host:8000", "http:// or https://"},
        {"endpoints[0].url=\"http://\"", "http:// or https://"},
        {"endpoints[0].url=\"http://a b/v1\"", "without blanks"},
        {"endpoints[0].url=\"http://a\\nb/v1\"", "without blanks"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        must_fail(rows[i][0], rows[i][1]);
    struct err e;
    assert_false(load_set("endpoints[0].url=http://me:hunter2@host/v1", &e));
    assert_null(strstr(e.text, "hunter2"));
    assert_true(load_set("endpoints[0].url=https://[::1]:8443/a@b/v1", &e));
}

static void a_key_in_the_place_of_its_variable_is_refused_unseen(void **state)
{
    (void)state;
    static const char *const keys[] = {"sk-hunter2hunter2", "hf_hunter2hunter2hunter2", "2hunter2",
                                       "hunter2 hunter2"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char set[100];
        struct err e;
        snprintf(set, sizeof set, "endpoints[0].api_key_env=%s", keys[i]);
        assert_false(load_set(set, &e));
        assert_non_null(strstr(e.text, "name of an environment variable"));
        assert_null(strstr(e.text, "hunter2"));
    }
    struct err e;
    assert_true(load_set("endpoints[0].api_key_env=teacher_key_2", &e));
}

static void a_key_file_is_relative_to_the_project_whoever_opens_it(void **state)
{
    (void)state;
    struct err e;
    assert_true(load_set("endpoints[0].api_key_file=keys/a", &e));
    const struct project_endpoint *teacher = project_teacher(&project);
    assert_int_equal(teacher->api_key_file[0], '/');
    assert_true(slice_ends(slice_of(teacher->api_key_file), S("/keys/a")));
    assert_true(load_set("endpoints[0].api_key_file=/keys/a", &e));
    assert_string_equal(project_teacher(&project)->api_key_file, "/keys/a");
}

static void the_keys_value_is_in_no_text_of_the_project(void **state)
{
    (void)state;
    struct err e;
    struct buf b;
    setenv("SIM_KEY", "hunter2hunter2", 1);
    assert_true(load_set("endpoints[0].api_key_env=SIM_KEY", &e));
    buf_init(&b, 1 << 20);
    project_text(&project, 0, &b);
    assert_non_null(strstr(buf_cstr(&b), "SIM_KEY"));
    assert_null(strstr(buf_cstr(&b), "hunter2"));
    buf_free(&b);
}

/* Texts and fingerprints */

static void text_of(char part, struct buf *b)
{
    buf_clear(b);
    project_text(&project, part, b);
}

static void the_text_of_a_project_is_read_back_as_the_same_project(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "name=\"a \\\"quoted\\\" n\\u00e4me\\n\"",
        "generation.temperature=0.1",
        "generation.extra='{\"min_p\": 0.1}'",
        "accept={k: 2, n: 3, stop: full, keep: longest}",
        "filters=[length, {repetition: {}}]",
        "export={dir: out, formats: [sft], split: {a: 0.3, b: 0.7}, compress: zstd}",
        "endpoints[1]={url: \"https://h/v1\", model: teacher, max_in_flight: 3}",
        "deadlines.idle=0.333333333333333315",
    };
    struct err e;
    struct buf before, after;
    buf_init(&before, 1 << 20);
    buf_init(&after, 1 << 20);
    bool ok = load(sets, sizeof sets / sizeof sets[0], &e);
    if (!ok)
        fail_msg("%s", e.text);
    text_of(0, &before);
    char *text = strdup(buf_cstr(&before));
    ok = load_text(text, &e);
    if (!ok)
        fail_msg("%s", e.text);
    text_of(0, &after);
    assert_string_equal(buf_cstr(&before), buf_cstr(&after));
    assert_true(project.generation.temperature_given);
    assert_false(project.generation.top_p_given);
    assert_int_equal(project.endpoints.n, 2);
    free(text);
    buf_free(&before);
    buf_free(&after);
}

static void recipe_rules_and_neither(void **state)
{
    (void)state;
    static const struct {
        const char *assignment;
        bool recipe, rules;
    } rows[] = {
        {"generation.max_tokens=7", true, false},
        {"generation.temperature=0", true, false},
        {"generation.send_seed=false", true, false},
        {"judge.format=scores", true, false},
        {"judge.mix={verdict: 1, plan: 1}", true, false},
        {"judge.nonce=true", true, false},
        {"judge.templates=[{text: x}]", true, false},
        {"reflection.mode=wait", true, false},
        {"reflection.cues=[Wait]", true, false},
        {"accept.n=5", false, true},
        {"accept.stop=full", false, true},
        {"accept.human.n=5", false, true},
        {"quotas=[{domain: law, accepted: 5}]", false, true},
        {"hint.share=0.1", false, true},
        {"checker.claims=false", false, true},
        {"student.n=5", false, true},
        {"filters=[]", false, true},
        {"filters=[length]", false, true},
        {"calibration=0.5", false, true},
        {"endpoints[0].url=http://elsewhere/v1", false, false},
        {"endpoints[0].max_in_flight=7", false, false},
        {"endpoints[0].continuation=flag", false, false},
        {"deadlines.total=7000", false, false},
        {"tries=7", false, false},
        {"workers.slots=7", false, false},
        {"budget.calls=7", false, false},
        {"export.shard_rows=7", false, false},
        {"name=another", false, false},
    };
    struct err e;
    struct buf recipe, rules, b;
    buf_init(&recipe, 1 << 20);
    buf_init(&rules, 1 << 20);
    buf_init(&b, 1 << 20);
    assert_true(load(NULL, 0, &e));
    project_text(&project, PART_RECIPE, &recipe);
    project_rules_text(&project, &rules);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!load_set(rows[i].assignment, &e))
            fail_msg("%s: %s", rows[i].assignment, e.text);
        text_of(PART_RECIPE, &b);
        bool recipe_moved = !slice_eq(buf_view(&b), buf_view(&recipe));
        buf_clear(&b);
        project_rules_text(&project, &b);
        bool rules_moved = !slice_eq(buf_view(&b), buf_view(&rules));
        if (recipe_moved != rows[i].recipe || rules_moved != rows[i].rules)
            fail_msg("%s: recipe %d, rules %d", rows[i].assignment, recipe_moved, rules_moved);
    }
    buf_free(&recipe);
    buf_free(&rules);
    buf_free(&b);
}

static void a_template_is_read_when_the_project_is(void **state)
{
    (void)state;
    struct err e;
    scratch_write("mine.txt", S("the prompt"));
    const char *sets[] = {"judge.templates=[{path: mine.txt, language: de}]"};
    assert_true(load(sets, 1, &e));
    const struct project_template *t = project.judge.templates.items;
    assert_string_equal(t->text, "the prompt");
    assert_string_equal(t->path, ""); /* so that the text goes to workers elsewhere */
    must_fail("judge.templates=[{path: nowhere.txt}]", "there is no file");
}

static void a_folder_means_its_gavel_yaml_and_paths_are_relative_to_it(void **state)
{
    (void)state;
    struct err e;
    assert_true(load(NULL, 0, &e)); /* writes the file */
    assert_true(project_load(&project, &arena, scratch_folder, NULL, 0, &e));
    assert_string_equal(project.dir, scratch_folder);
    const char *path = project_path(&project, &arena, "x.db");
    assert_true(slice_ends(slice_of(path), S("/x.db")));
    assert_true(slice_starts(slice_of(path), slice_of(scratch_folder)));
    assert_string_equal(project_path(&project, &arena, "/abs/x.db"), "/abs/x.db");
}

static void a_missing_file_says_how_to_make_one(void **state)
{
    (void)state;
    struct err e;
    assert_false(project_load(&project, &arena, scratch_path("nothing.yaml"), NULL, 0, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.text, "gavel init"));
}

static void what_is_not_said_has_the_documented_default(void **state)
{
    (void)state;
    struct err e;
    assert_true(load(NULL, 0, &e));
    assert_int_equal(project.accept.k, 3);
    assert_int_equal(project.accept.n, 4);
    assert_int_equal(project.accept.stop, STOP_EARLY);
    assert_int_equal(project.accept.keep_per_order, 1);
    assert_true(project.accept.cut);
    assert_int_equal(project.tries, 6);
    assert_true(project.give_up_after == 900 && project.calibration == 0.05);
    assert_int_equal(project.generation.max_tokens, 16384);
    assert_false(project.generation.stream);
    assert_true(project.deadlines.connect == 10 && project.deadlines.first_byte == 600);
    assert_true(project.deadlines.idle == 120 && project.deadlines.total == 1800);
    assert_int_equal(project.workers.local, 1);
    assert_int_equal(project.workers.slots, 256);
    assert_int_equal(project.filters.n, 2);
    assert_int_equal(project.export.formats.n, 3);
    assert_int_equal(project.purpose, PURPOSE_TRAIN);
    assert_int_equal(project.judge.format, FORMAT_VERDICT);
    assert_int_equal(project.reflection.mode, REFLECT_MIXED);
    assert_ptr_equal(project_teacher(&project), project.endpoints.items);
}

static int teardown(void **state)
{
    arena_free(&arena);
    return scratch_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_outside_their_bounds_are_refused_by_name),
        cmocka_unit_test(numbers_at_their_bounds_are_taken),
        cmocka_unit_test(unknown_keys_and_names_are_refused_everywhere),
        cmocka_unit_test(every_key_has_a_help_text),
        cmocka_unit_test(an_error_names_line_column_and_the_nearest_key),
        cmocka_unit_test(what_comes_later_is_known_and_says_so),
        cmocka_unit_test(keys_that_contradict_each_other_are_refused),
        cmocka_unit_test(what_goes_together_is_taken),
        cmocka_unit_test(a_trust_class_has_the_bar_it_says_or_the_common_one),
        cmocka_unit_test(secrets_in_the_file_are_refused),
        cmocka_unit_test(a_key_in_the_place_of_its_variable_is_refused_unseen),
        cmocka_unit_test(a_key_file_is_relative_to_the_project_whoever_opens_it),
        cmocka_unit_test(the_keys_value_is_in_no_text_of_the_project),
        cmocka_unit_test(the_text_of_a_project_is_read_back_as_the_same_project),
        cmocka_unit_test(recipe_rules_and_neither),
        cmocka_unit_test(a_template_is_read_when_the_project_is),
        cmocka_unit_test(a_folder_means_its_gavel_yaml_and_paths_are_relative_to_it),
        cmocka_unit_test(a_missing_file_says_how_to_make_one),
        cmocka_unit_test(what_is_not_said_has_the_documented_default),
    };
    return cmocka_run_group_tests(tests, scratch_setup, teardown);
}

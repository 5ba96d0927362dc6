/* Importers: their own cases, and what becomes of a line's members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coordinator/imports/seed_reader.h"
#include "tests/lib/scratch.h"

#define ARENA_MAX ((size_t)1 << 22)

struct fixture {
    struct arena arena;
    struct seed_record record;
    const struct importer *importer;
    struct err e;
};

static bool read_as(struct fixture *f, const struct seed_line_options *how, struct slice line)
{
    arena_reset(&f->arena);
    f->importer = NULL;
    f->e = (struct err){0};
    return seed_line_read(how, line, &f->record, &f->importer, &f->arena, &f->e);
}

static bool read_auto(struct fixture *f, const char *line)
{
    const struct seed_line_options automatic = {0};
    return read_as(f, &automatic, slice_of(line));
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    arena_init(&f->arena, ARENA_MAX);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(&f->arena);
    free(f);
    return 0;
}

static char *text_of(const struct chat *chat)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < chat->n; i++)
        buf_addf(&b, "%s%.1s:" SLICE_FMT, i ? "|" : "", chat->messages[i].role.p,
                 SLICE_ARG(chat->messages[i].content));
    char *text = strdup(buf_cstr(&b));
    buf_free(&b);
    return text;
}

static void assert_slice(struct slice s, const char *wanted)
{
    if (!slice_is(s, wanted))
        fail_msg("'" SLICE_FMT "' instead of '%s'", SLICE_ARG(s), wanted);
}

static void assert_chat(const struct chat *chat, const char *wanted)
{
    char *text = text_of(chat);
    assert_string_equal(text, wanted);
    free(text);
}

static int complaints;

/* All of them are told before the test fails. */
__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    complaints++;
}

/* Of what `auto` may look at, no two importers may find the same number of keys. */
static void check_auto(struct fixture *f, const struct importer *importer,
                       const struct importer_case *c)
{
    json *line = seed_line_parse(slice_of(c->line), &f->e);
    if (!line)
        return;
    int own = importer->detect(line);
    for (size_t i = 0; importer_table[i]; i++)
        if (importer_table[i] != importer && importer_table[i]->detect(line) >= own)
            complain("%s, %s: auto: %s finds %d keys, the importer itself %d", importer->name,
                     c->why, importer_table[i]->name, importer_table[i]->detect(line), own);
    json_free(line);
}

/* Of lines that are records only together; as a file. */
static void check_group(const struct importer *importer, const struct importer_case *c)
{
    const struct seed_line_options how = {.format = importer};
    struct seed_reading got;
    struct err e;
    size_t pairs = 0, rows = 0, lines = 1;
    enum seed_reason reason = SEED_PAIRED;
    enum seed_got what;
    for (const char *p = c->line; *p; p++)
        lines += *p == '\n';
    struct seed_reader *r = seed_reader_open(scratch_write("case", slice_of(c->line)), &how,
                                             1 << 20, &e);
    assert_non_null(r);
    while ((what = seed_reader_next(r, &got, &e)) != SEED_END) {
        if (what == SEED_NOTHING)
            continue;
        rows += got.rows;
        if ((what == SEED_BAD) != (c->error != NULL))
            complain("%s, %s: %s", importer->name, c->why,
                     what == SEED_BAD ? got.why.text : "taken");
        if (what == SEED_BAD && !strstr(got.why.text, c->error))
            complain("%s, %s: the message is: %s", importer->name, c->why, got.why.text);
        pairs += what == SEED_RECORD ? got.record->n_pairs : 0;
        if (what == SEED_RECORD && got.record->n_pairs == 0)
            reason = got.record->reason;
    }
    seed_reader_close(r);
    assert_int_equal(rows, lines);
    if (pairs != c->pairs || (pairs == 0 && reason != c->reason))
        complain("%s, %s: %zu pairs, %s", importer->name, c->why, pairs, seed_reason_name(reason));
}

static void check_case(struct fixture *f, const struct importer *importer,
                       const struct importer_case *c)
{
    if (importer->group) {
        check_group(importer, c);
        return;
    }
    const struct seed_line_options how = {.format = importer};
    bool ok = read_as(f, &how, slice_of(c->line));
    if (ok != (c->error == NULL))
        complain("%s, %s: %s", importer->name, c->why, ok ? "was taken" : f->e.text);
    if (!ok && !strstr(f->e.text, c->error))
        complain("%s, %s: the message is: %s", importer->name, c->why, f->e.text);
    if (ok && f->record.n_pairs != c->pairs)
        complain("%s, %s: %zu pairs, not %zu", importer->name, c->why, f->record.n_pairs, c->pairs);
    if (ok && c->reason != SEED_PAIRED && f->record.reason != c->reason)
        complain("%s, %s: %s", importer->name, c->why, seed_reason_name(f->record.reason));
    if (!c->by_name)
        check_auto(f, importer, c);
}

static void every_case_of_every_importer_holds(void **state)
{
    size_t n = 0;
    for (size_t i = 0; importer_table[i]; i++) {
        assert_true(importer_table[i]->n_cases > 0);
        for (size_t k = 0; k < importer_table[i]->n_cases; k++, n++)
            check_case(*state, importer_table[i], &importer_table[i]->cases[k]);
    }
    printf("%zu cases\n", n);
    assert_int_equal(complaints, 0);
    assert_true(n > 50);
}

static void the_table_is_sorted_and_every_importer_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; importer_table[i]; i++) {
        assert_ptr_equal(importer_find(importer_table[i]->name), importer_table[i]);
        if (i > 0)
            assert_true(strcmp(importer_table[i - 1]->name, importer_table[i]->name) < 0);
    }
    assert_null(importer_find("nothing"));
}

static void a_shape_is_recognised_by_its_keys(void **state)
{
    static const struct {
        const char *line, *importer, *error;
    } rows[] = {
        {"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}", "gavel", NULL},
        {"{\"prompt\":\"q\"}", "gavel", NULL},
        {"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"score\":1}", "preference", NULL},
        {"{\"question\":\"q\",\"ground_truth\":\"A: "
         "1\",\"m\":{\"is_correct\":true,\"solution\":\"s\"}}",
         "gsm8k_solutions", NULL},
        {"{\"a\":1,\"b\":2}", NULL, "no known format has the keys 'a', 'b'"},
        {"{\"prompt\":\"q\",\"answr\":\"1\"}", NULL,
         "the keys 'prompt', 'answr'; as a gavel line: unknown key 'answr' (did you mean "
         "'answer'?)"},
        {"{\"prompt\":\"q\",\"response_0\":\"a\",\"response_1\":\"b\",\"better_response_id\":1}",
         NULL, "no known format has the keys 'prompt', 'response_0'"},
        {"{}", NULL, "no known format has the keys of {}"},
        {"{\"\\u001b[2J\":1}", NULL, "\\u001b[2J"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool ok = read_auto(f, rows[i].line);
        assert_int_equal(ok, rows[i].error == NULL);
        if (ok)
            assert_string_equal(f->importer->name, rows[i].importer);
        else if (!strstr(f->e.text, rows[i].error))
            fail_msg("%s", f->e.text);
    }
}

static void a_line_that_is_no_sound_object_is_refused(void **state)
{
    const struct {
        struct slice line;
        const char *error, *why;
    } rows[] = {
        {S("{\"prompt\":\"q\""), "broken JSON: at byte 14", "cut off"},
        {S("{\"prompt\":\"q\",\"prompt\":\"r\"}"), "there twice", "duplicate key"},
        {S("{\"prompt\":\"q\",\"meta\":{\"a\":1,\"a\":2}}"), "there twice", "duplicate key below"},
        {S("{\"prompt\":\"q\"} x"), "broken JSON: at byte 16", "trailing garbage"},
        {S("{\"prompt\":\"q\"}{\"prompt\":\"r\"}"), "broken JSON", "two objects"},
        {S("{\"prompt\":\"\xff\"}"), "0xff is not valid UTF-8", "invalid UTF-8"},
        {S("{\"prompt\":\"a\0b\"}"), "control character 0x00", "a raw NUL"},
        {S("{\"prompt\":\"a\\u0000b\"}"), "broken JSON", "an escaped NUL"},
        {S("{\"prompt\":\"a\\ud800b\"}"), "broken JSON", "half a surrogate pair"},
        {S("[\"q\"]"), "must be an object, not a list", "a list"},
        {S("\"q\""), "must be an object, not a string", "a string"},
        {S("{\"prompt\":\"q\",\"id\":01}"), "broken JSON", "no JSON number"},
    };
    const struct seed_line_options automatic = {0};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (read_as(f, &automatic, rows[i].line))
            fail_msg("%s was taken", rows[i].why);
        if (!strstr(f->e.text, rows[i].error))
            fail_msg("%s: %s", rows[i].why, f->e.text);
    }
}

#define U(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define A(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"
#define Y(text) "{\"role\":\"system\",\"content\":\"" text "\"}"

static void what_both_sides_share_is_the_prompt(void **state)
{
    static const struct {
        const char *line, *prompt, *chosen, *rejected, *why;
    } rows[] = {
        {"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}", "u:q", "a:a", "a:b", "strings"},
        {"{\"prompt\":\"q\",\"system\":\"s\",\"chosen\":\"a\",\"rejected\":\"b\"}", "s:s|u:q",
         "a:a", "a:b", "system comes first"},
        {"{\"chosen\":[" U("q") "," A("x") "," U("r") "," A("a") "],\"rejected\":[" U("q") "," A(
             "x") "," U("r") "," A("b") "]}",
         "u:q|a:x|u:r", "a:a", "a:b", "implicit prompt of three messages"},
        {"{\"prompt\":[" U("q") "],\"chosen\":[" U("q") "," A("x") "," U("r") "," A(
             "a") "],\"rejected\":[" U("q") "," A("x") "," U("r") "," A("b") "]}",
         "u:q|a:x|u:r", "a:a", "a:b", "the prompt's and more"},
        {"{\"prompt\":\"q\",\"chosen\":[" U("q") "," A("a") "],\"rejected\":\"b\"}", "u:q", "a:a",
         "a:b", "one side repeats the prompt"},
        {"{\"prompt\":\"q\",\"chosen\":[" Y("s") "," U("q") "," A("a") "],\"rejected\":[" Y(
             "s") "," U("q") "," A("b") "]}",
         "s:s|u:q", "a:a", "a:b", "a system message before the prompt"},
        {"{\"prompt\":\"q\",\"chosen\":[" A("x") "," U("q") "," A("a") "],\"rejected\":[" A(
             "x") "," U("q") "," A("b") "]}",
         "a:x|u:q", "a:a", "a:b", "a greeting before the prompt"},
        {"{\"prompt\":\"q\",\"chosen\":[" U("q") "," A("x") "," U("q") "," A(
             "a") "],\"rejected\":[" U("q") "," A("x") "," U("q") "," A("b") "]}",
         "u:q|a:x|u:q", "a:a", "a:b", "the same question asked again"},
        {"{\"chosen\":[" U("q") "," A("x") "],\"rejected\":[" U("q") "," A("x") "," U("r") "," A(
             "b") "]}",
         "u:q", "a:x", "a:x|u:r|a:b", "a common first answer belongs to the answers"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!read_auto(f, rows[i].line))
            fail_msg("%s: %s", rows[i].why, f->e.text);
        assert_int_equal(f->record.n_pairs, 1);
        assert_chat(&f->record.prompt, rows[i].prompt);
        assert_chat(&f->record.responses[f->record.pairs[0].chosen].chat, rows[i].chosen);
        assert_chat(&f->record.responses[f->record.pairs[0].rejected].chat, rows[i].rejected);
    }
}

static void the_line_s_labels_keep_their_digits_and_bytes(void **state)
{
    struct fixture *f = *state;
    assert_true(read_auto(f,
                          "{\"prompt\":\"  q\\n\",\"id\":12345678901234567890.10,\"group\":\"g\","
                          "\"answer\":1e400,\"language\":\"de\",\"source\":\"s\",\"domain\":\"d\","
                          "\"reference\":\"r\",\"rubric\":\"u\",\"meta\":{\"n\": 1.500}}"));
    assert_slice(f->record.prompt.messages[0].content, "  q\n");
    assert_slice(f->record.name, "12345678901234567890.10");
    assert_slice(f->record.answer, "1e400");
    assert_slice(f->record.meta, "{\"n\":1.500}");
    assert_slice(f->record.group, "g");
    assert_slice(f->record.language, "de");
    assert_slice(f->record.source, "s");
    assert_slice(f->record.domain, "d");
    assert_slice(f->record.reference, "r");
    assert_slice(f->record.rubric, "u");
}

static void columns_that_preference_does_not_know_are_kept(void **state)
{
    struct fixture *f = *state;
    assert_true(read_auto(f,
                          "{\"score\":1.50,\"prompt\":\"q\",\"chosen\":\"a\",\"x\":[{\"y\":null}],"
                          "\"rejected\":\"b\"}"));
    assert_slice(f->record.meta, "{\"score\":1.50,\"x\":[{\"y\":null}]}");
    assert_slice(f->record.pairs[0].evidence, "{\"kind\":\"declared\",\"trust\":\"synthetic\","
                                              "\"meta\":{\"score\":1.50,\"x\":[{\"y\":null}]}}");
}

static void trust_is_the_line_s_then_the_project_s_then_the_importer_s(void **state)
{
    static const char plain[] = "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}";
    static const char says[] =
        "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"trust\":\"verified\"}";
    static const char gsm[] = "{\"question\":\"q\",\"ground_truth\":\"A: "
                              "1\",\"m\":{\"is_correct\":true,\"solution\":\"A: 1\"},"
                              "\"n\":{\"is_correct\":false,\"solution\":\"A: 2\"}}";
    static const struct {
        const char *line;
        struct seed_line_options how;
        enum trust trust;
    } rows[] = {
        {plain, {0}, TRUST_SYNTHETIC},
        {plain, {.trust_given = true, .trust = TRUST_HUMAN}, TRUST_HUMAN},
        {says, {0}, TRUST_VERIFIED},
        {says, {.trust_given = true, .trust = TRUST_HUMAN}, TRUST_VERIFIED},
        {gsm, {0}, TRUST_VERIFIED},
        {gsm, {.trust_given = true, .trust = TRUST_SYNTHETIC}, TRUST_SYNTHETIC},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(read_as(f, &rows[i].how, slice_of(rows[i].line)));
        assert_int_equal(f->record.trust, rows[i].trust);
        if (rows[i].line != gsm) {
            char wanted[64];
            snprintf(wanted, sizeof wanted, "{\"kind\":\"declared\",\"trust\":\"%s\"}",
                     trust_name(rows[i].trust));
            assert_slice(f->record.pairs[0].evidence, wanted);
        }
    }
}

#define GSM(question)                                                \
    "{\"question\":\"" question "\",\"ground_truth\":\"r\\nA: 18\"," \
    "\"m1\":{\"is_correct\":true,\"solution\":\"one\\nA: 18\"},"     \
    "\"m2\":{\"is_correct\":false,\"solution\":\"two\\nA: 26\"},"    \
    "\"m3\":{\"is_correct\":true,\"solution\":\"three\\nA: 18\"},"   \
    "\"m4\":{\"is_correct\":false,\"solution\":\"four\\nA: 27\"}}"

static void gsm8k_keeps_all_solutions_and_says_how_it_knows(void **state)
{
    struct fixture *f = *state;
    assert_true(read_auto(f, GSM("q1")));
    const struct seed_record *r = &f->record;
    const struct seed_pair *pair = &r->pairs[0];
    assert_int_equal(r->n_responses, 4);
    assert_slice(r->answer, "18");
    assert_slice(r->reference, "r\nA: 18");
    assert_slice(r->eval_set, "GSM8K test");
    assert_slice(r->source, "gsm8k");
    assert_int_equal(r->responses[pair->chosen].rank, 0);
    assert_int_equal(r->responses[pair->rejected].rank, 1);
    char wanted[256];
    snprintf(wanted, sizeof wanted,
             "{\"kind\":\"reference_answer\",\"gold\":\"18\",\"chosen_author\":\"m%d\","
             "\"rejected_author\":\"m%d\",\"chosen_answer\":\"18\",\"rejected_answer\":\"%d\"}",
             pair->chosen == 0 ? 1 : 3, pair->rejected == 1 ? 2 : 4, pair->rejected == 1 ? 26 : 27);
    assert_slice(pair->evidence, wanted);
}

static void gsm8k_picks_by_the_question_alone(void **state)
{
    static const char *const lines[] = {GSM("a"), GSM("b"), GSM("c"), GSM("d"),
                                        GSM("e"), GSM("f"), GSM("g"), GSM("h")};
    struct fixture *f = *state;
    size_t picked[4] = {0};
    for (size_t i = 0; i < 8; i++) {
        assert_true(read_auto(f, lines[i]));
        size_t chosen = f->record.pairs[0].chosen, rejected = f->record.pairs[0].rejected;
        assert_true(read_auto(f, lines[i]));
        assert_int_equal(f->record.pairs[0].chosen, chosen);
        assert_int_equal(f->record.pairs[0].rejected, rejected);
        picked[chosen]++;
        picked[rejected]++;
    }
    for (size_t i = 0; i < 4; i++)
        assert_true(picked[i] > 0);
}

static void more_solutions_than_there_is_room_for_are_refused(void **state)
{
    struct fixture *f = *state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_str(&b, "{\"question\":\"q\",\"ground_truth\":\"A: 1\"");
    for (int i = 0; i <= SEED_MAX_RESPONSES; i++)
        buf_addf(&b, ",\"m%d\":{\"is_correct\":true,\"solution\":\"A: 1\"}", i);
    buf_str(&b, "}");
    assert_false(read_auto(f, buf_cstr(&b)));
    assert_non_null(strstr(f->e.text, "more than 128 solutions"));
    buf_free(&b);
}

static void a_line_that_does_not_fit_the_arena_is_refused(void **state)
{
    static const char *const lines[] = {
        "{\"prompt\":\"qqqqqqqqqqqqqqqqqq\",\"id\":\"iiiiiiiiiiii\",\"meta\":{\"a\":[1,2,3]},"
        "\"system\":\"ssssss\",\"chosen\":[" U("q") "," A("x") "],\"rejected\":\"bbbbbbb\"}",
        "{\"chosen\":[" U("q") "," A("x") "],\"rejected\":[" U("q") "," A("y") "],\"z\":1}",
        GSM("q"),
    };
    const struct seed_line_options automatic = {0};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct fixture *f = *state;
        bool refused = false;
        for (size_t max = 0; max < 4096; max += 5) {
            struct arena small;
            arena_init(&small, max);
            bool ok = seed_line_read(&automatic, slice_of(lines[i]), &f->record, &f->importer,
                                     &small, &f->e);
            assert_true(ok || f->e.code == ERR_LIMIT || f->e.code == ERR_SYNTAX);
            refused = refused || !ok;
            arena_free(&small);
        }
        assert_true(refused);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_case_of_every_importer_holds, set_up, tear_down),
        cmocka_unit_test(the_table_is_sorted_and_every_importer_is_found),
        cmocka_unit_test_setup_teardown(a_shape_is_recognised_by_its_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_that_is_no_sound_object_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_both_sides_share_is_the_prompt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_line_s_labels_keep_their_digits_and_bytes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(columns_that_preference_does_not_know_are_kept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(trust_is_the_line_s_then_the_project_s_then_the_importer_s,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(gsm8k_keeps_all_solutions_and_says_how_it_knows, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(gsm8k_picks_by_the_question_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_solutions_than_there_is_room_for_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_line_that_does_not_fit_the_arena_is_refused, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

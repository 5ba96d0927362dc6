#include "base/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/rng.h"

struct endpoint {
    int role;
    const char *url;
    int64_t slots;
    bool slots_given;
};

struct project {
    const char *name;
    const char *note; /* no default */
    bool stream;
    double share;
    double heat; /* no default, cannot be zero */
    bool heat_given;
    int64_t least; /* no default, cannot be zero, nobody asks whether it was given */
    struct {
        int64_t k;
        int stop;
    } accept;
    struct conf_list endpoints;
    struct conf_list formats;
    struct conf_list split;
    struct conf_list filters;
};

static const char *const roles[] = {"teacher", "student", NULL};
static const char *const stops[] = {"early", "full", "adaptive", NULL};

#define AT(field) offsetof(struct project, field)

static const struct conf_row endpoint_rows[] = {
    {.key = "role",
     .type = CONF_ENUM,
     .offset = offsetof(struct endpoint, role),
     .names = roles,
     .fallback = "teacher",
     .help = "what it does",
     .part = 'r'},
    {.key = "url", .type = CONF_STRING, .offset = offsetof(struct endpoint, url), .fallback = ""},
    {.key = "slots",
     .type = CONF_INT,
     .offset = offsetof(struct endpoint, slots),
     .min = 1,
     .max = 64,
     .given = offsetof(struct endpoint, slots_given)},
    {0},
};
static const struct conf_row accept_rows[] = {
    {.key = "k",
     .type = CONF_INT,
     .offset = AT(accept.k),
     .fallback = "3",
     .min = 1,
     .max = 64,
     .help = "correct ones needed"},
    {.key = "stop",
     .type = CONF_ENUM,
     .offset = AT(accept.stop),
     .fallback = "full",
     .names = stops,
     .part = 'x'},
    {0},
};
static const struct conf_row rows[] = {
    {.key = "name", .type = CONF_STRING, .offset = AT(name), .fallback = "run", .help = "a name"},
    {.key = "note", .type = CONF_STRING, .offset = AT(note)},
    {.key = "stream", .type = CONF_BOOL, .offset = AT(stream), .fallback = "yes", .part = 'r'},
    {.key = "share", .type = CONF_DOUBLE, .offset = AT(share), .fallback = "0.05", .max = 1},
    {.key = "heat",
     .type = CONF_DOUBLE,
     .offset = AT(heat),
     .min = 0.1,
     .max = 2,
     .given = AT(heat_given)},
    {.key = "least", .type = CONF_INT, .offset = AT(least), .min = 5, .max = 1e18},
    {.key = "accept", .type = CONF_SECTION, .rows = accept_rows, .part = 'u', .help = "the rule"},
    {.key = "endpoints",
     .type = CONF_LIST,
     .offset = AT(endpoints),
     .rows = endpoint_rows,
     .item_size = sizeof(struct endpoint),
     .min = 0,
     .max = 3},
    {.key = "formats",
     .type = CONF_STRINGS,
     .offset = AT(formats),
     .fallback = "[sft, dpo]",
     .min = 1},
    {.key = "split",
     .type = CONF_SHARES,
     .offset = AT(split),
     .fallback = "{train: 0.95, validation: 0.05}",
     .part = 'u'},
    {.key = "filters",
     .type = CONF_NAMED,
     .offset = AT(filters),
     .fallback = "[length, {repetition: {max: 0.5}}]",
     .part = 'u'},
    {0},
};

struct fixture {
    struct arena arena;
    struct conf_tree tree;
    struct project project;
    struct err e;
};

/* load(f, text, sets): parse, apply a NULL-ended list of --set (or none), bind. Unload afterwards.
 */
static bool load(struct fixture *f, struct slice text, const char *const *sets)
{
    memset(f, 0, sizeof(*f));
    arena_init(&f->arena, 64 << 20);
    if (!conf_parse(&f->tree, &f->arena, "p.yaml", text, &f->e))
        return false;
    for (; sets && *sets; sets++) {
        if (!conf_set(&f->tree, *sets, &f->e))
            return false;
    }
    return conf_bind(&f->tree, rows, &f->project, &f->e);
}

static void unload(struct fixture *f)
{
    arena_free(&f->arena);
}

static void must_load(struct fixture *f, const char *text, const char *const *sets)
{
    if (!load(f, slice_of(text), sets))
        fail_msg("%s\n%s", f->e.text, text);
}

static void dump(const struct fixture *f, char part, struct buf *out)
{
    buf_init(out, 1 << 20);
    conf_dump(rows, &f->project, part, out);
    assert_false(out->failed);
}

static void assert_dump(const struct fixture *f, char part, const char *want)
{
    struct buf out;
    dump(f, part, &out);
    assert_string_equal(buf_cstr(&out), want);
    buf_free(&out);
}

#define DEFAULTS                                                                    \
    "{\"name\":\"run\",\"note\":null,\"stream\":true,\"share\":0.05,\"heat\":null," \
    "\"least\":null,\"accept\":{\"k\":3,\"stop\":\"full\"},\"endpoints\":[],"       \
    "\"formats\":[\"sft\",\"dpo\"],\"split\":{\"train\":0.95,\"validation\":0.05}," \
    "\"filters\":[\"length\",{\"repetition\":{\"max\":\"0.5\"}}]}"

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "# nothing\n",
        "\xEF\xBB\xBFname:\nnote:\n",
        "{}",
        "~",
        "---\n",
        "name:\nnote: ~\naccept:\nendpoints: null\n",
        "accept: {k: , stop: ~}\nfilters:\nformats: ~\nsplit: null\nheat:",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct fixture f;
        must_load(&f, texts[i], NULL);
        assert_dump(&f, 0, DEFAULTS);
        assert_null(f.project.note);
        assert_false(f.project.heat_given);
        unload(&f);
    }
}

static const char everything[] = "name: \"12\"   # text\n"
                                 "note: 007\n"
                                 "stream: off\n"
                                 "share: 5e-1\n"
                                 "heat: 1\n"
                                 "least: 1000000000000000000\n"
                                 "accept:\n"
                                 "  k: 64\n"
                                 "  stop: early\n"
                                 "endpoints:\n"
                                 "  - {url: http://h:8000/v1, slots: 7}\n"
                                 "  - role: student\n"
                                 "    url: 'it''s'\n"
                                 "formats: rl\n"
                                 "split: {b: 1, a: 0.25}\n"
                                 "filters:\n"
                                 "  - repetition: {max: 0.50, note: \"x y\", off: }\n"
                                 "  - length\n"
                                 "  - refusal: {}\n";

static void every_type_is_read_and_dumped(void **state)
{
    (void)state;
    struct fixture f;
    must_load(&f, everything, NULL);
    assert_string_equal(f.project.note, "007");
    assert_true(f.project.heat_given && f.project.heat == 1);
    const struct endpoint *endpoints = f.project.endpoints.items;
    assert_int_equal(f.project.endpoints.n, 2);
    assert_true(endpoints[0].slots_given && endpoints[0].slots == 7);
    assert_false(endpoints[1].slots_given);
    assert_string_equal(endpoints[1].url, "it's");
    const struct conf_named *filters = f.project.filters.items;
    assert_int_equal(filters[0].line, 17);
    assert_int_equal(filters[0].n_options, 2); /* a null option is not given */
    assert_string_equal(filters[0].options[0].value, "0.50");
    assert_dump(&f, 0,
                "{\"name\":\"12\",\"note\":\"007\",\"stream\":false,\"share\":0.5,\"heat\":1,"
                "\"least\":1000000000000000000,\"accept\":{\"k\":64,\"stop\":\"early\"},"
                "\"endpoints\":[{\"role\":\"teacher\",\"url\":\"http://h:8000/v1\",\"slots\":7},"
                "{\"role\":\"student\",\"url\":\"it's\",\"slots\":null}],\"formats\":[\"rl\"],"
                "\"split\":{\"b\":1,\"a\":0.25},\"filters\":[{\"repetition\":{\"max\":\"0.50\","
                "\"note\":\"x y\"}},\"length\",\"refusal\"]}");
    unload(&f);
}

static void a_part_has_its_own_rows_and_what_they_inherit(void **state)
{
    (void)state;
    struct fixture f;
    must_load(&f, everything, NULL);
    assert_dump(&f, 'r',
                "{\"stream\":false,\"endpoints\":[{\"role\":\"teacher\"},{\"role\":\"student\"}]}");
    assert_dump(&f, 'u',
                "{\"accept\":{\"k\":64},\"split\":{\"b\":1,\"a\":0.25},\"filters\":[{"
                "\"repetition\":{\"max\":\"0.50\",\"note\":\"x y\"}},\"length\",\"refusal\"]}");
    assert_dump(&f, 'x', "{\"accept\":{\"stop\":\"early\"}}");
    assert_dump(&f, 'z', "{}");
    unload(&f);
}

struct wrong {
    const char *reason;
    struct slice text;
    const char *says;
};
#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }

static void assert_refused(const struct wrong *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct fixture f;
        bool ok = load(&f, table[i].text, NULL);
        if (ok || f.e.code != ERR_USAGE || !strstr(f.e.text, table[i].says))
            fail_msg("%s: got \"%s\", not \"%s\"", table[i].reason, f.e.text, table[i].says);
        unload(&f);
    }
}

static void unreadable_text_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"broken flow", TEXT("name: x\naccept: {k: 3\nnote: y\n"), "p.yaml:3:"},
        {"tab as indent", TEXT("accept:\n\tk: 3\n"), "a tab; indent with blanks"},
        {"its place", TEXT("accept:\n\tk: 3\n"), "p.yaml:2:1: "},
        {"a sign without quotes", TEXT("name: @x\n"), "put the text in quotes"},
        {"no map", TEXT("- a\n"), "p.yaml:1:1: 'key: value' lines"},
        {"only text", TEXT("name\n"), "p.yaml:1:1: 'key: value' lines"},
        {"anchor", TEXT("a: &x 1\n"), "p.yaml:1:4: anchors and aliases"},
        {"alias", TEXT("name: *x\n"), "p.yaml:1:7: anchors and aliases"},
        {"anchored list", TEXT("a: &x [1]\n"), "p.yaml:1:4: anchors and aliases"},
        {"tag", TEXT("name: !!str x\n"), "p.yaml:1:7: tags are not"},
        {"tagged section", TEXT("accept: !x {k: 1}\n"), "p.yaml:1:9: tags are not"},
        {"two documents", TEXT("name: a\n---\nname: b\n"), "p.yaml:2:1: a second document"},
        {"key twice", TEXT("name: a\nnote: b\nname: c\n"),
         "p.yaml:3:1: the key 'name' is there twice, first in line 1"},
        {"key twice, quoted once", TEXT("accept: {k: 1, \"k\": 2}\n"), "p.yaml:1:16: the key 'k'"},
        {"a list as key", TEXT("? [a]\n: b\n"), "p.yaml:1:3: a key must be text"},
        {"an escaped NUL", TEXT("name: \"a\\0b\"\n"), "p.yaml:1:7: a NUL"},
        {"a raw NUL", TEXT("name: a\0b\n"), "p.yaml:1:8: control characters"},
        {"invalid UTF-8", TEXT("name: x\nnote: \xc3\xa9\xff\n"), "p.yaml:2:8: byte 0xff"},
        {"a very long key",
         TEXT("? aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "\n: 1\n"),
         "p.yaml:1:3: a key of more than 128 bytes"},
    };
    assert_refused(table, sizeof(table) / sizeof(table[0]));
}

static void unknown_keys_are_named_with_the_nearest(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"at the top", TEXT("name: x\nacept: {k: 1}\n"),
         "p.yaml:2:1: unknown key 'acept'; did you mean 'accept'?"},
        {"in a section", TEXT("accept:\n  k: 1\n  stpo: full\n"),
         "p.yaml:3:3: unknown key 'stpo' in 'accept' section; did you mean 'stop'?"},
        {"in a list", TEXT("endpoints: [{url: a}, {ulr: b}]"),
         "p.yaml:1:24: unknown key 'ulr' in 'endpoints[1]' section; did you mean 'url'?"},
        {"near none", TEXT("accept: {frobnicate: 1}"), "known keys: k, stop"},
        {"null does not hide it", TEXT("acept:\n"), "unknown key 'acept'"},
        {"a terminal escape is shown as one", TEXT("\"\\e[2J\": 1\n"), "unknown key '\\u001b[2J'"},
        {"a merge key is a key like others", TEXT("<<: {name: x}\n"), "unknown key '<<'"},
    };
    assert_refused(table, sizeof(table) / sizeof(table[0]));
}

static void wrong_values_say_what_is_allowed(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"below", TEXT("accept: {k: 0}"),
         "p.yaml:1:13: 'accept.k' must be between 1 and 64, not '0'"},
        {"above", TEXT("accept: {k: 65}"), "must be between 1 and 64, not '65'"},
        {"no upper bound worth a word", TEXT("least: 4"), "must be at least 5, not '4'"},
        {"fraction", TEXT("accept: {k: 2.0}"), "'accept.k' must be a whole number, not '2.0'"},
        {"underscore", TEXT("least: 1_000"), "must be a whole number"},
        {"hexadecimal", TEXT("least: 0x10"), "must be a whole number"},
        {"plus", TEXT("least: +6"), "must be a whole number"},
        {"beyond 64 bits", TEXT("least: 9223372036854775808"), "must be a whole number"},
        {"quoted", TEXT("least: \"6\""), "must be a whole number, not the text \"6\""},
        {"section for number", TEXT("least: {a: 1}"), "must be a whole number, not a section"},
        {"infinity", TEXT("share: .inf"), "'share' must be a number, not '.inf'"},
        {"nan", TEXT("share: nan"), "'share' must be a number"},
        {"share above", TEXT("share: 1.01"), "must be between 0 and 1, not '1.01'"},
        {"no bool", TEXT("stream: 1"), "'stream' must be true or false, not '1'"},
        {"quoted bool", TEXT("stream: 'true'"), "must be true or false, not the text"},
        {"list for text", TEXT("name: [a]"), "'name' must be text, not a list; put it in quotes"},
        {"unknown name", TEXT("accept: {stop: erly}"),
         "'accept.stop' must be one of early, full, adaptive, not 'erly'"},
        {"list for a name", TEXT("accept: {stop: [full]}"), "must be one of early"},
        {"text for a section", TEXT("accept: 3"), "'accept' must be a section with keys, not '3'"},
        {"section for a list", TEXT("endpoints: {url: x}"), "'endpoints' must be a list, not a"},
        {"text in a list", TEXT("endpoints: [x]"), "'endpoints[0]' must be a section with keys"},
        {"deep in a list", TEXT("endpoints: [{}, {slots: 65}]"),
         "p.yaml:1:25: 'endpoints[1].slots' must be between 1 and 64"},
        {"too many", TEXT("endpoints: [{}, {}, {}, {}]"),
         "p.yaml:1:12: 'endpoints' must have between 0 and 3 items, not 4"},
        {"too few", TEXT("formats: []"), "'formats' must have at least 1 items, not 0"},
        {"empty item", TEXT("formats: [a, ~]"), "'formats[1]' must be text, not '~'"},
        {"nested item", TEXT("formats: [[a]]"), "'formats[0]' must be text, not a list"},
        {"section of texts", TEXT("formats: {a: 1}"), "'formats' must be a list of texts"},
        {"share without number", TEXT("split: {a: x}"), "'split.a' must be a number, not 'x'"},
        {"share list", TEXT("split: [a]"), "'split' must be 'name: number' entries, not a list"},
        {"two names in one", TEXT("filters: [{a: {}, b: {}}]"), "'filters[0]' must be a name or"},
        {"no name", TEXT("filters: [~]"), "'filters[0]' must be a name or"},
        {"names as section", TEXT("filters: {a: }"), "'filters' must be a list of names"},
        {"options as text", TEXT("filters: [{a: 1}]"), "'filters[0].a' must be a section of opt"},
        {"option as list", TEXT("filters: [{a: {b: [1]}}]"), "'filters[0].a.b' must be one value"},
    };
    assert_refused(table, sizeof(table) / sizeof(table[0]));
}

static void limits_hold_at_the_border(void **state)
{
    (void)state;
    struct fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int levels = 31; levels <= 32; levels++) { /* and the section around them */
        buf_clear(&text);
        buf_addf(&text, "filters: %.*s%.*s", levels, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", levels,
                 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
        assert_false(load(&f, buf_view(&text), NULL));
        const char *says = levels == 31 ? "must be a name" : "nested deeper than 32 levels";
        assert_non_null(strstr(f.e.text, says));
        unload(&f);
    }
    for (int n = 99998; n <= 99999; n++) { /* values, with root, key and list */
        buf_clear(&text);
        buf_str(&text, "endpoints: [");
        for (int i = 0; i < n - 1; i++)
            buf_str(&text, "a,");
        buf_str(&text, "]");
        assert_false(load(&f, buf_view(&text), NULL));
        const char *says = n == 99998 ? "must be a section" : "more than 100000 values";
        assert_non_null(strstr(f.e.text, says));
        unload(&f);
    }
    buf_free(&text);
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    bool ok = false;
    for (size_t max = 0; max < 12000; max += 24) {
        struct fixture f = {0};
        arena_init(&f.arena, max);
        const char *set = "endpoints[2].url=x";
        ok = conf_parse(&f.tree, &f.arena, "p.yaml", slice_of(everything), &f.e) &&
             conf_set(&f.tree, set, &f.e) && conf_bind(&f.tree, rows, &f.project, &f.e);
        assert_true(ok || f.e.code == ERR_LIMIT);
        assert_true(max > 0 || !ok);
        unload(&f);
    }
    assert_true(ok);
}

struct set_row {
    const char *reason;
    const char *sets[4];
    const char *same_as; /* the text that gives the same, put behind a name */
};

static void set_is_as_if_it_stood_in_the_file(void **state)
{
    (void)state;
    static const struct set_row table[] = {
        {"a value replaced", {"name=other"}, "name: other"},
        {"a value that was not there", {"share=0.5"}, "share: 0.5"},
        {"the last one wins", {"share=0.5", "share=0.25"}, "share: 0.25"},
        {"a new section", {"accept.k=1", "accept.stop=early"}, "accept: {k: 1, stop: early}"},
        {"a whole section", {"accept={k: 2}"}, "accept: {k: 2}"},
        {"then a key of it", {"accept={k: 2}", "accept.k=4"}, "accept: {k: 4}"},
        {"null brings the default back", {"accept.k=1", "accept.k="}, ""},
        {"an empty list", {"filters=[]"}, "filters: []"},
        {"appended to nothing",
         {"endpoints[0].url=http://x:1/v1"},
         "endpoints: [{url: 'http://x:1/v1'}]"},
        {"appended to a list", {"formats=[a]", "formats[1]=b"}, "formats: [a, b]"},
        {"within a list", {"formats=[a, b, c]", "formats[1]=x"}, "formats: [a, x, c]"},
        {"deep", {"filters[0].length.max=3"}, "filters: [{length: {max: 3}}]"},
        {"equal signs in the value", {"name=a=b"}, "name: a=b"},
        {"a dash is no list", {"name=-"}, "name: \"-\""},
        {"spaces around", {" name = a b "}, "name: a b"},
        {"quoted", {"name=\"\""}, "name: ''"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct fixture set, file;
        const char *base = strstr(table[i].same_as, "name") ? "" : "name: base\n";
        char text[256];
        snprintf(text, sizeof(text), "%s%s", base, table[i].same_as);
        must_load(&set, "name: base\n", table[i].sets);
        must_load(&file, text, NULL);
        struct buf want;
        dump(&file, 0, &want);
        assert_dump(&set, 0, buf_cstr(&want));
        buf_free(&want);
        unload(&set);
        unload(&file);
    }
}

struct bad_set {
    const char *reason, *set, *says;
};

static void wrong_sets_are_named(void **state)
{
    (void)state;
    static const struct bad_set table[] = {
        {"no equals sign", "name", "--set name: '=' is missing"},
        {"no path", "=x", "write KEY.KEY=VALUE"},
        {"empty key", "a..b=1", "write KEY.KEY=VALUE"},
        {"ends in a dot", "accept.=1", "write KEY.KEY=VALUE"},
        {"index first", "[0]=1", "write KEY.KEY=VALUE"},
        {"open index", "endpoints[0=1", "write KEY.KEY=VALUE"},
        {"negative index", "endpoints[-1]=1", "write KEY.KEY=VALUE"},
        {"text after an index", "endpoints[0]x=1", "write KEY.KEY=VALUE"},
        {"stray bracket", "a]=1", "write KEY.KEY=VALUE"},
        {"gap in a list", "endpoints[2].url=x", "there is no [2]; the next new one is [1]"},
        {"key below text", "name.x=1", "--set name.x: 'name' is no section with keys"},
        {"index of a section", "accept[0]=1", "--set accept[0]: 'accept' is no list"},
        {"key of a list", "endpoints.url=1", "'endpoints' is no section with keys"},
        {"value is no YAML", "accept={k: 1", "--set accept: did not find"},
        {"value with an alias", "name=*x", "--set name: anchors"},
        {"unknown key", "acept.k=1", "--set acept.k: unknown key 'acept'; did you mean 'accept'?"},
        {"unknown key below", "accept.j=1", "--set accept.j: unknown key 'j' in 'accept' section"},
        {"unknown key in the value", "accept={kk: 1}", "--set accept: unknown key 'kk'"},
        {"wrong value", "accept.k=0", "--set accept.k: 'accept.k' must be between 1 and 64"},
        {"wrong value in a list", "endpoints[0].slots=x",
         "--set endpoints[0].slots: 'endpoints[0].slots' must be a whole number"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct fixture f;
        const char *sets[] = {table[i].set, NULL};
        bool ok = load(&f, S("name: n\naccept: {k: 1}\nendpoints: [{url: u}]\n"), sets);
        if (ok || f.e.code != ERR_USAGE || !strstr(f.e.text, table[i].says))
            fail_msg("%s: got \"%s\", not \"%s\"", table[i].reason, f.e.text, table[i].says);
        unload(&f);
    }
}

static void later_checks_can_name_the_place(void **state)
{
    (void)state;
    static const char *const sets[] = {"accept.stop=full", "endpoints[1].url=x", NULL};
    static const struct {
        const char *path, *place;
    } table[] = {
        {"accept.k", "p.yaml:2:3"},
        {"accept", "p.yaml:1:1"},
        {"accept.stop", "--set accept.stop"},
        {"endpoints[0]", "p.yaml:3:13"},
        {"endpoints[0].url", "p.yaml:3:14"},
        {"endpoints[1].url", "--set endpoints[1].url"},
        {"endpoints[2]", "p.yaml"},
        {"share", "p.yaml"},
        {"accept.k.x", "p.yaml"},
        {"", "p.yaml"},
    };
    struct fixture f;
    must_load(&f, "accept:\n  k: 1\nendpoints: [{url: u}]\n", sets);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char place[64];
        conf_place(&f.tree, table[i].path, place, sizeof(place));
        assert_string_equal(place, table[i].place);
    }
    unload(&f);
}

/* some_text(r, out): a text with the characters that YAML and JSON do not agree on. */
static void some_text(struct rng *r, char *out)
{
    static const char *const pieces[] = {
        "a",
        " ",
        "\"",
        "'",
        "\\",
        "\n",
        "\t",
        "\x01",
        "\x7f",
        "\xc2\x85",
        "\xc2\x9f",
        "\xc2\xa0",
        "\xe2\x80\xa8",
        "\xe2\x80\xa9",
        "\xef\xbb\xbf",
        "\xef\xbf\xbe",
        "\xef\xbf\xbf",
        "😀",
        "é",
        "#",
        ": ",
        "- ",
        "{",
        "]",
        ",",
        "~",
        "null",
        "true",
        "1",
        "%",
        "@",
        "&",
        "*",
        "!",
        "/",
    };
    size_t at = 0;
    out[0] = 0;
    for (uint64_t n = rng_below(r, 6); n > 0; n--) {
        const char *piece = pieces[rng_below(r, sizeof(pieces) / sizeof(pieces[0]))];
        at += (size_t)snprintf(out + at, 64 - at, "%s", piece);
    }
}

#define TEXTS 12

/* invent(r, p, texts): a struct as binding could have made it. */
static void invent(struct rng *r, struct project *p, char texts[TEXTS][64],
                   struct endpoint *endpoints, const char **formats, struct conf_share *shares,
                   struct conf_named *filters, struct conf_option *option)
{
    for (int i = 0; i < TEXTS; i++)
        some_text(r, texts[i]);
    *p = (struct project){.name = texts[0], .note = rng_below(r, 2) ? texts[1] : NULL};
    p->stream = rng_below(r, 2);
    p->share = rng_double(r);
    p->heat_given = rng_below(r, 2);
    p->heat = p->heat_given ? 0.1 + rng_double(r) : 0;
    p->accept.k = 1 + (int64_t)rng_below(r, 64);
    p->accept.stop = (int)rng_below(r, 3);
    for (size_t i = 0; i < 2; i++) {
        endpoints[i] = (struct endpoint){.role = (int)rng_below(r, 2), .url = texts[2 + i]};
        endpoints[i].slots_given = rng_below(r, 2);
        endpoints[i].slots = endpoints[i].slots_given ? 64 : 0;
        formats[i] = texts[4 + i];
        shares[i] = (struct conf_share){texts[6 + i], rng_normal(r) * 1e10};
        filters[i] = (struct conf_named){.name = texts[8 + i]};
    }
    *option = (struct conf_option){texts[10], texts[11]};
    filters[0].options = option;
    filters[0].n_options = rng_below(r, 2);
    bool distinct = strcmp(texts[6], texts[7]) != 0;
    p->endpoints = (struct conf_list){endpoints, rng_below(r, 3)};
    p->formats = (struct conf_list){formats, 1 + rng_below(r, 2)};
    p->split = (struct conf_list){shares, rng_below(r, distinct ? 3 : 2)};
    p->filters = (struct conf_list){filters, rng_below(r, 3)};
}

static void a_dump_bound_again_gives_an_equal_dump(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 5);
    for (int round = 0; round < 3000; round++) {
        char texts[TEXTS][64];
        struct endpoint endpoints[2];
        const char *formats[2];
        struct conf_share shares[2];
        struct conf_named filters[2];
        struct conf_option option;
        struct fixture f, again;
        invent(&r, &f.project, texts, endpoints, formats, shares, filters, &option);
        struct buf once;
        dump(&f, 0, &once);
        json *valid = json_parse(buf_view(&once), JSON_STRICT, &f.e);
        if (!valid)
            fail_msg("%s: %s", f.e.text, buf_cstr(&once));
        json_free(valid);
        must_load(&again, buf_cstr(&once), NULL);
        assert_dump(&again, 0, buf_cstr(&once));
        unload(&again);
        buf_free(&once);
    }
}

static void damaged_text_never_does_worse_than_an_error(void **state)
{
    (void)state;
    static const char noise[] = "\"'\\{}[]:,-\n #&*!|>%@~?a0.\t\xff\xc2";
    struct rng r;
    rng_init(&r, 9);
    int bound = 0;
    for (int round = 0; round < 5000; round++) {
        char damaged[sizeof(everything)];
        memcpy(damaged, everything, sizeof(everything));
        for (int i = 0; i < 2; i++)
            damaged[rng_below(&r, sizeof(everything) - 1)] =
                noise[rng_below(&r, sizeof(noise) - 1)];
        struct fixture f;
        if (load(&f, (struct slice){damaged, sizeof(damaged) - 1}, NULL))
            bound++;
        else
            assert_true(f.e.code == ERR_USAGE && strstr(f.e.text, "p.yaml:"));
        unload(&f);
    }
    assert_true(bound > 50);
}

static void help_shows_key_default_and_limits(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 16);
    conf_help(rows, &out);
    static const char *const lines[] = {
        "name                     run                  a name\n",
        "\naccept                                        the rule\n",
        "\n  k                      3                    correct ones needed (between 1 and 64)\n",
        "(early | full | adaptive)\n",
        "\n  - role                 teacher              what it does (teacher | student)\n",
        "\n    slots ",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (!strstr(buf_cstr(&out), lines[i]))
            fail_msg("no \"%s\" in:\n%s", lines[i], buf_cstr(&out));
    }
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(every_type_is_read_and_dumped),
        cmocka_unit_test(a_part_has_its_own_rows_and_what_they_inherit),
        cmocka_unit_test(unreadable_text_is_refused_with_its_place),
        cmocka_unit_test(unknown_keys_are_named_with_the_nearest),
        cmocka_unit_test(wrong_values_say_what_is_allowed),
        cmocka_unit_test(limits_hold_at_the_border),
        cmocka_unit_test(a_full_arena_is_an_error),
        cmocka_unit_test(set_is_as_if_it_stood_in_the_file),
        cmocka_unit_test(wrong_sets_are_named),
        cmocka_unit_test(later_checks_can_name_the_place),
        cmocka_unit_test(a_dump_bound_again_gives_an_equal_dump),
        cmocka_unit_test(damaged_text_never_does_worse_than_an_error),
        cmocka_unit_test(help_shows_key_default_and_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct values {
    bool json;
    const char *out;
    int64_t workers;
    double share;
    struct args_strings set;
};

static struct values v;
static const struct args_row rows[] = {
    {"json",     'j', ARGS_FLAG, &v.json, NULL, "machine-readable"},
    {"out", 'o', ARGS_STRING, &v.out, "DIR", "where to"},
    {"workers",      'n', ARGS_INT, &v.workers, "N", "local workers"},
    {"share",          0, ARGS_DOUBLE, &v.share, "X", "a share"},
    {"set",       0, ARGS_STRINGS, &v.set, "KEY=VALUE", "change the project"},
    {0   },
};
static const struct args_command command = {
    .usage = "gavel run PROJECT [FILE...]",
    .about = "Runs a project.",
    .rows = rows,
    .min_operands = 1,
    .max_operands = 2,
};

#define WORDS_MAX 80

/* parse(words, operands, n, e): words is a NULL-ended list without the command's name. */
static bool parse(const char *const *words, char ***operands, int *n, struct err *e)
{
    static char copies[WORDS_MAX][64]; /* getopt wants writable words */
    static char *argv[WORDS_MAX];
    int argc = 0;
    snprintf(copies[argc], sizeof(copies[0]), "run");
    argv[argc] = copies[argc];
    for (argc = 1; *words; words++, argc++) {
        snprintf(copies[argc], sizeof(copies[0]), "%s", *words);
        argv[argc] = copies[argc];
    }
    argv[argc] = NULL;
    v = (struct values){.workers = 1};
    return args_parse(&command, argc, argv, operands, n, e);
}

static void options_may_stand_anywhere_in_any_form(void **state)
{
    (void)state;
    static const char *const forms[][9] = {
        {"p",     "--json", "--out", "d",        "--workers",      "-3", "--share=0.5",     NULL},
        {"-j",       "-od",            "-n-3",        "--share", ".5", "p", NULL              },
        {"--json",       "p",        "-o",      "d",     "-n",             "-3",         "--share","5e-1", NULL},
        {"--out=x", "--out=d",     "-jn",            "-3",              "--share=0.5",                     "--",                "p",                       NULL},
        {"p",   "--js",        "--o",           "d",                     "--work=-3",               "--sh=0.5",NULL},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char **operands;
        int n;
        struct err e = {0};
        if (!parse(forms[i], &operands, &n, &e))
            fail_msg("form %zu: %s", i, e.text);
        assert_true(v.json);
        assert_string_equal(v.out, "d");
        assert_int_equal(v.workers, -3);
        assert_true(v.share == 0.5);
        assert_int_equal(n, 1);
        assert_string_equal(operands[0], "p");
    }
}

static void repeated_strings_are_collected_in_order(void **state)
{
    (void)state;
    const char *words[] = {"p", "--set", "a=1", "--set=b=2", "q", NULL};
    char **operands;
    int n;
    struct err e;
    assert_true(parse(words, &operands, &n, &e));
    assert_int_equal(v.set.n, 2);
    assert_string_equal(v.set.items[0], "a=1");
    assert_string_equal(v.set.items[1], "b=2");
    assert_int_equal(n, 2);
    assert_string_equal(operands[1], "q");
    assert_int_equal(v.workers, 1); /* what is not given keeps its value */
}

static void words_after_two_dashes_are_operands(void **state)
{
    (void)state;
    const char *words[] = {"--", "--json", "-x", NULL};
    char **operands;
    int n;
    struct err e;
    assert_true(parse(words, &operands, &n, &e));
    assert_int_equal(n, 2);
    assert_string_equal(operands[0], "--json");
    assert_false(v.json);
}

struct wrong {
    const char *reason;
    const char *words[4];
    const char *says;
};

static void wrong_usage_is_named(void **state)
{
    (void)state;
    static const struct wrong table[] = {
        {"near a known one",
         {"p", "--wrokers", "3"},
         "unknown option --wrokers; did you mean --workers?"                                                       },
        {"near, with a value",           {"p", "--outt=x"},        "unknown option --outt; did you mean --out?"    },
        {"near none",                    {"p", "--frobnicate"},    "unknown option --frobnicate; see --help"       },
        {"near help",                    {"p", "--hlep"},          "did you mean --help?"                          },
        {"unknown letter",               {"p", "-x"},              "unknown option -x; see --help"                 },
        {"several begin so",             {"p", "--s", "1"},        "--s is short for several options"              },
        {"value missing",                {"p", "--out"},           "--out needs a value: --out DIR"                },
        {"value missing after a letter", {"p", "-o"},              "--out needs a value: --out DIR"                },
        {"value for a flag",             {"p", "--json=yes"},      "--json takes no value"                         },
        {"value for help",               {"p", "--help=yes"},      "--help takes no value"                         },
        {"no whole number",              {"p", "--workers=2.5"},   "--workers needs a whole number, not '2.5'"     },
        {"empty number",                 {"p", "-n", ""},          "--workers needs a whole number, not ''"        },
        {"no number",                    {"p", "--share", "half"}, "--share needs a number, not 'half'"            },
        {"no operand",                   {"--json"},               "something is missing; usage: gavel run PROJECT"},
        {"too many operands",            {"p", "q", "r"},          "too much is given; usage: gavel run PROJECT"   },
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char **operands;
        int n;
        struct err e = {0};
        bool ok = parse(table[i].words, &operands, &n, &e);
        if (ok || e.code != ERR_USAGE || !strstr(e.text, table[i].says))
            fail_msg("%s: got \"%s\"", table[i].reason, e.text);
    }
}

static void more_strings_than_fit_are_refused(void **state)
{
    (void)state;
    const char *words[67] = {"p"};
    for (int i = 1; i <= 65; i++)
        words[i] = "--set=a=1";
    char **operands;
    int n;
    struct err e;
    assert_false(parse(words, &operands, &n, &e));
    assert_non_null(strstr(e.text, "--set is given more than 64 times"));
}

static void help_is_printed_from_the_rows(void **state)
{
    (void)state;
    static const char *const forms[] = {"--help", "-h"};
    for (int i = 0; i < 2; i++) {
        const char *words[] = {forms[i], NULL};
        FILE *caught = tmpfile();
        assert_non_null(caught);
        fflush(stdout);
        int real = dup(STDOUT_FILENO);
        dup2(fileno(caught), STDOUT_FILENO);
        char **operands;
        int n;
        struct err e = {.code = ERR_IO};
        bool ok = parse(words, &operands, &n, &e);
        dup2(real, STDOUT_FILENO);
        close(real);
        assert_false(ok);
        assert_int_equal(e.code, ERR_OK);
        char text[2048] = "";
        rewind(caught);
        text[fread(text, 1, sizeof(text) - 1, caught)] = 0;
        fclose(caught);
        assert_non_null(strstr(text, "usage: gavel run PROJECT [FILE...]\n"));
        assert_non_null(strstr(text, "Runs a project."));
        assert_non_null(strstr(text, "  -n, --workers N "));
        assert_non_null(strstr(text, "      --set KEY=VALUE "));
        assert_non_null(strstr(text, "  -h, --help "));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_may_stand_anywhere_in_any_form),
        cmocka_unit_test(repeated_strings_are_collected_in_order),
        cmocka_unit_test(words_after_two_dashes_are_operands),
        cmocka_unit_test(wrong_usage_is_named),
        cmocka_unit_test(more_strings_than_fit_are_refused),
        cmocka_unit_test(help_is_printed_from_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

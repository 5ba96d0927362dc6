/* gavel: makes training data for judge models. The subcommands are in cmd_*.c. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"

static const struct {
    const char *name;
    command_fn *run;
    const char *help;
} commands[] = {
    {"init",        cmd_init,        "write a commented project file and a seed file"                   },
    {"check",       cmd_check,       "validate everything, probe the endpoints, forecast calls and time"},
    {"preview",     cmd_preview,
     "judge a few pairs and show prompts, traces, outcomes; stores nothing"                             },
    {"run",         cmd_run,         "import, judge, decide, export; resumes by itself"                 },
    {"coordinator", cmd_coordinator, "the coordinator alone, for workers on other machines"             },
    {"worker",      cmd_worker,      "a worker alone"                                                   },
    {"import",      cmd_import,      "seeds only"                                                       },
    {"refilter",    cmd_refilter,    "decide again from stored rollouts, without a call"                },
    {"export",      cmd_export,      "write shards, manifest and card"                                  },
    {"verify",      cmd_verify,      "check a release"                                                  },
    {"status",      cmd_status,      "how far it is; from another shell too"                            },
    {"show",        cmd_show,        "everything about one pair"                                        },
    {"sample",      cmd_sample,      "some pairs that were decided for one reason"                      },
    {"report",      cmd_report,      "the acceptance funnel"                                            },
    {"filters",     cmd_filters,     "list the filters and their options"                               },
    {"tool",        cmd_tool,        "one part on its own, JSONL in, JSONL out"                         },
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

/* Known to the design, not to this version: the name must not look like a typo. */
static const char *const later[] = {"audit", "compare", "keygen", "merge", "dump"};

static void print_help(FILE *out)
{
    fprintf(out,
            "gavel %s: makes training data for judge models\n\n"
            "usage: gavel COMMAND [arguments]; gavel COMMAND --help\n\n",
            GAVEL_VERSION);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\nexit status: 0 complete, 1 failed, 2 wrong usage or input, 3 stopped early but "
                 "resumable, 4 a quality gate failed\n");
}

static int unknown(const char *name)
{
    const char *names[N_COMMANDS];
    struct buf quoted;
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        if (strcmp(name, later[i]) == 0) {
            fprintf(stderr, "gavel: '%s' is not part of this version; it comes later\n", name);
            return EXIT_USAGE;
        }
    }
    for (int i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].name;
    const char *near = text_nearest(slice_of(name), names, N_COMMANDS);
    buf_init(&quoted, 1024);
    text_quote(&quoted, slice_of(name), 60);
    fprintf(stderr, "gavel: unknown command '%s'%s%s%s; `gavel --help` lists them\n",
            buf_cstr(&quoted), near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    buf_free(&quoted);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    log_setup("gavel", LOG_INFO);
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_COMPLETE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("gavel %s\n", GAVEL_VERSION);
        return EXIT_COMPLETE;
    }
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return unknown(argv[1]);
}

/* gavel report: from seeds to accepted pairs, with reasons, and how good the teacher is. */
#include "cli/command.h"
#include "cli/page.h"
#include "cli/report.h"

int cmd_report(int argc, char **argv)
{
    bool as_json = false;
    struct args_strings sets = {0};
    const struct args_row rows[] = {
        {"json", 0, ARGS_FLAG, &as_json, NULL, "one JSON object"},
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel report PROJECT [--json]",
        .about = "The way from seeds to accepted pairs with the reasons of those that fell out, "
                 "what was said in each order,\nhow good each judge is (also by majority, by mean "
                 "score and after each cue), what reflection and checks\ndid, which labels are "
                 "suspect, what it took, and how far each\nsource's winner can be guessed without "
                 "the prompt. Reads all judgments.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    static struct report r;
    char **operands;
    int n, exit_status;
    struct err e;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    buf_init(&r.out, PAGE_MAX);
    bool ok = report_read(&r, operands[0], &sets, &e) &&
              (as_json ? report_json(&r, &e) : report_text(&r, &e));
    exit_status = ok ? EXIT_COMPLETE : command_fail(&e);
    if (!ok)
        buf_clear(&r.out);
    suspects_free(&r.survey.suspects);
    opening_close(&r.opening);
    return page_end(&r.out, exit_status);
}

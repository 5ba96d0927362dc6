#include "cli/command.h"

#include <stdio.h>

#include "base/log.h"
#include "base/text.h"

bool command_args(const struct args_command *c, int argc, char **argv, char ***operands, int *n,
                  int *exit_status)
{
    struct err e;
    if (args_parse(c, argc, argv, operands, n, &e))
        return true;
    *exit_status = e.code == ERR_OK ? EXIT_COMPLETE : command_fail(&e);
    return false;
}

int command_fail(const struct err *e)
{
    struct buf line;
    buf_init(&line, 8192);
    text_quote(&line, slice_of(e->text), 0);
    if (line.n)
        secret_redact(line.p, line.n);
    fprintf(stderr, "gavel: %s\n", buf_cstr(&line));
    buf_free(&line);
    return e->code == ERR_USAGE || e->code == ERR_NOTFOUND || e->code == ERR_SYNTAX ? EXIT_USAGE
                                                                                    : EXIT_FAILED;
}

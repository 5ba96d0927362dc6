/* args: command-line options from rows, on getopt_long; `--help` is made from the same rows. */
#ifndef BASE_ARGS_H
#define BASE_ARGS_H

#include "base/err.h"

enum args_type { ARGS_FLAG, ARGS_STRING, ARGS_INT, ARGS_DOUBLE, ARGS_STRINGS };

struct args_row {
    const char *name; /* long name without dashes */
    char letter;      /* 0: none */
    enum args_type type;
    void *value;      /* bool*, const char**, int64_t*, double*, struct args_strings* */
    const char *meta; /* "N", "FILE" … for the help text */
    const char *help;
};

struct args_strings {
    const char *items[64];
    int n;
};

struct args_command {
    const char *usage; /* "gavel run PROJECT [options]" */
    const char *about; /* a few lines */
    const struct args_row *rows;
    int min_operands, max_operands; /* max -1: any number */
};

/* args_parse(c, argc, argv, operands, e): argv[0] is the command's name. On success *operands points
 * into argv and *n_operands says how many. False with ERR_USAGE otherwise; ERR_OK in e means that
 * --help was asked for and printed. An unknown option names the nearest known one. */
bool args_parse(const struct args_command *c, int argc, char **argv, char ***operands,
                int *n_operands, struct err *e);

#endif

/* template_scan: a template taken apart into its pieces, for those who render and check it. */
#ifndef JUDGES_TEMPLATE_SCAN_H
#define JUDGES_TEMPLATE_SCAN_H

#include "base/slice.h"

enum template_piece_kind {
    TEMPLATE_TEXT,    /* as it stands */
    TEMPLATE_HOLE,    /* {{name}} */
    TEMPLATE_OPEN,    /* {{#name}} */
    TEMPLATE_CLOSE,   /* {{/name}} */
    TEMPLATE_PART,    /* a line === name === */
    TEMPLATE_UNENDED, /* {{ without }} */
    TEMPLATE_END
};

struct template_piece {
    enum template_piece_kind kind;
    struct slice text; /* TEXT: the text; UNENDED: what begins there; else the name */
    int line;          /* on which the piece begins, from 1 */
};

struct template_scan {
    struct slice rest;
    int line;
    bool line_begins; /* the rest begins a line */
};

struct template_scan template_scan_of(struct slice text);
/* template_scan_next(s): the next piece. The line break after a part's line, and after a section
 * mark that stands alone on its line, belongs to the mark, as in mustache. */
struct template_piece template_scan_next(struct template_scan *s);

#endif

/* project_check: what is wrong with a project although each of its keys is within its bounds. Used
 * by project.c alone. */
#ifndef SCHEMAS_PROJECT_CHECK_H
#define SCHEMAS_PROJECT_CHECK_H

#include "schemas/project.h"

/* project_check(p, e): ERR_USAGE with place, key and what to do. */
bool project_check(const struct project *p, struct err *e);
/* project_check_judging(p, e): the part about judge, accept, quotas, reflection and hint. */
bool project_check_judging(const struct project *p, struct err *e);
/* project_check_answers(p, e): the part about answers. */
bool project_check_answers(const struct project *p, struct err *e);
/* project_check_complain(p, path, e, format, ...): "FILE:LINE:COLUMN: path what"; always false. */
bool project_check_complain(const struct project *p, const char *path, struct err *e,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif

/* report_parts: the parts of the report, and what they share. */
#ifndef CLI_REPORT_PARTS_H
#define CLI_REPORT_PARTS_H

#include "cli/report.h"
#include "cli/table.h"

/* report_measure_*: how good each judge is, where it was asked whatever it said. */
void report_measure_text(struct report *r);
void report_measure_json(struct report *r);
/* report_building_*: pairs that are built of sampled answers. */
void report_building_text(struct report *r);
void report_building_json(struct report *r);
/* report_quality_*: reflection, reviews, quotas, suspect labels. */
bool report_quality_text(struct report *r, struct err *e);
bool report_quality_json(struct report *r, struct err *e);
/* report_text_share(t, share, n): a cell "71.0 % (65.1 to 76.2)", measured on n cases; "-" for
 * none. */
void report_text_share(struct table *t, double share, int64_t n);
/* report_json_share(w, key, share, n): members `key` and `key`_interval. */
void report_json_share(struct jsonw *w, const char *key, double share, int64_t n);

#endif

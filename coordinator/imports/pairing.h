/* pairing: from what a record says about its answers to pairs, as the project's `import:` wants
 * them. A record that gives no pair gets its reason. */
#ifndef IMPORTS_PAIRING_H
#define IMPORTS_PAIRING_H

#include "coordinator/imports/importer.h"
#include "schemas/project.h"

/* pairing_make(record, how, arena, e): fills pairs and their evidence, left_out, reason and skip.
 * Pairs that the importer chose itself stay. The record's trust must be known. */
bool pairing_make(struct seed_record *record, const struct project_import *how, struct arena *arena,
                  struct err *e);
/* pairing_defaults(): what holds where a project says nothing. */
struct project_import pairing_defaults(void);

#endif

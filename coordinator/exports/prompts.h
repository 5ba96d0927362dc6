/* prompts: the requests a pair's rows show: as the judge gets them, but without nonce and hint. */
#ifndef EXPORTS_PROMPTS_H
#define EXPORTS_PROMPTS_H

#include "base/arena.h"
#include "coordinator/exports/exporter.h"

/* prompts_render(item, arena, e): fills format and lanes by the pair's rollouts (without any: by
 * the project), and the prompts, which live in the arena. item->line is overwritten. */
bool prompts_render(struct export_item *item, struct arena *arena, struct err *e);

#endif

/*
 * blind_view: the prompt-blind baseline of each source of a store (coordinator/blind.h), for people
 * and for programs. Bounded work: a sample of the pairs (coordinator/store/pair_sample.h).
 */
#ifndef CLI_BLIND_VIEW_H
#define CLI_BLIND_VIEW_H

#include "base/jsonw.h"
#include "coordinator/store/store.h"

/* blind_view_text(s, seed, out, e): a table, the words that tell, and warnings; nothing when there
 * is no pair. The seed is the project's. */
bool blind_view_text(struct store *s, uint64_t seed, struct buf *out, struct err *e);
/* blind_view_json(s, seed, w, e): one value. */
bool blind_view_json(struct store *s, uint64_t seed, struct jsonw *w, struct err *e);
/* blind_view_print(s, seed, as_json, e): to standard output, what ends the report of an import: the
 * text, or `,"prompt_blind":…` for within an object. */
bool blind_view_print(struct store *s, uint64_t seed, bool as_json, struct err *e);

#endif

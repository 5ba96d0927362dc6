/*
 * conversation: a preference in whatever form it comes, brought into the one that is judged: a
 * prompt that both sides share, and two answers to it that begin with the assistant.
 */
#ifndef IMPORTS_CONVERSATION_H
#define IMPORTS_CONVERSATION_H

#include "coordinator/imports/importer.h"

/* conversation_pair(line, record, arena, e): reads prompt (may be absent), chosen and rejected into
 * the record: its prompt, its responses 0 (chosen) and 1 (rejected), and their pair. What both
 * sides share, up to their last common message that is not the assistant's, belongs to the prompt.
 */
bool conversation_pair(const json *line, struct seed_record *record, struct arena *arena,
                       struct err *e);
/* conversation_sides(record, arena, e): the same for a record whose prompt (or none) and responses
 * 0 and 1 hold what was given; makes no pair. */
bool conversation_sides(struct seed_record *record, struct arena *arena, struct err *e);
/* conversation_duel(record, names, e): responses 0 and 1 hold two whole conversations, which
 * their keys name, with the same user turns: what they share becomes the prompt. */
bool conversation_duel(struct seed_record *record, const char *const names[2], struct err *e);
/* conversation_prompt(line, record, arena, e): reads the prompt of a line without answers. */
bool conversation_prompt(const json *line, struct seed_record *record, struct arena *arena,
                         struct err *e);
/* conversation_system(record, system, arena, e): puts a system message before the prompt. One that
 * is there already must say the same. */
bool conversation_system(struct seed_record *record, struct slice system, struct arena *arena,
                         struct err *e);

#endif

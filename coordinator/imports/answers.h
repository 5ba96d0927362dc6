/* answers: what importers build records of: prompts and answers that are texts, winners in all
 * their spellings, scores that rank. */
#ifndef IMPORTS_ANSWERS_H
#define IMPORTS_ANSWERS_H

#include "coordinator/imports/importer.h"

/* answers_prompt(line, key, record, arena, e): the prompt: a text, or a conversation. */
bool answers_prompt(const json *line, const char *key, struct seed_record *record,
                    struct arena *arena, struct err *e);
/* answers_instruction(line, record, arena, e): `instruction`, and after an empty line `input` when
 * there is one. */
bool answers_instruction(const json *line, struct seed_record *record, struct arena *arena,
                         struct err *e);
/* answers_steerlm(line, record, arena, e): HelpSteer2's `prompt`, in turns. */
bool answers_steerlm(const json *line, struct seed_record *record, struct arena *arena,
                     struct err *e);
/* answers_ask(text, record, arena, e): a prompt of one user message. */
bool answers_ask(struct slice text, struct seed_record *record, struct arena *arena, struct err *e);
/* answers_add(node, what, record, arena, e): one more response, text or message list. NULL: it is
 * none, or blank, or there are too many; e names `what`. */
struct seed_response *answers_add(const json *node, const char *what, struct seed_record *record,
                                  struct arena *arena, struct err *e);
/* answers_list(line, key, rank, record, arena, e): each of a list of texts as a response of this
 * rank. */
bool answers_list(const json *line, const char *key, int rank, struct seed_record *record,
                  struct arena *arena, struct err *e);
/* answers_two(line, first, second, record, arena, e): responses 0 and 1. */
bool answers_two(const json *line, const char *first, const char *second,
                 struct seed_record *record, struct arena *arena, struct err *e);

enum winner { WINNER_FIRST, WINNER_SECOND, WINNER_TIE, WINNER_BOTH_BAD };

/* answers_winner(line, key, winner, e): "model_a", "A>B", "A>>B", "tie", "tie (bothbad)", … */
bool answers_winner(const json *line, const char *key, enum winner *winner, struct err *e);
/* answers_decide(record, winner): the label and the ranks of responses 0 and 1. */
void answers_decide(struct seed_record *record, enum winner winner);
/* answers_votes(record, first, second, ties): label, ranks and votes of responses 0 and 1, as so
 * many annotators have it. No side with more votes than the other: a tie when most say so or nobody
 * says anything else; otherwise equal ranks that no rule lets through. */
void answers_votes(struct seed_record *record, unsigned first, unsigned second, unsigned ties);
/* answers_by_score(record): ranks all responses by their scores, which all must have. Equal scores
 * are equal ranks; nothing but equal ones: a tie. */
void answers_by_score(struct seed_record *record);
/* answers_author(line, key, response, arena, e): may be absent. */
bool answers_author(const json *line, const char *key, struct seed_response *response,
                    struct arena *arena, struct err *e);
/* answers_details(line, keys, record, arena, e): these members (NULL at the end) go into the
 * evidence as they are; absent ones are passed over. */
bool answers_details(const json *line, const char *const *keys, struct seed_record *record,
                     struct arena *arena, struct err *e);

#endif

/*
 * tags: reading what stands between the tags of a judgment. A tag may stand several times when all
 * of them say the same. With a nonce (judges/nonce.h) only tags that carry it are seen. Everything
 * is linear in the length of the text and needs no memory.
 */
#ifndef JUDGES_TAGS_H
#define JUDGES_TAGS_H

#include "judges/judge.h"

/* tags_readable(t, why): whether there is an answer to look into; else *why is REFUSED, TRUNCATED,
 * UNCLOSED or EMPTY. */
bool tags_readable(const struct trace *t, enum verdict *why);
/* tags_verdict(text, nonce): [[A]], [[B]] or a tie between <answer> tags, or why there is none. */
enum verdict tags_verdict(struct slice text, struct slice nonce);
/* tags_score(text, name, nonce, score): SCORE with *score in hundredths for a number from 0 to 10
 * with at most two decimals between <name> tags; else why there is none, and SCORE_NONE. */
enum verdict tags_score(struct slice text, const char *name, struct slice nonce, int *score);
/* tags_opened(text, name, nonce) / tags_closed: offset behind the last such opening / closing tag;
 * 0: there is none. */
size_t tags_opened(struct slice text, const char *name, struct slice nonce);
size_t tags_closed(struct slice text, const char *name, struct slice nonce);

#endif

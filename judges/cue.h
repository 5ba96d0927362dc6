/* cue: the words that a reflection begins with, those that are said to a teacher and those by which
 * one is known. Only "Wait" is sourced (s1, arXiv 2501.19393); the others are ours. */
#ifndef JUDGES_CUE_H
#define JUDGES_CUE_H

#include "base/slice.h"

/* cue_length(sentence): bytes of the cue that it begins with; 0: it begins with none. */
size_t cue_length(struct slice sentence);
/* cue_is_filler(sentence): says that something will be looked at again, and no more. */
bool cue_is_filler(struct slice sentence);
/* cue_builtin(language, salt): one of the built-in ones: Chinese for zh, otherwise English. */
struct slice cue_builtin(struct slice language, uint64_t salt);

#endif

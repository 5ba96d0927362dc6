/*
 * math_plain: an answer in one spelling. Unicode signs become TeX, aliases of one command become
 * one, what only concerns the looks (\left, \displaystyle, dollar signs around it, spaces that
 * separate nothing) goes.
 */
#ifndef ANSWERS_MATH_PLAIN_H
#define ANSWERS_MATH_PLAIN_H

#include "base/arena.h"

/* math_plain(arena, s): the text in one spelling; p is NULL when the arena is full. Linear. */
struct slice math_plain(struct arena *arena, struct slice s);

#endif

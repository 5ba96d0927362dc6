/* math_words: what is said in words: numbers, functions written plainly, phrases. */
#ifndef ANSWERS_MATH_WORDS_H
#define ANSWERS_MATH_WORDS_H

#include "filters/answers/math_token.h"
#include "filters/answers/math_tree.h"

/* math_word_known(run): a word wherever it stands, and never a product of variables. */
bool math_word_known(struct slice run);
/* math_word_function(run): how many letters at its beginning are a function's or a constant's name
 * that takes no backslash in plain text ("sin", "sqrt", "pi", "sinx"); 0: none. */
size_t math_word_function(struct slice run);
/* math_words_number(tree, t, used): the number that words at t say ("twenty-one", "two thirds", "a
 * dozen"); *used tokens. NULL: none. */
struct math_node *math_words_number(struct math_tree *tree, const struct math_token *t,
                                    size_t *used);
/* math_word_scale(t): the power of ten that a word like "million" behind a number means; 0: none.
 */
unsigned math_word_scale(const struct math_token *t);
/* math_word_part(t): 3 for "thirds" and so on; 0: none. */
unsigned long math_word_part(const struct math_token *t);
/* math_word_counts(word): whether it is a word that numbers are made of. */
bool math_word_counts(struct slice word);
/* math_words_text(arena, tokens, from, n): the words and numbers, lower case, single spaces, signs
 * dropped; p is NULL when the arena is full. */
struct slice math_words_text(struct arena *arena, const struct math_token *t, size_t n);
/* math_words_phrase(tree, text): a phrase that means a mathematical thing ("no solution", "all real
 * numbers"); NULL: none does. */
struct math_node *math_words_phrase(struct math_tree *tree, struct slice text);
/* math_words_same(a, b): the same text, or an abbreviation of it ("DNE"). */
bool math_words_same(struct slice a, struct slice b);
/* math_words_relate(a, b): whether two different texts may still mean the same: they share a word,
 * or one word begins as the other does, or are a known pair ("true", "yes"). */
bool math_words_relate(struct slice a, struct slice b);

#endif

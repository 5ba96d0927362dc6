/* prompts: the prompts of seeds that have no pair, each with its right answer or without one
 * (open). For finding out what a generator is asked, and what a pair was built for. */
#ifndef SIM_TEACHER_PROMPTS_H
#define SIM_TEACHER_PROMPTS_H

#include "base/buf.h"
#include "cli/sim_teacher/map.h"

#define PROMPTS_MAX ((size_t)32 * 1024 * 1024)

struct prompts {
    struct map at;      /* hash of a prompt: where its answer stands and how long it is */
    struct buf answers; /* one after the other */
};

struct prompt_found {
    struct slice prompt; /* of the text that was looked at: without the instruction */
    struct slice answer; /* the right one, until prompts_free; empty: the prompt is open */
    uint64_t id;         /* of the prompt */
};

void prompts_init(struct prompts *p);
void prompts_free(struct prompts *p);
/* prompts_add(p, prompt, answer, e): answer empty: an open one. Of a prompt that comes with
 * different answers none is known. No prompt is found while more are added. */
bool prompts_add(struct prompts *p, struct slice prompt, struct slice answer, struct err *e);
/* prompts_find(p, text, found): whether the text is a prompt that was added, or one that an
 * instruction follows after a blank line. */
bool prompts_find(const struct prompts *p, struct slice text, struct prompt_found *found);

#endif

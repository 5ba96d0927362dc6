/*
 * frame: where a judge prompt shows question and answers, found out from the wording that it is
 * made of (judges/template.h): the text around each hole. So the simulated teacher reads what the
 * formats write, whatever their wording.
 */
#ifndef SIM_TEACHER_FRAME_H
#define SIM_TEACHER_FRAME_H

#include "judges/judge.h"

#define FRAME_PIECE 256
#define FRAME_SECTIONS 4

/* A piece of wording between two holes, without nonces. */
struct frame_piece {
    char p[FRAME_PIECE];
    size_t n;
};

/* What stands before and after the holes. */
struct frame {
    bool one; /* one answer is shown */
    struct frame_piece before_question, after_question;
    struct frame_piece before_a, after_a; /* after_a: up to answer B, if there is one */
    struct frame_piece after_b;
    struct frame_piece before_hint;
    struct frame_piece
        sections[FRAME_SECTIONS]; /* begin what may stand between question and answers
                                   */
    size_t n_sections;
};

/* frame_of(f, judge): of the format's own wording. */
void frame_of(struct frame *f, const struct judge *judge);
/* frame_hint(f, text): the letter that the prompt, taken without nonces, says is the winner's; 0:
 * it does not say. */
char frame_hint(const struct frame *f, struct slice text);
struct slice frame_text(const struct frame_piece *piece);

#endif

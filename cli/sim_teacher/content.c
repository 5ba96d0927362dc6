#include "cli/sim_teacher/content.h"

#include <stdio.h>

#include "cli/sim_teacher/mix.h"

#define TEXT_MAX ((size_t)16 * 1024)

enum { SALT_PROSE = 101, SALT_ID };

/* With tags, or when the thought is never closed, the thought is part of the text. */
static void place_thought(struct content *t, enum thought_field where, enum verdict v,
                          struct slice answer)
{
    bool open = v == VERDICT_UNCLOSED || v == VERDICT_TRUNCATED;
    bool tagged = where == THOUGHT_THINK_TAG || v == VERDICT_UNCLOSED;
    if (t->thought.n && tagged) {
        buf_str(&t->text, "<think>\n");
        buf_slice(&t->text, buf_view(&t->thought));
        buf_str(&t->text, open ? "" : "\n</think>\n\n");
    } else if (t->thought.n && where == THOUGHT_ABSENT && open) {
        buf_slice(&t->text, buf_view(&t->thought)); /* cut off: there is no answer to show yet */
    }
    if (tagged || where == THOUGHT_ABSENT)
        buf_clear(&t->thought);
    buf_slice(&t->text, answer);
}

void content_cut(struct buf *b, size_t n)
{
    if (n >= b->n)
        return;
    while (n > 0 && ((unsigned char)b->p[n] & 0xC0) == 0x80)
        n--;
    b->n = n;
    b->p[n] = '\0';
}

/* The limit counts the thought too, which comes first. */
static void limit_tokens(struct content *t, struct judgment *j)
{
    size_t bytes = t->thought.n + t->text.n;
    if (j->max_tokens == 0 || judgment_tokens(bytes) <= j->max_tokens)
        return;
    size_t left = (size_t)j->max_tokens * 4;
    content_cut(&t->thought, left);
    content_cut(&t->text, left - t->thought.n);
    t->finish = FINISH_LENGTH;
    j->verdict = VERDICT_TRUNCATED;
}

void content_compose(struct content *t, struct judgment *j, const struct character *c)
{
    struct buf answer;
    buf_init(&t->thought, TEXT_MAX);
    buf_init(&t->text, 2 * TEXT_MAX);
    buf_init(&answer, TEXT_MAX);
    prose_write(&j->excerpts, j->verdict, judgment_hash(j, c, SALT_PROSE), &t->thought, &answer);
    place_thought(t, c->thought, j->verdict, buf_view(&answer));
    buf_free(&answer);
    t->finish = j->verdict == VERDICT_TRUNCATED ? FINISH_LENGTH
                : j->verdict == VERDICT_REFUSED ? FINISH_CONTENT_FILTER
                                                : FINISH_STOP;
    limit_tokens(t, j);
    t->tokens = judgment_tokens(t->thought.n + t->text.n);
    t->thought_tokens = judgment_tokens(t->thought.n);
    uint64_t id = mix_two(judgment_hash(j, c, SALT_ID), j->seen);
    snprintf(t->id, sizeof t->id, "%016llx", (unsigned long long)id);
}

void content_free(struct content *t)
{
    buf_free(&t->thought);
    buf_free(&t->text);
}

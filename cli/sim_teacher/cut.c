#include "cli/sim_teacher/cut.h"

void cut_text(struct buf *b, size_t n)
{
    if (n >= b->n)
        return;
    while (n > 0 && ((unsigned char)b->p[n] & 0xC0) == 0x80)
        n--;
    b->n = n;
    b->p[n] = '\0';
}

/*
 * progress_text: what the progress display says, as a pure function of the view and of what was
 * seen before. Time is the run's own: serve_view.elapsed_ms.
 */
#ifndef CLI_PROGRESS_TEXT_H
#define CLI_PROGRESS_TEXT_H

#include "coordinator/serve.h"

#define PROGRESS_SAMPLES 64

/* One sample a second, the newest at `next` - 1: rates are taken between samples. */
struct progress_history {
    struct progress_sample {
        int64_t at_ms;
        uint64_t answers, tokens, decided;
    } samples[PROGRESS_SAMPLES];
    size_t next, n;
};

/* Rates of the last seconds; -1: not known yet. */
struct progress_rates {
    double calls, tokens; /* per second, over about 10 s */
    double decided;       /* pairs per second, over about a minute or the whole run */
};

struct progress_look {
    size_t width; /* columns of the terminal */
    bool colour;
};

/* progress_note(h, view): remembers where the run is. */
void progress_note(struct progress_history *h, const struct serve_view *view);
struct progress_rates progress_rates_of(const struct progress_history *h,
                                        const struct serve_view *view);
/* progress_left(view, rates): milliseconds until all known pairs are decided, -1: not known. At the
 * beginning of a run, when few are decided, it is told by the calls that they will take. */
int64_t progress_left(const struct serve_view *view, const struct progress_rates *r);
/* progress_block(out, view, history, look): the live block: lines that each end in a line break and
 * are narrower than the terminal. Returns how many. */
size_t progress_block(struct buf *out, const struct serve_view *view,
                      const struct progress_history *h, const struct progress_look *look);
/* progress_line(out, view, history): the same as one sentence for a log. */
void progress_line(struct buf *out, const struct serve_view *view,
                   const struct progress_history *h);
/* progress_same_notice(a, b): whether two notices say the same, apart from their numbers. */
bool progress_same_notice(const char *a, const char *b);

#endif

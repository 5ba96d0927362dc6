/* segment_view: a judgment's texts with the cues that stand in them set off. */
#ifndef CLI_SEGMENT_VIEW_H
#define CLI_SEGMENT_VIEW_H

#include "judges/history.h"

/* segment_view_text(out, thought, answer, segments, max_lines): thought and answer, indented; where
 * the segments (as segments_write made them; empty: all is the teacher's) name a cue, or another
 * call than before, a line says so. max_lines: of each piece, 0: all. */
void segment_view_text(struct buf *out, struct slice thought, struct slice answer,
                       struct slice segments, size_t max_lines);

#endif

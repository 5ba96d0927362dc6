/* serve_private: what serve.c (set-up and loop) and serve_inbox.c (messages) share. */
#ifndef COORDINATOR_SERVE_PRIVATE_H
#define COORDINATOR_SERVE_PRIVATE_H

#include "base/loop.h"
#include "coordinator/check_desk.h"
#include "coordinator/crew.h"
#include "coordinator/feed.h"
#include "coordinator/outbox.h"
#include "coordinator/serve.h"
#include "coordinator/staging.h"

#define SERVE_LINKS 2 /* this machine's workers, and those elsewhere */

/* A peer's number in the engine: which link, and its number there. */
#define SERVE_PEER(link, peer) ((uint32_t)(peer)*SERVE_LINKS + (uint32_t)(link))

struct serve_door {
    struct link *link;
    struct outbox *outbox;
    struct serve *serve;
    int index;
};

struct serve {
    const struct serve_options *options;
    const struct project *project;
    struct store *store;
    struct ledger_run run;
    struct engine *engine;
    struct engine_io io;
    struct loop *loop;
    struct serve_door doors[SERVE_LINKS];
    int n_doors;
    struct crew crew;
    struct feed feed;
    struct staging *staging;
    struct intake *intake; /* NULL once it is done */
    struct intake_report imported;
    struct err import_broken; /* ERR_OK: no input broke off */
    struct buf project_text;
    struct arena texts; /* of the pair that is being sent */
    int64_t endpoint_rows[ENDPOINT_MAX];
    char socket_dir[128], socket_path[160];
    const char *spool_dir;
    struct engine_totals written;                                    /* as counted in the store */
    int64_t started, staged_since, live_written, shown, grace_until; /* monotonic ms */
    int64_t stuck_since, stuck_tried; /* the disk is full since; last try */
    int64_t answers_before;
    int64_t deferred_before; /* pairs that this run takes up again */
    int signals;
    int64_t signalled; /* monotonic ms of the last one */
    struct id building_rules;
    struct check_desk *desk; /* answers.kind exec; NULL until there is something to compare */
    bool built;              /* seeds were ended since the last commit: there may be new pairs */
    bool urgent;             /* what is staged must be durable before the next pairs are loaded */
    bool unsaved; /* an answer could not be staged: the spool it may come from must stay */
    bool stop, drained, refused;
    bool sent_home; /* the work is done and the workers were told so */
    char refusal[700];
};

/* serve_inbox.c */
/* serve_read(s, door, e): handles every message that has arrived at this door. */
bool serve_read(struct serve *s, struct serve_door *door, struct err *e);
/* serve_fill_io(s): the engine's way to act. */
void serve_fill_io(struct serve *s);
/* serve_frame(s, peer): where a message to it is put; NULL (and logged) without memory. */
struct buf *serve_frame(struct serve *s, uint32_t peer);
/* serve_saved(s, call, result, recipe, more): an answer that is not stored yet is staged. */
enum engine_saved serve_save(struct serve *s, const struct wire_call *call,
                             const struct call_result *result, struct staging_call *more);
/* serve_stage(s, ok): something was staged, or (false) there was no memory for it. */
void serve_stage(struct serve *s, bool ok);
/* DRAIN or BYE to every worker. */
void serve_drain_all(struct serve *s);
void serve_bye_all(struct serve *s);
void serve_gone(void *door, uint32_t peer);
/* serve_dead(s, pid): the local worker with this process id has ended. */
void serve_dead(struct serve *s, uint32_t pid);

/* serve_building.c: seeds whose pairs are built. */
/* serve_building_io: the engine's way to act on them. */
extern const struct engine_building serve_building_io;
/* serve_begin_building(s, e): reopens what can be built now, and tells the feed of seeds. */
bool serve_begin_building(struct serve *s, struct err *e);
/* serve_save_sample(s, call, result): as engine_io's save, of a call that belongs to a seed. */
enum engine_saved serve_save_sample(struct serve *s, const struct wire_call *call,
                                    const struct call_result *result);

/* spools.c: finished answers that dead workers left behind. */
/* serve_take_spools(s, busy, e): stages what lies in the spool folder's files that nobody writes
 * any more, commits, removes them; *busy: files whose writers live. */
bool serve_take_spools(struct serve *s, int *busy, struct err *e);
/* serve_take_old_spools(s, e): the same before the first call is handed out. Workers of a run that
 * was killed end with it, but not in the same instant: what they have finished must be known before
 * it is asked for again. */
bool serve_take_old_spools(struct serve *s, struct err *e);

/* serve_setup.c */
/* serve_set_up(s, e): everything up to the first turn; what was made is put away by
 * serve_tear_down. */
bool serve_set_up(struct serve *s, struct err *e);
void serve_tear_down(struct serve *s);
/* serve_finish(s, e): all pairs are decided: the corpus filters have their say. */
bool serve_finish(struct serve *s, struct err *e);

/* serve.c */
/* serve_flush(s, e): commits what is staged and acknowledges it. A full disk is no failure: it is
 * tried again later. */
bool serve_flush(struct serve *s, struct err *e);

#endif

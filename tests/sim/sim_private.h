/* sim_private: the world, shared by the parts of the simulator. */
#ifndef SIM_SIM_PRIVATE_H
#define SIM_SIM_PRIVATE_H

#include "base/rng.h"
#include "coordinator/engine_private.h"
#include "tests/sim/sim.h"
#include "worker/session.h"

enum {
    SIM_WORKERS = 8,
    SIM_PAIRS = 40, /* that are there from the beginning */
    SIM_SEEDS = 12, /* whose pairs are built; each gives one at most */
    SIM_ROWS = SIM_PAIRS + SIM_SEEDS,
    SIM_MOST_N = 8,
    SIM_SEATS = 5, /* teacher, second teacher, hinted, checker, student; and the generator */
    SIM_STEPS = 4,
    SIM_OF_PAIRS = (SIM_ROWS + 1) * SIM_SEATS * PLANNER_LANES * SIM_MOST_N * SIM_STEPS,
    SIM_CALLS = SIM_OF_PAIRS + (SIM_SEEDS + 1) * BUILDER_LANES * SIM_MOST_N,
    SIM_PEERS = 4096,  /* connections that one coordinator sees */
    SIM_ENDPOINTS = 2, /* of the teacher */
    SIM_LEASE_MS = 30000,
    SIM_GRACE_MS = 6000,
    SIM_DEADLINE_MS = 60000, /* of a call that hangs */
    SIM_LATENCY_MOST_MS = 5000,
};

/* Events */

enum sim_kind {
    EVENT_FRAME_UP,   /* who: worker; a frame reaches the coordinator */
    EVENT_FRAME_DOWN, /* who: worker; a frame reaches it */
    EVENT_TURN,       /* the coordinator's */
    EVENT_WORK,       /* who: a worker's turn */
    EVENT_ANSWER,     /* who: worker, number: exchange */
    EVENT_CHECK,      /* number: index of a sample whose check took its time */
    EVENT_START_COORDINATOR,
    EVENT_START_WORKER, /* who */
    EVENT_FAULT,        /* who: enum sim_fault */
};

struct sim_frame {
    struct sim_frame *next;
    uint32_t peer; /* in the coordinator's inbox */
    size_t n;
    char bytes[];
};

struct sim_event {
    int64_t at;
    uint64_t order; /* of making: the tie rule */
    enum sim_kind kind;
    int who;
    uint64_t life; /* of whom it is for: what is for an earlier life is dropped */
    uint64_t number;
    struct sim_frame *frame;
};

struct sim_queue {
    struct sim_frame *head, *tail;
};

/* The store: pairs, seeds and calls, and what is staged for the next commit. */

struct sim_call {
    bool durable, staged;
    uint8_t verdict; /* stored */
    bool filtered;
    bool last;       /* its rollout is finished with it */
    uint8_t mark;    /* of a sample, as it is durable */
    unsigned starts; /* exchanges begun */
    uint64_t lease;  /* the attempt that holds the call, as the simulator reckons; 0: none */
    uint32_t lease_peer;
    int64_t lease_until;
};

struct sim_pair {
    struct id id;
    enum pair_state state, staged_state; /* staged_state: with what is not committed yet */
    bool poison;                         /* its requests are refused */
};

/* A prompt whose pair is to be built. */
struct sim_seed {
    struct id id;
    bool known; /* its answer is */
    bool poison;
    enum build state, staged_state;
};

enum sim_staging { SIM_STAGED_CALL, SIM_STAGED_DECISION, SIM_STAGED_CHECK, SIM_STAGED_END };

struct sim_staged {
    enum sim_staging kind;
    uint64_t row;
    int call; /* index */
    uint8_t verdict;
    bool filtered, last;
    enum pair_state state;
    enum sample_mark mark;
    bool deferred; /* END; else as the samples say */
};

struct sim_store {
    struct sim_pair pairs[SIM_ROWS + 1]; /* by row, from 1 */
    int n_pairs;                         /* with those that were built */
    struct sim_seed seeds[SIM_SEEDS + 1];
    struct sim_call calls[SIM_CALLS];
    struct sim_staged *staged;
    size_t n_staged, cap_staged;
    uint64_t epoch;
    bool full; /* commits fail */
};

/* Every attempt that was ever granted, in order: attempts only grow. */
struct sim_attempt {
    uint64_t attempt;
    int call;
    bool result; /* its worker has reported a result */
};

/* Workers */

struct sim_exchange {
    struct sim_exchange *next;
    uint64_t number;
    struct job_batch *batch; /* lives while one of its jobs waits */
    enum failure failure;    /* FAILURE_COUNT: an answer */
    uint16_t http_status;
    int64_t retry_after_ms;
};

struct sim_worker {
    struct sim *sim;
    int index;
    bool alive, local;
    uint64_t life;
    uint32_t slots, read_ahead;
    struct wire_hello hello;
    struct session *session;
    struct session_io io;
    struct sim_queue inbox;
    struct buf out;
    struct sim_exchange *exchanges;
    struct sim_queue spool; /* a local one's file: outlives it */
    int64_t wake, stalled_until;
    int64_t cut_until;          /* partition */
    int64_t up_last, down_last; /* arrival of the last frame each way: links keep order */
};

/* The coordinator */

struct sim_peer {
    int worker;
    uint64_t life;
    bool forgotten;
    int64_t heard;
    struct buf out;
};

struct sim_coordinator {
    bool alive;
    uint64_t life;
    struct engine *engine;
    struct engine_io io;
    struct project project;
    struct arena arena;
    char project_text[2000];
    struct seats seats;
    struct sim_queue inbox;
    struct sim_peer *peers; /* number - 1 */
    size_t n_peers;
    uint32_t deaths[SIM_WORKERS * 4]; /* pids of local workers that have ended */
    size_t n_deaths;
    uint64_t cursor, seed_cursor;
    bool at_end, seeds_at_end, drained, stuck;
    bool urgent; /* what is staged must be durable before the next pairs are loaded */
    int64_t wake, stalled_until, grace_until, staged_since;
};

struct sim_settings {
    int pairs, workers, locals, k, n, endpoints, limit, tries, speculate, budget;
    int rounds;      /* of reflection; 0: none */
    int per_request; /* rollouts of one request */
    int seeds, samples, right, wrong, modifications;
    bool generator;     /* with an endpoint of its own */
    bool warm;          /* all samples at one temperature */
    double slow_checks; /* share of the samples whose check takes time */
    bool full, cut, mixed, second, hint, checker, student;
    double calibration, p_correct;
    int64_t latency_ms; /* median */
    int64_t commit_ms;  /* a commit waits for company at most so long */
    int64_t faults_end;
    uint32_t faults;
};

struct sim {
    uint64_t seed;
    enum sim_world world;
    struct rng rng;
    FILE *log;
    int64_t now, deadline;
    bool over;
    struct sim_settings set;
    struct sim_event *events; /* binary heap */
    size_t n_events, cap_events;
    uint64_t made; /* events so far: their order */
    struct sim_store store;
    struct sim_attempt *attempts;
    size_t n_attempts, cap_attempts;
    struct sim_worker workers[SIM_WORKERS];
    struct sim_coordinator coordinator;
    struct sim_queue spools; /* files of dead local workers */
    uint64_t exchanges, lives, projects;
    bool unfinished;                 /* the last run did not end in order */
    int64_t down_until, fatal_until; /* of the teacher */
    struct sim_report *report;
};

/* sim.c */
void sim_schedule(struct sim *s, int64_t at, enum sim_kind kind, int who, uint64_t life);
struct sim_event *sim_schedule_event(struct sim *s, int64_t at, enum sim_kind kind, int who,
                                     uint64_t life);
/* sim_violate: a promise is broken; the first one is kept and ends the story. */
void sim_violate(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* sim_note: into the trace, and into the log. */
void sim_note(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool sim_has(const struct sim *s, enum sim_fault f); /* the class is on and its time is not over */
bool sim_chance(struct sim *s, double p);
int64_t sim_between(struct sim *s, int64_t least, int64_t most);
struct id sim_id(const struct sim *s, const char *kind, uint64_t row);

/* sim_queue.c */
struct sim_frame *sim_queue_frame(struct slice bytes);
void sim_queue_push(struct sim_queue *q, struct sim_frame *f);
struct sim_frame *sim_queue_pop(struct sim_queue *q); /* NULL: empty */
void sim_queue_clear(struct sim_queue *q);
void sim_queue_move(struct sim_queue *to, struct sim_queue *from);

/* sim_store.c */
int sim_store_index(struct call_key key); /* -1: no call of this world */
struct sim_staged *sim_store_stage(struct sim_store *st);
enum engine_saved sim_store_save(struct sim *s, const struct wire_call *call,
                                 const struct call_result *r, bool last);
/* sim_store_call(s, row, seat, lane, k, step): this call as it is stored. */
struct sim_call *sim_store_call(struct sim *s, uint64_t row, int seat, int lane, int k, int step);
/* sim_store_last(s, row, seat, lane, k): the durable call that the rollout ended with; NULL: it has
 * not ended. */
const struct sim_call *sim_store_last(struct sim *s, uint64_t row, int seat, int lane, int k);
void sim_store_decide(struct sim *s, uint64_t row, enum pair_state state);
/* sim_store_commit: false: the disk is full. */
bool sim_store_commit(struct sim *s);
void sim_store_crash(struct sim *s); /* what is staged is lost */
/* sim_store_reopen: deferred pairs are open again. */
void sim_store_reopen(struct sim *s);
bool sim_store_all_decided(const struct sim *s, bool deferred_too);

/* sim_seeds.c: seeds in the store, and what feed.c and serve_building.c are in the product */
extern const struct engine_building sim_seeds_io;
struct sim_call *sim_seeds_sample(struct sim *s, uint64_t row, enum lane lane, int k);
/* sim_seeds_mark: what this sample is worth, whenever it is looked at. */
enum sample_mark sim_seeds_mark(const struct sim *s, int index);
bool sim_seeds_is_here(const struct sim *s, uint64_t row, const struct id *id);
/* sim_seeds_commit: a check or an end becomes durable. */
void sim_seeds_commit(struct sim *s, const struct sim_staged *x);
void sim_seeds_reopen(struct sim *s);
/* sim_seeds_feed: begins as many as the engine wants; sim_seeds_feed_one: this one, out of turn. */
void sim_seeds_feed(struct sim *s);
void sim_seeds_feed_one(struct sim *s, uint64_t row);
/* sim_seeds_checked: the check of this sample has come to its end. */
void sim_seeds_checked(struct sim *s, int index);
/* sim_seeds_key: where the sample stands. */
struct call_key sim_seeds_key(int index);

/* sim_teacher.c */
/* sim_teacher_ask: begins an exchange of the worker for this job. */
struct sim_exchange *sim_teacher_ask(struct sim *s, struct sim_worker *w, struct job *job);
/* sim_teacher_verdict: what the teacher says to this call, whenever it is asked. */
enum verdict sim_teacher_verdict(const struct sim *s, struct call_key key, bool *filtered);
/* sim_teacher_result: the whole answer to it, as its worker reports it. */
struct call_result sim_teacher_result(const struct sim *s, const struct job *job, enum ask ask);

/* sim_link.c */
void sim_link_up(struct sim *s, struct sim_worker *w);
void sim_link_down(struct sim *s, struct sim_worker *w, struct buf *out);

/* sim_worker.c */
void sim_worker_start(struct sim *s, int index);
void sim_worker_die(struct sim *s, struct sim_worker *w);
void sim_worker_turn(struct sim *s, struct sim_worker *w);
void sim_worker_answer(struct sim *s, struct sim_worker *w, uint64_t number);
void sim_worker_wake(struct sim *s, struct sim_worker *w, int64_t at);

/* sim_coordinator.c */
void sim_coordinator_start(struct sim *s);
void sim_coordinator_die(struct sim *s);
void sim_coordinator_hear(struct sim *s, struct sim_worker *w, uint64_t life, struct sim_frame *f);
void sim_coordinator_turn(struct sim *s);
void sim_coordinator_commit(struct sim *s);
void sim_coordinator_wake(struct sim *s, int64_t at);
/* sim_coordinator_notice: the connection of this worker is seen to be broken. */
void sim_coordinator_notice(struct sim *s, const struct sim_worker *w);

/* sim_inbox.c: what serve_inbox.c is in the product */
void sim_inbox_fill_io(struct sim *s);
/* sim_inbox_frame: all messages of one frame. */
void sim_inbox_frame(struct sim *s, struct sim_frame *f);
struct buf *sim_inbox_out(struct sim *s, uint32_t peer);
void sim_inbox_gone(struct sim *s, uint32_t peer);
void sim_inbox_bye(struct sim *s, uint32_t peer, enum wire_bye_why why);
void sim_inbox_staged(struct sim *s, bool urgent);
void sim_inbox_feed_pair(struct sim *s, uint64_t row);
void sim_inbox_put_grant(struct sim *s, const struct agent *a, const struct task *t, int n,
                         const struct id *subject);

/* sim_check.c */
void sim_check_grant(struct sim *s, const struct agent *a, const struct task *t);
void sim_check_ack(struct sim *s, uint64_t attempt);
void sim_check_decision(struct sim *s, uint64_t row, enum pair_state state);
/* sim_check_build: how the seed may end, by what is durable of it. */
enum build sim_check_build(struct sim *s, uint64_t row);
void sim_check_step(struct sim *s);
void sim_check_end(struct sim *s);
struct sim_attempt *sim_check_attempt(struct sim *s, uint64_t attempt);
/* The simulator's own reckoning of who holds a call. */
void sim_check_released(struct sim *s, uint64_t attempt);
void sim_check_renewed(struct sim *s, uint64_t attempt, uint32_t peer);

#endif

/*
 * judgment: one completion request as understood, and all that is decided about its answer.
 * Everything random is a hash of the character's seed and the request's body, so a run is the same
 * in whatever order requests come; only the faults of the transport also look at how often the body
 * was seen, so that asking again can help.
 */
#ifndef SIM_TEACHER_JUDGMENT_H
#define SIM_TEACHER_JUDGMENT_H

#include "cli/sim_teacher/faults.h"
#include "cli/sim_teacher/latency.h"
#include "cli/sim_teacher/oracle.h"
#include "cli/sim_teacher/prose.h"
#include "cli/sim_teacher/truth.h"

#define JUDGMENT_MODEL_MAX 256

/* Who the simulated teacher is. */
struct character {
    uint64_t seed;
    struct oracle oracle;
    struct latency latency;
    struct faults faults;
    enum thought_field thought; /* where the thought is put; ABSENT: no thought at all */
    const char *model;          /* NULL: answers to any name */
    const char *key;            /* NULL: none is asked for */
    int64_t context;            /* tokens a prompt must stay under */
    struct truth truth;
};

/* Why a request is not answered, in the words of the protocol. */
struct refusal {
    int status;
    const char *type;
    char message[512];
};

struct judgment {
    uint64_t body; /* hash of the request's body */
    char sha[17];  /* for the log: first 16 digits of its SHA-256; "" without a log */
    uint32_t seen; /* how many times the body has come, this time included */
    enum fault fault;
    enum verdict verdict; /* as a strict reader will find it */
    enum verdict gold;    /* VERDICT_NONE: not known */
    uint64_t pair;
    int64_t latency_ms;
    int64_t max_tokens; /* 0: no limit */
    int64_t prompt_tokens;
    bool stream, usage_chunk;
    struct excerpts excerpts;
    char model[JUDGMENT_MODEL_MAX];
};

/* judgment_read(j, c, body, arena, why): everything but what depends on `seen`. */
bool judgment_read(struct judgment *j, const struct character *c, struct slice body,
                   struct arena *arena, struct refusal *why);
/* judgment_decide(j, c, seen): fault, verdict and latency. */
void judgment_decide(struct judgment *j, const struct character *c, uint32_t seen);
/* judgment_hash(j, c, salt): for further choices about this answer. */
uint64_t judgment_hash(const struct judgment *j, const struct character *c, uint64_t salt);
/* judgment_tokens(bytes): about four bytes a token. */
int64_t judgment_tokens(size_t bytes);

#endif

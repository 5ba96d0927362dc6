/* session_private: what the two halves of the session share: session.c (jobs, reports and time) and
 * session_inbox.c (what the coordinator says). */
#ifndef WORKER_SESSION_PRIVATE_H
#define WORKER_SESSION_PRIVATE_H

#define HASH_NONFATAL_OOM 1 /* uthash would call exit() */
#include <uthash.h>

#include "worker/session.h"

/* A job in the table of all of them. */
struct session_entry {
    uint64_t attempt;
    struct job *job;
    UT_hash_handle hh;
};

struct session {
    struct wire_hello hello;
    const struct session_io *io;
    struct sm sm;
    struct session_entry *entries;
    struct job_queue queue;
    size_t flying, held_results;
    struct buf report; /* scratch */
    char *project;     /* text in force */
    size_t project_n;
    char *next_project; /* LEAVING: text to be taken up */
    size_t next_project_n;
    uint32_t lease_ms;
    int64_t greet_at, greet_wait;
    int64_t heard, pinged, renewed, looked;
    bool leave, refused;
    char why[600];
};

/* session_find(s, attempt): NULL when the session has no such job. */
struct session_entry *session_find(struct session *s, uint64_t attempt);
/* session_forget(s, entry): the job is gone with it. */
void session_forget(struct session *s, struct session_entry *entry);
/* session_close(s, why, refused): it is over; the first reason stays. */
void session_close(struct session *s, const char *why, bool refused);
/* session_greet_soon(s, now): HELLO is due at once, then ever more slowly. */
void session_greet_soon(struct session *s, int64_t now);
/* session_is_result(j): whether a HELD job's report is a RESULT. */
bool session_is_result(const struct job *j);
/* session_stop(s, j): cuts the exchange short when j is the last that waits for it. */
void session_stop(struct session *s, struct job *j);
/* session_give_back(s, j, now): reports it as not made; j may be gone afterwards. */
void session_give_back(struct session *s, struct job *j, int64_t now);
void session_give_back_queue(struct session *s, int64_t now);
/* session_say_leaving(s): without it the coordinator would grant again what a leaving worker gives
 * back. */
void session_say_leaving(struct session *s);
/* session_take_up(s, text, n): the session's project from now on; takes the text over. One that
 * cannot be served ends the session. */
void session_take_up(struct session *s, char *text, size_t n);

#endif

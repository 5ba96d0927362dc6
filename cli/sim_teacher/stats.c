#include "cli/sim_teacher/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "base/log.h"

#define SERVED_ONE ((uint64_t)1 << 32)
#define LINE_MAX_BYTES 16384

bool stats_open(struct stats *s, const char *log, int64_t now, struct err *e)
{
    *s = (struct stats){.start_ms = now, .log = -1};
    map_init(&s->bodies, STATS_MAX_BODIES);
    if (!log)
        return true;
    s->log = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    return s->log >= 0 || err_sys(e, "cannot write the log %s", log);
}

void stats_close(struct stats *s)
{
    map_free(&s->bodies);
    if (s->log >= 0)
        close(s->log);
    s->log = -1;
}

void stats_connected(struct stats *s)
{
    if (++s->connections > s->peak_connections)
        s->peak_connections = s->connections;
}

void stats_disconnected(struct stats *s)
{
    s->connections--;
}

/* The SHA-256 costs as much as all the rest of an answer, and only the log shows it. */
static void write_sha(struct slice body, char sha[17])
{
    struct hash h;
    char hex[SHA256_HEX];
    hash_plain(&h);
    hash_raw(&h, body);
    hash_hex(&h, hex);
    memcpy(sha, hex, 16);
    sha[16] = '\0';
}

uint32_t stats_begin(struct stats *s, struct judgment *j, struct slice body)
{
    if (s->log >= 0)
        write_sha(body, j->sha);
    s->requests++;
    if (++s->in_flight > s->peak_in_flight)
        s->peak_in_flight = s->in_flight;
    uint64_t *times = map_at(&s->bodies, j->body);
    return times ? (uint32_t)++ * times : 1;
}

static const char *gold_name(const struct asked *a)
{
    if (a->gold == VERDICT_NONE)
        return "";
    return !a->one ? verdict_name(a->gold) : a->gold == VERDICT_A ? "chosen" : "rejected";
}

/* Of a lone answer's score nothing can be said before the other one's is known. */
static void write_correct(struct jsonw *w, const struct judgment *j)
{
    jsonw_key(w, "correct");
    if (j->asked.gold == VERDICT_NONE || j->asked.one)
        jsonw_null(w);
    else
        jsonw_bool(w, j->choices[0].verdict == j->asked.gold);
}

static void write_score(struct jsonw *w, const char *key, int score)
{
    if (score != SCORE_NONE)
        jsonw_ki64(w, key, score);
}

/* What each choice says; the first one's verdict stands also by itself. */
static void write_choices(struct jsonw *w, const struct judgment *j)
{
    jsonw_key(w, "choices");
    jsonw_list(w);
    for (int64_t i = 0; i < j->n; i++) {
        const struct choice *c = &j->choices[i];
        jsonw_object(w);
        jsonw_kstr(w, "verdict", verdict_name(c->verdict));
        if (c->generated != GENERATED_NONE)
            jsonw_kstr(w, "generated", generated_name(c->generated));
        if (j->asked.format != FORMAT_VERDICT && j->asked.format != FORMAT_PLAN) {
            write_score(w, "score_a", c->score_a);
            write_score(w, "score_b", c->score_b);
        }
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
}

static void write_asked(struct jsonw *w, const struct judgment *j)
{
    const char before[] = {j->asked.leaning, '\0'}, hint[] = {j->asked.hint, '\0'};
    jsonw_kstr(w, "model", j->model);
    jsonw_kstr(w, "ask", ask_name(j->asked.ask));
    jsonw_kstr(w, "format", format_name(j->asked.format));
    jsonw_kstr(w, "before", before);
    jsonw_kstr(w, "hint", hint);
    jsonw_kstr(w, "generated", generated_name(j->choices[0].generated));
    write_choices(w, j);
}

static void log_line(struct stats *s, const struct judgment *j, bool whole, int64_t now)
{
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    struct jsonw w = jsonw_to(&line);
    jsonw_object(&w);
    jsonw_ki64(&w, "n", (int64_t)++s->logged);
    jsonw_ki64(&w, "t_ms", now - s->start_ms);
    jsonw_kstr(&w, "body_sha", j->sha);
    jsonw_ki64(&w, "seen", j->seen);
    jsonw_kstr(&w, "verdict", verdict_name(j->choices[0].verdict));
    write_correct(&w, j);
    jsonw_kstr(&w, "gold", gold_name(&j->asked));
    jsonw_kstr(&w, "fault", faults_name(j->fault));
    jsonw_kbool(&w, "whole", whole);
    write_asked(&w, j);
    jsonw_end_object(&w);
    buf_char(&line, '\n');
    ssize_t n = write(s->log, line.p, line.n);
    if (n != (ssize_t)line.n) {
        log_error("the log of completions cannot be written any more, it ends here (errno %d)",
                  n < 0 ? errno : 0);
        close(s->log);
        s->log = -1;
    }
    buf_free(&line);
}

static void count_generated(struct stats *s, const struct judgment *j)
{
    s->answers += j->asked.ask == ASK_ANSWER;
    s->modifications += j->asked.ask == ASK_MODIFY;
    for (int64_t i = 0; i < j->n; i++)
        s->generated[j->choices[i].generated]++;
}

void stats_end(struct stats *s, const struct judgment *j, bool written, int64_t now)
{
    bool whole = written && !faults_spoils(j->fault);
    s->in_flight--;
    s->faults[j->fault]++;
    for (int64_t i = 1; i < j->n; i++)
        s->faults[j->choices[i].fault]++;
    if (whole) {
        uint64_t *times = map_at(&s->bodies, j->body);
        s->calls++;
        count_generated(s, j);
        if (times && (*times += SERVED_ONE) / SERVED_ONE == 2)
            s->repeated++;
    }
    if (s->log >= 0)
        log_line(s, j, whole, now);
}

static void write_generated(struct jsonw *w, const struct stats *s)
{
    jsonw_ki64(w, "answers", (int64_t)s->answers);
    jsonw_ki64(w, "modifications", (int64_t)s->modifications);
    jsonw_key(w, "generated");
    jsonw_object(w);
    for (int i = GENERATED_NONE + 1; i < GENERATED_COUNT; i++)
        jsonw_ki64(w, generated_name((enum generated)i), (int64_t)s->generated[i]);
    jsonw_end_object(w);
}

void stats_write(const struct stats *s, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    jsonw_ki64(&w, "calls", (int64_t)s->calls);
    jsonw_ki64(&w, "requests", (int64_t)s->requests);
    jsonw_ki64(&w, "in_flight", (int64_t)s->in_flight);
    jsonw_ki64(&w, "peak_in_flight", (int64_t)s->peak_in_flight);
    jsonw_ki64(&w, "connections", (int64_t)s->connections);
    jsonw_ki64(&w, "peak_connections", (int64_t)s->peak_connections);
    jsonw_ki64(&w, "repeated_bodies", (int64_t)s->repeated);
    jsonw_key(&w, "faults");
    jsonw_object(&w);
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
        jsonw_ki64(&w, faults_name((enum fault)i), (int64_t)s->faults[i]);
    jsonw_end_object(&w);
    write_generated(&w, s);
    jsonw_end_object(&w);
}

#include "coordinator/crew.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    RESTART_MS = 100,
    EARLY_MS = 10000,
    DELAY_FIRST_MS = 500,
    DELAY_MOST_MS = 30000,
    HOPELESS = 8
};

void crew_init(struct crew *c, int n, const char *endpoint, int64_t slots, const char *spool)
{
    assert(n >= 0 && n <= CREW_MAX);
    memset(c, 0, sizeof *c);
    c->n = n;
    c->endpoint = endpoint;
    c->slots = slots;
    c->spool = spool;
}

/* Only async-signal-safe calls between fork and exec. */
static void become_worker(const struct crew *c, char *slots, char *parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execl("/proc/self/exe", "gavel", "worker", c->endpoint, "--slots", slots, "--parent", parent,
          "--spool", c->spool, (char *)NULL);
    _exit(127);
}

static bool start(const struct crew *c, struct crew_member *m, int64_t now, struct err *e)
{
    char slots[24], parent[24];
    snprintf(slots, sizeof slots, "%" PRId64, c->slots);
    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    pid_t pid = fork();
    if (pid < 0)
        return err_sys(e, "cannot start a worker");
    if (pid == 0)
        become_worker(c, slots, parent);
    m->pid = pid;
    m->started = now;
    return true;
}

int64_t crew_tick(struct crew *c, int64_t now, struct err *e)
{
    int64_t wait = -1;
    for (int i = 0; i < c->n && !c->ending; i++) {
        struct crew_member *m = &c->members[i];
        if (m->pid)
            continue;
        if (m->due <= now) {
            if (!start(c, m, now, e))
                return -2;
        } else if (wait < 0 || m->due - now < wait) {
            wait = m->due - now;
        }
    }
    return wait;
}

static int64_t delay(int early_deaths)
{
    int64_t ms = early_deaths ? DELAY_FIRST_MS : 0;
    for (int i = 1; i < early_deaths && ms < DELAY_MOST_MS; i++)
        ms *= 2;
    return ms < DELAY_MOST_MS ? ms : DELAY_MOST_MS;
}

bool crew_reap(struct crew *c, int64_t now, struct crew_death *death)
{
    for (int i = 0; i < c->n; i++) {
        struct crew_member *m = &c->members[i];
        int status;
        if (!m->pid || waitpid(m->pid, &status, WNOHANG) != m->pid)
            continue;
        death->pid = m->pid;
        death->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        death->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        /* Somebody who kills a worker does not make it hopeless; a worker that cannot live does. */
        bool killed = death->signal == SIGKILL || death->signal == SIGTERM;
        bool early = now - m->started < EARLY_MS;
        m->early_deaths = !early ? 0 : killed ? m->early_deaths : m->early_deaths + 1;
        m->due = now + (killed ? RESTART_MS : delay(m->early_deaths));
        m->pid = 0;
        return true;
    }
    return false;
}

bool crew_hopeless(const struct crew *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->members[i].early_deaths >= HOPELESS)
            return true;
    return false;
}

int crew_running(const struct crew *c)
{
    int n = 0;
    for (int i = 0; i < c->n; i++)
        n += c->members[i].pid != 0;
    return n;
}

void crew_signal(struct crew *c, int number)
{
    for (int i = 0; i < c->n; i++)
        if (c->members[i].pid)
            kill(c->members[i].pid, number);
}

#include "coordinator/exec_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

#define REQUEST_MAX ((size_t)16 << 20)
#define READ_BYTES 16384
#define NOTE_BYTES 2000 /* of a line on standard error */
#define NOTE_READS 64   /* in one go: a flood must not keep us */
#define NOTES_MAX 1000

void exec_child_init(struct exec_child *c)
{
    memset(c, 0, sizeof *c);
    c->in = c->out = c->err = c->life = -1;
    buf_init(&c->request, REQUEST_MAX);
    buf_init(&c->said, EXEC_CHILD_LINE + 2 * (size_t)READ_BYTES);
    buf_init(&c->noted, NOTE_BYTES + (size_t)READ_BYTES);
}

/* ---- starting ---- */

static bool is_hidden(const struct exec_child_command *command, const char *variable)
{
    for (size_t i = 0; i < command->n_hidden; i++) {
        size_t n = strlen(command->hidden[i]);
        if (n && strncmp(variable, command->hidden[i], n) == 0 && variable[n] == '=')
            return true;
    }
    return false;
}

/* The environment without what must stay here; the texts are not copied. */
static char **visible(const struct exec_child_command *command)
{
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    char **list = calloc(n + 1, sizeof *list);
    for (size_t i = 0; list && i < n; i++)
        if (!is_hidden(command, environ[i]))
            list[kept++] = environ[i];
    return list;
}

/* Only async-signal-safe calls between fork and exec. */
static void become(const struct exec_child_command *command, char **environment, const int ends[3],
                   pid_t parent)
{
    static char shell[] = "sh", option[] = "-c";
    char *arguments[] = {shell, option, (char *)(uintptr_t)command->text, NULL};
    int high[3];
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL); /* we ignore it, and that would be inherited */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    for (int i = 0; i < 3; i++)
        high[i] = fcntl(ends[i], F_DUPFD, 3);
    for (int i = 0; i < 3; i++)
        if (high[i] < 0 || dup2(high[i], i) < 0)
            _exit(127);
    close_range(3, ~0U, 0);
    if (command->dir && chdir(command->dir) != 0)
        _exit(127);
    execve("/bin/sh", arguments, environment);
    _exit(127);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool open_pipes(int fds[3][2], struct err *e)
{
    for (int i = 0; i < 3; i++)
        fds[i][0] = fds[i][1] = -1;
    for (int i = 0; i < 3; i++) {
        if (pipe2(fds[i], O_CLOEXEC) != 0)
            return err_sys(e, "cannot open a pipe");
        int ours = fds[i][i == 0];
        if (fcntl(ours, F_SETFL, O_NONBLOCK) != 0)
            return err_sys(e, "cannot set up a pipe");
    }
    return true;
}

static bool launch(struct exec_child *c, const struct exec_child_command *command,
                   const int ends[3], struct err *e)
{
    char **environment = visible(command);
    pid_t parent = getpid();
    if (!environment)
        return err_set(e, ERR_NOMEM, "out of memory");
    pid_t pid = fork();
    if (pid == 0)
        become(command, environment, ends, parent);
    free(environment);
    if (pid < 0)
        return err_sys(e, "cannot start a process");
    setpgid(pid, pid); /* whoever is first */
    c->pid = pid;
    c->life = (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by itself */
    return true;
}

bool exec_child_start(struct exec_child *c, const struct exec_child_command *command, struct err *e)
{
    int fds[3][2];
    bool ok = open_pipes(fds, e);
    const int ends[3] = {fds[0][0], fds[1][1], fds[2][1]};
    ok = ok && launch(c, command, ends, e);
    close_fd(&fds[0][0]);
    close_fd(&fds[1][1]);
    close_fd(&fds[2][1]);
    c->in = fds[0][1];
    c->out = fds[1][0];
    c->err = fds[2][0];
    if (!ok)
        exec_child_stop(c, NULL, 0);
    return ok;
}

/* ---- ending ---- */

/* A process that ended by itself keeps its own status; one that we killed has none to tell. */
static void reap(pid_t pid, char *how, size_t n)
{
    siginfo_t info = {0};
    int status = 0;
    bool by_itself = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                     info.si_pid == pid;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL); /* its group may not be there yet */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!how)
        return;
    if (!by_itself)
        snprintf(how, n, "was ended");
    else if (WIFSIGNALED(status))
        snprintf(how, n, "ended by signal %d", WTERMSIG(status));
    else
        snprintf(how, n, "ended with status %d", WEXITSTATUS(status));
}

void exec_child_stop(struct exec_child *c, char *how, size_t n)
{
    if (c->pid)
        reap(c->pid, how, n);
    if (c->err >= 0)
        exec_child_log(c);
    if (c->noted.n)
        log_info("answers.exec: " SLICE_FMT, SLICE_ARG(buf_view(&c->noted)));
    close_fd(&c->in);
    close_fd(&c->out);
    close_fd(&c->err);
    close_fd(&c->life);
    buf_free(&c->request);
    buf_free(&c->said);
    buf_free(&c->noted);
    exec_child_init(c);
}

/* ---- talking ---- */

bool exec_child_wants(const struct exec_child *c)
{
    return c->sent < c->request.n;
}

bool exec_child_write(struct exec_child *c)
{
    while (exec_child_wants(c)) {
        ssize_t n = write(c->in, c->request.p + c->sent, c->request.n - c->sent);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        c->sent += (size_t)n;
    }
    return true;
}

/* One read into b: bytes, 0 at the end, -1 when there is nothing yet. */
static ssize_t read_more(int fd, struct buf *b)
{
    char *space = buf_space(b, READ_BYTES);
    if (!space)
        return 0;
    for (;;) {
        ssize_t n = read(fd, space, READ_BYTES);
        if (n > 0)
            b->n += (size_t)n;
        if (n >= 0 || errno == EAGAIN)
            return n;
        if (errno != EINTR)
            return 0;
    }
}

static void drop_front(struct buf *b, size_t n)
{
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

enum exec_child_got exec_child_read(struct exec_child *c, struct slice *line)
{
    if (c->taken) {
        drop_front(&c->said, c->taken);
        c->taken = 0;
    }
    for (;;) {
        struct slice said = buf_view(&c->said);
        const char *end = said.n ? memchr(said.p, '\n', said.n) : NULL;
        size_t n = end ? (size_t)(end - said.p) : said.n;
        if (n > EXEC_CHILD_LINE)
            return EXEC_CHILD_LONG;
        if (end) {
            c->taken = n + 1;
            *line = slice_sub(said, 0, n);
            return EXEC_CHILD_LINE_CAME;
        }
        ssize_t got = read_more(c->out, &c->said);
        if (got <= 0)
            return got < 0 ? EXEC_CHILD_NOTHING : EXEC_CHILD_CLOSED;
    }
}

static void note(struct exec_child *c, struct slice line)
{
    if (slice_ends(line, S("\r")))
        line.n--;
    if (c->notes < NOTES_MAX)
        log_info("answers.exec: " SLICE_FMT, SLICE_ARG(slice_sub(line, 0, NOTE_BYTES)));
    else if (c->notes == NOTES_MAX)
        log_warn("answers.exec: further lines of this process on standard error are not shown");
    c->notes += c->notes <= NOTES_MAX;
}

bool exec_child_log(struct exec_child *c)
{
    for (int i = 0; i < NOTE_READS; i++) {
        ssize_t got = read_more(c->err, &c->noted);
        struct slice rest = buf_view(&c->noted);
        const char *end;
        while (rest.n && (end = memchr(rest.p, '\n', rest.n)) != NULL) {
            note(c, slice_sub(rest, 0, (size_t)(end - rest.p)));
            rest = slice_from(rest, (size_t)(end - rest.p) + 1);
        }
        if (rest.n >= NOTE_BYTES) {
            note(c, rest);
            rest.n = 0;
        }
        if (c->noted.n)
            drop_front(&c->noted, c->noted.n - rest.n);
        if (got <= 0)
            return got < 0;
    }
    return true;
}

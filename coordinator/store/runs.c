/* Runs with their recipes, rules, endpoints and workers. */
#include <assert.h>
#include <unistd.h>

#include "base/clock.h"
#include "coordinator/store/ledger.h"
#include "coordinator/store/store_private.h"

#define TEXT_MAX (8 * 1024 * 1024)

static bool find_text(struct store *s, const char *select, const char *what, struct ledger_text *t,
                      struct err *e)
{
    sqlite3_stmt *st = store_statement(s, select, e);
    if (!st)
        return false;
    store_bind_id(st, 1, &t->id);
    if (store_step_row(s, st, e) != 1)
        return err_wrap(e, "cannot store the %s", what);
    t->row = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return true;
}

static bool intern_rules(struct store *s, const struct project *p, struct ledger_text *rules,
                         struct err *e)
{
    buf_init(&rules->text, TEXT_MAX);
    project_rules_text(p, &rules->text);
    if (!buf_ok(&rules->text, "the rules", e))
        return false;
    rules->id = project_fingerprint("rules", buf_view(&rules->text));
    sqlite3_stmt *st = store_statement(s, "INSERT OR IGNORE INTO rules (id, text) VALUES (?,?)", e);
    if (!st)
        return false;
    store_bind_id(st, 1, &rules->id);
    store_bind_slice(st, 2, buf_view(&rules->text));
    return store_step_done(s, st, e) &&
           find_text(s, "SELECT rules FROM rules WHERE id = ?", "rules", rules, e);
}

static bool intern_recipe(struct store *s, const struct project *p, const struct seats *seats,
                          size_t at, struct ledger_text *recipe, struct err *e)
{
    const struct seat *seat = &seats->all[at];
    recipe->id = seat->recipe;
    buf_init(&recipe->text, TEXT_MAX);
    seat_recipe_text(p, seats, at, &recipe->text);
    if (!buf_ok(&recipe->text, "a recipe", e))
        return false;
    sqlite3_stmt *st = store_statement(
        s, "INSERT OR IGNORE INTO recipes (id, text, kind, model) VALUES (?,?,?,?)", e);
    if (!st)
        return false;
    store_bind_id(st, 1, &recipe->id);
    store_bind_slice(st, 2, buf_view(&recipe->text));
    sqlite3_bind_int(st, 3, (int)seat->kind);
    store_bind_str(st, 4, seat->model);
    return store_step_done(s, st, e) &&
           find_text(s, "SELECT recipe FROM recipes WHERE id = ?", "recipe", recipe, e);
}

/* Every seat's recipe; the first one's text is kept with the run. */
static bool intern_recipes(struct store *s, const struct project *p, const struct seats *seats,
                           struct ledger_run *run, struct err *e)
{
    assert(seats->n > 0 && seats->n <= CALL_MAX_SEAT);
    for (size_t i = 0; i < seats->n; i++) {
        struct ledger_text other = {0}, *recipe = i == 0 ? &run->recipe : &other;
        bool ok = intern_recipe(s, p, seats, i, recipe, e);
        run->recipes[i] = recipe->row;
        buf_free(&other.text);
        if (!ok)
            return false;
    }
    return true;
}

static bool read_text(struct store *s, sqlite3_stmt *st, int at, struct ledger_text *out,
                      struct err *e)
{
    (void)s;
    out->row = sqlite3_column_int64(st, at);
    store_column_id(st, at + 1, &out->id);
    buf_init(&out->text, TEXT_MAX);
    buf_slice(&out->text, store_column_slice(st, at + 2));
    return buf_ok(&out->text, "a stored text", e);
}

static bool last_run(struct store *s, struct ledger_run *run, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT r.ended_ms IS NULL, c.recipe, c.id, c.text, u.rules, u.id, u.text"
        " FROM runs r JOIN recipes c ON c.recipe = r.recipe JOIN rules u ON u.rules = r.rules"
        " ORDER BY r.run DESC LIMIT 1",
        e);
    if (!st)
        return false;
    int got = store_step_row(s, st, e);
    if (got <= 0)
        return got == 0;
    run->resumed = true;
    run->unfinished = sqlite3_column_int(st, 0);
    bool ok = read_text(s, st, 1, &run->last_recipe, e) && read_text(s, st, 4, &run->last_rules, e);
    sqlite3_reset(st);
    return ok;
}

static bool insert_run(struct store *s, struct slice project, struct slice seats,
                       struct slice abilities, struct ledger_run *run, struct err *e)
{
    char host[128] = "?";
    gethostname(host, sizeof host - 1);
    sqlite3_stmt *st = store_statement(
        s,
        "INSERT INTO runs (started_ms, host, pid, version, recipe, rules, project, seats,"
        " abilities) VALUES (?,?,?,?,?,?,?,?,?)",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, clock_wall_ms());
    store_bind_str(st, 2, host);
    sqlite3_bind_int64(st, 3, getpid());
    store_bind_str(st, 4, GAVEL_VERSION);
    sqlite3_bind_int64(st, 5, run->recipe.row);
    sqlite3_bind_int64(st, 6, run->rules.row);
    store_bind_slice(st, 7, project);
    store_bind_slice(st, 8, seats);
    store_bind_slice(st, 9, abilities);
    bool ok = store_step_done(s, st, e);
    run->run = sqlite3_last_insert_rowid(s->db);
    return ok;
}

static bool add_run(struct store *s, const struct project *p, const struct seats *seats,
                    struct slice abilities, struct ledger_run *run, struct err *e)
{
    struct buf project, judges;
    buf_init(&project, TEXT_MAX);
    buf_init(&judges, TEXT_MAX);
    project_text(p, 0, &project);
    seats_text(seats, &judges);
    bool ok = buf_ok(&project, "the project", e) && buf_ok(&judges, "the seats", e) &&
              insert_run(s, buf_view(&project), buf_view(&judges), abilities, run, e);
    buf_free(&project);
    buf_free(&judges);
    return ok;
}

bool ledger_begin_run(struct store *s, const struct project *p, const struct seats *seats,
                      struct slice abilities, struct ledger_run *run, struct err *e)
{
    *run = (struct ledger_run){0};
    if (!store_begin(s, e))
        return false;
    if (last_run(s, run, e) && intern_recipes(s, p, seats, run, e) &&
        intern_rules(s, p, &run->rules, e) && add_run(s, p, seats, abilities, run, e) &&
        ledger_set_workers(s, NULL, 0, e))
        return store_commit(s, e);
    store_rollback(s);
    return false;
}

void ledger_free_run(struct ledger_run *run)
{
    buf_free(&run->recipe.text);
    buf_free(&run->rules.text);
    buf_free(&run->last_recipe.text);
    buf_free(&run->last_rules.text);
}

bool ledger_end_run(struct store *s, int64_t run, int exit_status, const char *ending,
                    struct err *e)
{
    if (!store_begin(s, e))
        return false;
    sqlite3_stmt *st = store_statement(
        s, "UPDATE runs SET ended_ms = ?, exit = ?, ending = ? WHERE run = ?", e);
    if (st) {
        sqlite3_bind_int64(st, 1, clock_wall_ms());
        sqlite3_bind_int(st, 2, exit_status);
        store_bind_str(st, 3, ending);
        sqlite3_bind_int64(st, 4, run);
    }
    if (st && store_step_done(s, st, e) && ledger_set_workers(s, NULL, 0, e) &&
        ledger_set_live(s, "live.in_flight", 0, e))
        return store_commit(s, e);
    store_rollback(s);
    return false;
}

bool ledger_recipe(struct store *s, const struct id *id, int64_t *row, bool *found, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT recipe FROM recipes WHERE id = ?", e);
    if (!st)
        return false;
    store_bind_id(st, 1, id);
    int got = store_step_row(s, st, e);
    *found = got == 1;
    if (*found)
        *row = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return got >= 0;
}

static const char *role_name(int role)
{
    static const char *const names[] = {"teacher", "generator", "student", "checker"};
    assert(role >= 0 && role <= ROLE_CHECKER);
    return names[role];
}

static void bind_endpoint(sqlite3_stmt *st, const struct project_endpoint *endpoint)
{
    store_bind_str(st, 1, role_name(endpoint->role));
    store_bind_str(st, 2, endpoint->url);
    store_bind_str(st, 3, endpoint->model);
}

bool ledger_endpoint(struct store *s, const struct project_endpoint *endpoint, int64_t *row,
                     struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "INSERT OR IGNORE INTO endpoints (role, url, model) VALUES (?,?,?)", e);
    if (!st)
        return false;
    bind_endpoint(st, endpoint);
    if (!store_step_done(s, st, e) ||
        !(st = store_statement(
              s, "SELECT endpoint FROM endpoints WHERE role = ? AND url = ? AND model = ?", e)))
        return false;
    bind_endpoint(st, endpoint);
    if (store_step_row(s, st, e) != 1)
        return err_wrap(e, "cannot store the endpoint %s", endpoint->url);
    *row = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return true;
}

static bool insert_worker(struct store *s, const struct ledger_worker *w, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "INSERT OR REPLACE INTO workers VALUES (?,?,?,?,?,?,?,?,?)", e);
    if (!st)
        return false;
    store_bind_str(st, 1, w->uid);
    store_bind_str(st, 2, w->host);
    sqlite3_bind_int64(st, 3, w->pid);
    sqlite3_bind_int64(st, 4, w->slots);
    sqlite3_bind_int(st, 5, w->local);
    sqlite3_bind_int64(st, 6, w->in_flight);
    sqlite3_bind_int64(st, 7, (int64_t)w->done);
    sqlite3_bind_int64(st, 8, w->connected_ms);
    sqlite3_bind_int64(st, 9, w->seen_ms);
    return store_step_done(s, st, e);
}

bool ledger_set_workers(struct store *s, const struct ledger_worker *workers, size_t n,
                        struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "DELETE FROM workers", e);
    if (!st || !store_step_done(s, st, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!insert_worker(s, &workers[i], e))
            return false;
    return true;
}

bool ledger_set_live(struct store *s, const char *name, int64_t value, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "INSERT OR REPLACE INTO counters VALUES (?,?)", e);
    if (!st)
        return false;
    store_bind_str(st, 1, name);
    sqlite3_bind_int64(st, 2, value);
    return store_step_done(s, st, e);
}

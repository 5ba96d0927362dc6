/* gavel run and gavel coordinator: the whole job, or the coordinating half of it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/opening.h"
#include "cli/probe.h"
#include "cli/progress.h"
#include "cli/until.h"
#include "coordinator/exports/release.h"
#include "coordinator/serve.h"
#include "coordinator/store/look.h"
#include "worker/teacher/teacher.h"

#define ABILITIES_MAX (1024 * 1024)

struct run_options {
    int64_t workers; /* -1: what the project says */
    const char *until, *shard;
    struct args_strings sets;
    bool coordinator_only;
    int64_t until_wall_ms;
    uint64_t shard_index, shards;
};

static bool parse_shard(struct run_options *o, struct err *e)
{
    struct slice rest, first;
    int64_t i, n;
    if (!o->shard)
        return true;
    first = slice_cut(slice_of(o->shard), '/', &rest);
    if (!slice_i64(first, &i) || !slice_i64(rest, &n) || n < 1 || n > 65536 || i < 0 || i >= n)
        return err_set(e, ERR_USAGE, "--shard takes I/N with 0 <= I < N, not '%s'", o->shard);
    o->shard_index = (uint64_t)i;
    o->shards = (uint64_t)n;
    return true;
}

static void say_endpoint(void *context, const char *endpoint)
{
    const struct run_options *o = context;
    if (o->coordinator_only) {
        char host[256] = "its name";
        gethostname(host, sizeof host - 1);
        printf("workers may connect with: gavel worker %s\n", endpoint);
        if (strncmp(endpoint, "tcp://0.0.0.0:", 14) == 0)
            printf("  (on other machines: with %s in place of 0.0.0.0)\n", host);
        fflush(stdout);
    }
}

struct display {
    struct run_options *options;
    struct progress *progress;
};

static void show_progress(void *context, const struct serve_view *view)
{
    progress_show(((struct display *)context)->progress, view);
}

static void show_endpoint(void *context, const char *endpoint)
{
    say_endpoint(((struct display *)context)->options, endpoint);
}

/* What became of prompts that came without a pair. */
static void say_builds(struct store *s)
{
    int64_t built = store_counter(s, "builds.built"), failed = store_counter(s, "builds.failed");
    int64_t deferred = store_counter(s, "builds.deferred"), open = store_counter(s, "builds.open");
    if (built || failed || deferred || open)
        printf("prompts without a pair: %" PRId64 " built (%" PRId64 " pairs of %" PRId64
               " answers), %" PRId64 " gave none, %" PRId64 " deferred, %" PRId64 " open\n",
               built, store_counter(s, "builds.pairs"), store_counter(s, "samples.total"), failed,
               deferred, open);
}

/* Why, for one of them: it is the same for most, and `gavel show` tells it for each. */
static void say_deferred(struct store *s)
{
    struct buf why, line;
    struct err ignored;
    buf_init(&why, 4096);
    buf_init(&line, 4096);
    look_deferred(s, &why, &ignored);
    text_quote(&line, buf_view(&why), 500);
    printf("deferred pairs are taken up by the next run; one of them because: %s\n",
           buf_cstr(&line));
    buf_free(&why);
    buf_free(&line);
}

static void say_summary(const struct opening *o, const struct serve_report *r)
{
    struct store *s = o->store;
    printf("%s: %" PRId64 " pairs: %" PRId64 " accepted, %" PRId64 " rejected, %" PRId64
           " deferred, %" PRId64 " open\n",
           o->project.name, store_counter(s, "pairs.total"), store_counter(s, "pairs.accepted"),
           store_counter(s, "pairs.rejected"), store_counter(s, "pairs.deferred"),
           store_counter(s, "pairs.open"));
    printf("calls: %" PRIu64 " in this run, %" PRId64 " in all; %" PRIu64 " retries; %.1f s\n",
           r->totals.answers, store_counter(s, "calls.done"), r->totals.retries,
           (double)r->elapsed_ms / 1000);
    if (store_counter(s, "pairs.deferred"))
        say_deferred(s);
    if (r->intake.invalid)
        printf("seed lines in quarantine: %" PRId64
               ", the first: %s (the store's table `quarantine` has them all)\n",
               r->intake.invalid, r->intake.first_bad);
    say_builds(s);
    bool any = store_counter(s, "pairs.total") || store_counter(s, "builds.open") ||
               store_counter(s, "samples.total");
    if (r->imported_all && !any)
        printf("there is nothing to judge: no pair in the seeds\n");
    fflush(stdout); /* before what goes to standard error */
}

static int export_release(const struct opening *o)
{
    struct release_report report;
    struct err e;
    if (!release_write(o->store, &o->project, NULL, &report, &e)) {
        int failed = command_fail(&e);
        return report.gate ? EXIT_GATE : failed;
    }
    printf("release %s: %" PRId64 " rows in %" PRId64 " file%s%s\n", report.path, report.rows,
           report.files, report.files == 1 ? "" : "s", report.unchanged ? " (unchanged)" : "");
    if (report.eval_rows)
        log_warn("%" PRId64 " rows come from evaluation sets: fine for a rehearsal, never for "
                 "training",
                 report.eval_rows);
    return EXIT_COMPLETE;
}

static int64_t workers_here(const struct opening *o, const struct run_options *options)
{
    return options->coordinator_only ? 0
           : options->workers >= 0   ? options->workers
                                     : o->project.workers.local;
}

/* What would stop the run at its end, or its workers one after the other, is said before it begins.
 * Workers elsewhere have keys of their own. */
static bool is_ready(const struct opening *o, const struct run_options *options, struct err *e)
{
    return (!workers_here(o, options) || teacher_keys(&o->project, e)) &&
           (options->coordinator_only || release_check(&o->project, e));
}

/* What the endpoints can do is asked before the money is spent. Workers elsewhere may reach what
 * this machine cannot, so that a silent endpoint is no error. */
static bool probe(struct opening *o, const struct run_options *options, struct buf *abilities,
                  struct err *e)
{
    static struct probe probes[ENDPOINT_MAX];
    if (workers_here(o, options) && !probe_needed(&o->project, probes, e))
        return false;
    probe_abilities(&o->project, probes, abilities);
    return probe_settle(&o->project, probes, e) && buf_ok(abilities, "what the probe found", e);
}

static int serve(struct opening *o, struct run_options *options, struct buf *abilities)
{
    struct err e;
    struct serve_report report;
    struct display display = {.options = options};
    if (!is_ready(o, options, &e) || !probe(o, options, abilities, &e))
        return command_fail(&e);
    bool live = isatty(STDERR_FILENO) && !getenv("CI");
    display.progress = progress_new(live);
    if (!display.progress) {
        err_set(&e, ERR_NOMEM, "out of memory");
        return command_fail(&e);
    }
    const struct serve_options serve_options = {
        .project = &o->project,
        .store = o->store,
        .arena = &o->arena,
        .store_path = o->store_path,
        .seats = &o->seats,
        .abilities = buf_view(abilities),
        .chain = &o->chain,
        .local_workers = workers_here(o, options),
        .listen_local = options->coordinator_only && !o->project.workers.listen[0],
        .shard = options->shard_index,
        .shards = options->shards,
        .until_wall_ms = options->until_wall_ms,
        .progress = show_progress,
        .endpoint = show_endpoint,
        .context = &display,
    };
    bool ok = serve_run(&serve_options, &report, &e);
    progress_free(display.progress);
    if (!ok)
        return command_fail(&e);
    say_summary(o, &report);
    if (report.exit_status != EXIT_COMPLETE)
        fprintf(stderr, "gavel: %s%s\n", report.ending,
                report.exit_status == EXIT_STOPPED ? "; nothing is lost, run it again to go on"
                                                   : "");
    bool export = o->project.export.dir[0] && !report.interrupted &&
                  report.exit_status != EXIT_USAGE && !options->coordinator_only;
    int exported = export ? export_release(o) : EXIT_COMPLETE;
    return report.exit_status != EXIT_COMPLETE ? report.exit_status : exported;
}

static int run(const char *path, struct run_options *options)
{
    struct opening o = {0};
    struct err e;
    bool ok = parse_shard(options, &e) &&
              (!options->until ||
               until_parse(options->until, clock_wall_ms(), &options->until_wall_ms, &e)) &&
              opening_project(&o, path, &options->sets, &e) && opening_store(&o, STORE_WRITE, &e);
    struct buf abilities;
    buf_init(&abilities, ABILITIES_MAX);
    int status = ok ? serve(&o, options, &abilities) : command_fail(&e);
    buf_free(&abilities);
    opening_close(&o);
    return status;
}

int cmd_run(int argc, char **argv)
{
    struct run_options o = {.workers = -1};
    const struct args_row rows[] = {
        {"workers", 0, ARGS_INT, &o.workers, "N",
         "local worker processes (default: workers.local)"},
        {"until", 0, ARGS_STRING, &o.until, "TIME",
         "stop asking at +2h, 07:30 or 2026-11-23T07:30; exit 3"},
        {"set", 0, ARGS_STRINGS, &o.sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel run PROJECT [options]",
        .about = "Imports the seeds, judges every pair in both orders, decides, exports. Finds by "
                 "itself what "
                 "is done\nalready and makes no call twice. Ctrl-C: finishes the calls in flight; "
                 "twice: "
                 "stops at once. Either\nway the next run goes on.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, status;
    struct err e;
    if (!command_args(&command, argc, argv, &operands, &n, &status))
        return status;
    if (o.workers != -1 && (o.workers < 0 || o.workers > 64)) {
        err_set(&e, ERR_USAGE, "--workers must lie between 0 and 64");
        return command_fail(&e);
    }
    return run(operands[0], &o);
}

int cmd_coordinator(int argc, char **argv)
{
    struct run_options o = {.workers = 0, .coordinator_only = true};
    const struct args_row rows[] = {
        {"shard", 0, ARGS_STRING, &o.shard, "I/N", "judge only this part of the pairs"},
        {"until", 0, ARGS_STRING, &o.until, "TIME", "stop asking at this time; exit 3"},
        {"set", 0, ARGS_STRINGS, &o.sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel coordinator PROJECT [options]",
        .about = "Coordinates without starting workers; `gavel worker ENDPOINT` connects to "
                 "workers.listen, "
                 "on any machine.\nDoes not export: see `gavel export`.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, status;
    if (!command_args(&command, argc, argv, &operands, &n, &status))
        return status;
    return run(operands[0], &o);
}

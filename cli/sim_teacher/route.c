#include "cli/sim_teacher/route.h"

#include "base/jsonw.h"
#include "cli/sim_teacher/reply.h"

#define ANSWER_MAX 65536

struct visit {
    const struct http_request *request;
    const struct character *character;
    const struct stats *stats;
    int64_t created;
};

static void write_health(const struct visit *a, struct buf *body)
{
    (void)a;
    buf_str(body, "{\"status\":\"ok\"}");
}

static void write_stats(const struct visit *a, struct buf *body)
{
    stats_write(a->stats, body);
}

static void write_model(const struct visit *a, struct slice name, struct jsonw *w)
{
    jsonw_object(w);
    jsonw_kslice(w, "id", name);
    jsonw_kstr(w, "object", "model");
    jsonw_ki64(w, "created", a->created);
    jsonw_kstr(w, "owned_by", "gavel-sim-teacher");
    jsonw_kslice(w, "root", name);
    jsonw_key(w, "parent");
    jsonw_null(w);
    jsonw_ki64(w, "max_model_len", a->character->context);
    jsonw_end_object(w);
}

static void write_models(const struct visit *a, struct buf *body)
{
    const struct models *models = &a->character->models;
    struct jsonw w = jsonw_to(body);
    jsonw_object(&w);
    jsonw_kstr(&w, "object", "list");
    jsonw_key(&w, "data");
    jsonw_list(&w);
    for (size_t i = 0; i < models->n; i++)
        write_model(a, models->list[i].name, &w);
    if (models->n == 0)
        write_model(a, S("sim-teacher"), &w);
    jsonw_end_list(&w);
    jsonw_end_object(&w);
}

static const struct row {
    const char *path;
    const char *method;
    bool locked;                                                /* needs the key */
    void (*write)(const struct visit *asked, struct buf *body); /* NULL: a completion */
} rows[] = {
    {"/v1/chat/completions", "POST", true, NULL}, {"/chat/completions", "POST", true, NULL},
    {"/v1/models", "GET", true, write_models},    {"/models", "GET", true, write_models},
    {"/health", "GET", false, write_health},      {"/stats", "GET", false, write_stats},
};

static const struct row *row_of(struct slice path)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (slice_is(path, rows[i].path))
            return &rows[i];
    return NULL;
}

static bool has_key(const struct http_request *r, const char *key)
{
    const struct slice bearer = S("Bearer ");
    return slice_starts(r->authorization, bearer) &&
           slice_is(slice_from(r->authorization, bearer.n), key);
}

enum route route_request(const struct http_request *r, const struct character *c,
                         const struct stats *stats, int64_t created, struct buf *out)
{
    const struct row *row = row_of(r->path);
    struct reply reply = {.status = 200, .keep_alive = r->keep_alive};
    if (!row) {
        reply.status = 404;
        reply_error(out, &reply, "NotFoundError",
                    "there is nothing here; POST to /v1/chat/completions");
    } else if (!slice_is(r->method, row->method)) {
        reply.status = 405;
        reply_error(out, &reply, "MethodNotAllowed", "this path takes another method");
    } else if (row->locked && c->key && !has_key(r, c->key)) {
        reply.status = 401;
        reply_error(out, &reply, "AuthenticationError", "the key is missing or wrong");
    } else if (!row->write) {
        return ROUTE_COMPLETION;
    } else {
        struct buf body;
        buf_init(&body, ANSWER_MAX);
        row->write(&(struct visit){r, c, stats, created}, &body);
        reply_json(out, &reply, buf_view(&body));
        buf_free(&body);
    }
    return ROUTE_ANSWERED;
}

#include "worker/teacher/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/log.h"
#include "worker/teacher/excerpt.h"

#define URL_MAX 8192
#define PATH "/chat/completions"

static bool check_url(const char *url, size_t index, struct err *e)
{
    CURLU *parts = curl_url();
    if (!parts)
        return err_set(e, ERR_NOMEM, "out of memory for the url of endpoints[%zu]", index);
    bool ok = curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK;
    curl_url_cleanup(parts);
    struct slice s = slice_of(url);
    if (ok && (slice_starts(s, S("http://")) || slice_starts(s, S("https://"))))
        return true;
    return err_set(e, ERR_USAGE,
                   "endpoints[%zu].url: '%s' is no address; write it like http://host:8000/v1",
                   index, url);
}

/* The base address is usually given up to /v1, sometimes in full, sometimes with a query. */
static bool make_url(struct target *t, const char *base, struct err *e)
{
    struct buf url;
    buf_init(&url, URL_MAX);
    struct slice query;
    struct slice path = slice_cut(slice_of(base), '?', &query);
    while (slice_ends(path, S("/")))
        path.n--;
    buf_slice(&url, path);
    if (!slice_ends(path, S(PATH)))
        buf_str(&url, PATH);
    if (query.n > 0) {
        buf_char(&url, '?');
        buf_slice(&url, query);
    }
    if (!buf_ok(&url, "the endpoint's url", e)) {
        buf_free(&url);
        return false;
    }
    t->url = url.p;
    return true;
}

/* A key goes into a header line: a line break in it would forge another one. */
static bool check_key(struct slice key, const char *where, struct err *e)
{
    if (key.n == 0)
        return err_set(e, ERR_USAGE, "%s holds no key", where);
    if (key.n > EXCERPT_LONGEST_SECRET)
        return err_set(e, ERR_USAGE, "the key in %s is longer than %d bytes", where,
                       EXCERPT_LONGEST_SECRET);
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] <= ' ' || key.p[i] > '~')
            return err_set(e, ERR_USAGE,
                           "the key in %s has a blank or a character that is not ASCII in it",
                           where);
    return true;
}

static bool key_from_env(struct buf *key, const char *name, size_t index, struct err *e)
{
    const char *value = getenv(name);
    if (!value)
        return err_set(
            e, ERR_USAGE,
            "the environment variable %s, which endpoints[%zu].api_key_env names, is not "
            "set",
            name, index);
    buf_str(key, value);
    return true;
}

static bool key_from_file(struct buf *key, const struct project *p, const char *name, size_t index,
                          struct err *e)
{
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    const char *path = files_join(&arena, p->dir, name);
    bool ok = path ? files_read(path, key, e) : err_set(e, ERR_NOMEM, "out of memory for a path");
    arena_free(&arena);
    if (ok)
        return true;
    e->code = ERR_USAGE;
    return err_wrap(e, "endpoints[%zu].api_key_file", index);
}

static bool add_header(struct target *t, const char *line, struct err *e)
{
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    if (!longer)
        return err_set(e, ERR_NOMEM, "out of memory for header lines");
    t->headers = longer;
    return true;
}

static bool add_key(struct target *t, struct slice key, struct err *e)
{
    struct buf line;
    buf_init(&line, EXCERPT_LONGEST_SECRET + 64);
    buf_str(&line, "Authorization: Bearer ");
    size_t prefix = line.n;
    buf_slice(&line, key);
    bool ok = buf_ok(&line, "the key", e);
    if (ok) {
        secret_register(line.p + prefix);
        ok = add_header(t, line.p, e);
        explicit_bzero(line.p, line.n);
    }
    buf_free(&line);
    return ok;
}

static bool read_key(struct target *t, const struct project *p, size_t index, struct err *e)
{
    const struct project_endpoint *endpoint = &(
        (const struct project_endpoint *)p->endpoints.items)[index];
    const char *env = endpoint->api_key_env, *file = endpoint->api_key_file;
    if (!*env && !*file)
        return true;
    struct buf key;
    buf_init(&key, 2 * (size_t)EXCERPT_LONGEST_SECRET);
    struct slice trimmed = {0};
    bool ok = *env ? key_from_env(&key, env, index, e) : key_from_file(&key, p, file, index, e);
    if (ok) {
        char where[400];
        snprintf(where, sizeof where, "%s%s", *env ? "the environment variable " : "",
                 *env ? env : file);
        trimmed = slice_trim(buf_view(&key));
        ok = check_key(trimmed, where, e) && add_key(t, trimmed, e);
    }
    if (key.p)
        explicit_bzero(key.p, key.cap);
    buf_free(&key);
    return ok;
}

bool target_open(struct target *t, const struct project *p, size_t index, struct err *e)
{
    const struct project_endpoint *endpoint = &(
        (const struct project_endpoint *)p->endpoints.items)[index];
    *t = (struct target){0};
    return check_url(endpoint->url, index, e) && make_url(t, endpoint->url, e) &&
           add_header(t, "Content-Type: application/json", e) &&
           add_header(t, "Accept: application/json, text/event-stream", e) &&
           add_header(t, "Expect:", e) && read_key(t, p, index, e);
}

void target_close(struct target *t)
{
    for (struct curl_slist *line = t->headers; line; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(t->headers);
    free(t->url);
    *t = (struct target){0};
}

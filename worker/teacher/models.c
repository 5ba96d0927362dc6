#include "worker/teacher/models.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "worker/teacher/target.h"

#define MOST_SECONDS 20L
#define BODY_MAX ((size_t)4 << 20)
#define URL_MAX 8192
#define NO_PROXY_MAX 65536
#define MOST_NAMES 8 /* shown */
#define NAME_CHARS 100
#define CHAT "/chat/completions"

bool models_read(struct models *m, struct slice body, const char *ours, struct err *e)
{
    json *root = json_parse(body, JSON_ANSWER, e);
    const json *data = json_get(root, "data");
    *m = (struct models){0};
    buf_init(&m->names, MOST_NAMES * NAME_CHARS * 16);
    if (!root)
        return err_wrap(e, "the list of models");
    bool ok = data && json_type(data) == JSON_LIST;
    for (const json *item = ok ? json_first(data) : NULL; item; item = json_next(item)) {
        struct slice name = json_string(json_get(item, "id"));
        m->has_ours = m->has_ours || slice_is(name, ours);
        if (m->n++ >= MOST_NAMES)
            continue;
        buf_str(&m->names, m->n > 1 ? ", " : "");
        text_quote(&m->names, name, NAME_CHARS);
    }
    json_free(root);
    return ok || err_set(e, ERR_SYNTAX, "the list of models has no 'data'");
}

void models_free(struct models *m)
{
    buf_free(&m->names);
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
    struct buf *body = context;
    buf_add(body, bytes, size * n);
    return body->failed ? 0 : size * n;
}

/* The address of the list stands beside that of the completions. */
static bool list_url(const char *chat_url, struct buf *url, struct err *e)
{
    struct slice all = slice_of(chat_url);
    size_t at = slice_rfind(all, S(CHAT));
    buf_slice(url, slice_sub(all, 0, at));
    buf_str(url, "/models");
    if (at != SIZE_MAX)
        buf_slice(url, slice_from(all, at + sizeof CHAT - 1));
    return buf_ok(url, "the url of the list of models", e);
}

/* As for calls: a server on this machine is never behind the environment's proxy. */
static void no_proxy(struct buf *out)
{
    const char *given = getenv("no_proxy");
    if (!given)
        given = getenv("NO_PROXY");
    buf_str(out, "localhost,127.0.0.1,::1");
    if (given && *given)
        buf_addf(out, ",%s", given);
}

static bool perform(CURL *easy, const struct target *target, const char *url, struct buf *body,
                    struct err *e)
{
    char why[CURL_ERROR_SIZE] = "";
    struct buf proxies;
    long status = 0;
    buf_init(&proxies, NO_PROXY_MAX);
    no_proxy(&proxies);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, target->headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, buf_cstr(&proxies));
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "gavel/" GAVEL_VERSION);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, MOST_SECONDS);
    CURLcode code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    buf_free(&proxies);
    if (code != CURLE_OK)
        return err_set(e, ERR_IO, "no list of models: %s", why[0] ? why : curl_easy_strerror(code));
    return status == 200 || err_set(e, ERR_IO, "no list of models: HTTP %ld", status);
}

bool models_ask(struct models *m, const struct project *p, size_t endpoint, struct err *e)
{
    const struct project_endpoint *all = p->endpoints.items;
    struct target target;
    struct buf url, body;
    *m = (struct models){0};
    buf_init(&url, URL_MAX);
    buf_init(&body, BODY_MAX);
    CURL *easy = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    bool ok = target_open(&target, p, endpoint, e) && list_url(target.url, &url, e);
    if (ok && !easy)
        ok = err_set(e, ERR_NOMEM, "cannot start libcurl");
    ok = ok && perform(easy, &target, buf_cstr(&url), &body, e) &&
         models_read(m, buf_view(&body), all[endpoint].model, e);
    curl_easy_cleanup(easy);
    curl_global_cleanup();
    target_close(&target);
    buf_free(&url);
    buf_free(&body);
    return ok;
}

#include "worker/teacher/raw.h"

#include <stdio.h>
#include <stdlib.h>

#include "worker/teacher/target.h"

#define BODY_MAX ((size_t)4 << 20)
#define URL_MAX 8192
#define NO_PROXY_MAX 65536
#define WAIT_MS 1000
#define CHAT "/chat/completions"
#define VERSION "/v1"

/* One request under way. */
struct sending {
    struct raw *ask;
    struct target target;
    struct buf url;
    CURL *easy;
    char why[CURL_ERROR_SIZE];
};

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
    struct buf *body = context;
    buf_add(body, bytes, size * n);
    return body->failed ? 0 : size * n;
}

/* What else a server offers stands beside the completions. */
static void make_url(struct buf *url, const char *chat_url, enum raw_place place)
{
    struct slice all = slice_of(chat_url);
    size_t at = slice_rfind(all, S(CHAT));
    struct slice base = slice_sub(all, 0, at);
    struct slice query = at == SIZE_MAX ? S("") : slice_from(all, at + sizeof CHAT - 1);
    if (place == RAW_PROPS && slice_ends(base, S(VERSION)))
        base.n -= sizeof VERSION - 1;
    buf_slice(url, base);
    buf_str(url, place == RAW_MODELS ? "/models" : place == RAW_PROPS ? "/props" : CHAT);
    buf_slice(url, query);
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

static void set_options(struct sending *s, const char *proxies, long seconds)
{
    CURL *easy = s->easy;
    if (s->ask->place == RAW_CHAT) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->ask->body.n);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, s->ask->body.p);
    }
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, s->why);
    curl_easy_setopt(easy, CURLOPT_URL, buf_cstr(&s->url));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, s->target.headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &s->ask->answer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, s);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, proxies);
    if (getenv("SSL_CERT_FILE")) /* libcurl itself does not look */
        curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "gavel/" GAVEL_VERSION);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, seconds);
}

static bool open_one(struct sending *s, CURLM *multi, const struct project *p, const char *proxies,
                     long seconds, struct err *e)
{
    s->easy = curl_easy_init();
    if (!s->easy)
        return err_set(e, ERR_NOMEM, "cannot start libcurl");
    if (!target_open(&s->target, p, s->ask->endpoint, e))
        return false;
    make_url(&s->url, s->target.url, s->ask->place);
    if (!buf_ok(&s->url, "the url of an endpoint", e))
        return false;
    set_options(s, proxies, seconds);
    return curl_multi_add_handle(multi, s->easy) == CURLM_OK ||
           err_set(e, ERR_NOMEM, "cannot start libcurl");
}

static void take_finished(CURLM *multi)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
        struct sending *s = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
        if (m->data.result == CURLE_OK)
            curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &s->ask->status);
        else
            snprintf(s->ask->why, sizeof s->ask->why, "%.250s",
                     s->why[0] ? s->why : curl_easy_strerror(m->data.result));
    }
}

/* Each has its own deadline, so that this ends. */
static bool perform(CURLM *multi, struct err *e)
{
    int running = 1;
    while (running) {
        CURLMcode code = curl_multi_perform(multi, &running);
        take_finished(multi);
        if (code == CURLM_OK && running)
            code = curl_multi_poll(multi, NULL, 0, WAIT_MS, NULL);
        if (code != CURLM_OK)
            return err_set(e, ERR_IO, "libcurl: %s", curl_multi_strerror(code));
    }
    return true;
}

static void close_all(struct sending *all, size_t n, CURLM *multi)
{
    for (size_t i = 0; i < n; i++) {
        if (all[i].easy && multi)
            curl_multi_remove_handle(multi, all[i].easy);
        curl_easy_cleanup(all[i].easy);
        target_close(&all[i].target);
        buf_free(&all[i].url);
    }
    curl_multi_cleanup(multi);
    free(all);
}

bool raw_ask(const struct project *p, struct raw *asks, size_t n, long seconds, struct err *e)
{
    struct buf proxies;
    struct sending *all = calloc(n ? n : 1, sizeof *all);
    CURLM *multi = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_multi_init() : NULL;
    bool ok = (all && multi) || err_set(e, ERR_NOMEM, "cannot start libcurl");
    buf_init(&proxies, NO_PROXY_MAX);
    no_proxy(&proxies);
    for (size_t i = 0; i < n; i++)
        buf_init(&asks[i].answer, BODY_MAX);
    for (size_t i = 0; ok && i < n; i++) {
        all[i].ask = &asks[i];
        buf_init(&all[i].url, URL_MAX);
        ok = open_one(&all[i], multi, p, buf_cstr(&proxies), seconds, e);
    }
    ok = ok && perform(multi, e);
    close_all(all, all ? n : 0, multi);
    curl_global_cleanup();
    buf_free(&proxies);
    return ok;
}

void raw_free(struct raw *asks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_free(&asks[i].answer);
}

#include "worker/teacher/http_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "worker/teacher/excerpt.h"

#define SEARCHED_BYTES 2048 /* of a message: some servers quote the whole request in it */

/* What a server said, wherever it put it. */
struct report {
    struct slice code, type, message;
    int64_t number;   /* code as a number, -1: it is none */
    bool flagged;     /* the input was refused for its content */
    int64_t retry_ms; /* -1: not said */
};

enum scope { REFUSED = 1, FAILED = 2, INSIDE = 4 }; /* 4xx, 5xx, within a 200 */
enum place { IN_CODE, IN_MESSAGE };                 /* IN_CODE: in code or type */

/* Wordings that say more than the status; the first hit decides. "billing" is looked for in codes
 * only: messages about ordinary rate limits point to billing pages, too. */
static const struct wording {
    unsigned scopes;
    enum place place;
    const char *text;
    enum failure failure;
} wordings[] = {
    {REFUSED | INSIDE,          IN_CODE,    "insufficient_quota",       FAILURE_NO_CREDIT },
    {REFUSED | INSIDE,          IN_CODE,    "credit_balance",           FAILURE_NO_CREDIT },
    {REFUSED | INSIDE,          IN_CODE,    "billing",                  FAILURE_NO_CREDIT },
    {REFUSED | INSIDE,          IN_MESSAGE, "insufficient_quota",       FAILURE_NO_CREDIT },
    {REFUSED | INSIDE,          IN_MESSAGE, "credit balance",           FAILURE_NO_CREDIT },
    {REFUSED | INSIDE,          IN_MESSAGE, "insufficient balance",     FAILURE_NO_CREDIT },
    {REFUSED | INSIDE,          IN_CODE,    "model_not_found",          FAILURE_NO_MODEL  },
    {REFUSED | INSIDE,          IN_MESSAGE, "is not a valid model",     FAILURE_NO_MODEL  },
    {REFUSED | INSIDE,          IN_MESSAGE, "model not exist",          FAILURE_NO_MODEL  },
    {REFUSED | FAILED | INSIDE, IN_CODE,    "context_length_exceeded",  FAILURE_CONTEXT   },
    {REFUSED | FAILED | INSIDE, IN_CODE,    "exceed_context_size",      FAILURE_CONTEXT   },
    {REFUSED | FAILED | INSIDE, IN_MESSAGE, "maximum context length",   FAILURE_CONTEXT   },
    {REFUSED | FAILED | INSIDE, IN_MESSAGE, "available context size",   FAILURE_CONTEXT   },
    {REFUSED | INSIDE,          IN_MESSAGE, "exceeds context",          FAILURE_CONTEXT   },
    {REFUSED | INSIDE,          IN_MESSAGE, "exceeds the context",      FAILURE_CONTEXT   },
    {REFUSED | INSIDE,          IN_MESSAGE, "exceeds the model's",      FAILURE_CONTEXT   },
    {REFUSED | INSIDE,          IN_MESSAGE, "is longer than the model", FAILURE_CONTEXT   },
    {REFUSED | INSIDE,          IN_MESSAGE, "is too long",              FAILURE_CONTEXT   },
    {INSIDE,                    IN_CODE,    "rate_limit",               FAILURE_OVERLOADED},
    {INSIDE,                    IN_CODE,    "overloaded",               FAILURE_OVERLOADED},
    {INSIDE,                    IN_MESSAGE, "queue is full",            FAILURE_OVERLOADED},
    {INSIDE,                    IN_MESSAGE, "overloaded",               FAILURE_OVERLOADED},
};

void http_error_init(struct http_error *x)
{
    *x = (struct http_error){.failure = FAILURE_BAD_ANSWER, .retry_after_ms = -1};
    buf_init(&x->message, HTTP_ERROR_MESSAGE_MAX);
}

void http_error_free(struct http_error *x)
{
    buf_free(&x->message);
    http_error_init(x);
}

void http_error_set(struct http_error *x, enum failure failure, const char *format, ...)
{
    char text[HTTP_ERROR_MESSAGE_MAX + EXCERPT_LONGEST_SECRET];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    x->failure = failure;
    excerpt_set(&x->message, slice_of(text), HTTP_ERROR_MESSAGE_MAX);
}

static bool holds(struct slice text, const char *needle)
{
    struct slice wanted = slice_of(needle);
    text = slice_sub(text, 0, SEARCHED_BYTES);
    for (; text.n >= wanted.n; text = slice_from(text, 1))
        if (strncasecmp(text.p, wanted.p, wanted.n) == 0)
            return true;
    return false;
}

/* What may stand in a status: other 4xx are about this request, other 5xx about the server. */
static enum failure of_status(int64_t status)
{
    switch (status) {
    case 401:
    case 403:
    case 407:
        return FAILURE_UNAUTHORIZED;
    case 402:
        return FAILURE_NO_CREDIT;
    case 404:
    case 405: /* the path is another service's */
        return FAILURE_NO_MODEL;
    case 408:
        return FAILURE_TIMEOUT_TOTAL;
    case 409: /* a lock conflict */
    case 424: /* generation failed */
    case 425:
        return FAILURE_SERVER_ERROR;
    case 429:
    case 503:
    case 529:
        return FAILURE_OVERLOADED;
    case 502:
    case 504:
    case 521: /* a proxy cannot reach its origin */
    case 522:
    case 523:
        return FAILURE_GATEWAY;
    default:
        break;
    }
    if (status >= 300 && status < 400) /* the address is wrong, whatever is asked there */
        return FAILURE_NO_MODEL;
    return status >= 400 && status < 500 ? FAILURE_BAD_REQUEST : FAILURE_SERVER_ERROR;
}

static unsigned scope_of(int64_t status)
{
    if (status >= 400 && status < 500)
        return REFUSED;
    return status >= 500 && status < 600 ? FAILED : 0;
}

static enum failure classify(const struct report *r, int64_t status, unsigned scopes)
{
    if (r->flagged && status == 403)
        return FAILURE_BAD_REQUEST;
    for (size_t i = 0; i < sizeof wordings / sizeof wordings[0]; i++) {
        const struct wording *w = &wordings[i];
        if (!(w->scopes & scopes))
            continue;
        if (w->place == IN_MESSAGE ? holds(r->message, w->text)
                                   : holds(r->code, w->text) || holds(r->type, w->text))
            return w->failure;
    }
    return of_status(status);
}

static bool is_error(const json *node)
{
    if (!node)
        return false;
    enum json_type type = json_type(node);
    return type == JSON_OBJECT || (type == JSON_STRING && json_string(node).n > 0);
}

bool http_error_is_in(const json *root)
{
    return is_error(json_get(root, "error")) ||
           slice_is(json_string(json_get(root, "object")), "error");
}

static void read_code(struct report *r, const json *code)
{
    r->code = json_string(code);
    if (r->code.n ? slice_i64(r->code, &r->number) : json_i64(code, &r->number))
        return;
    r->number = -1;
}

static void read_metadata(struct report *r, const json *metadata)
{
    r->flagged = json_get(metadata, "reasons") || json_get(metadata, "flagged_input");
    const json *wait = json_get(metadata, "retry_after_seconds");
    r->retry_ms = head_wait_of(json_number_text(wait), 1000);
}

static void read_fields(struct report *r, const json *fields)
{
    read_code(r, json_get(fields, "code"));
    r->type = json_string(json_get(fields, "type"));
    r->message = json_string(json_get(fields, "message"));
    read_metadata(r, json_get(fields, "metadata"));
}

/* {"error":{…}}, {"error":"text","error_type":…}, flat fields, or {"detail":"text" or a list} */
static void read_report(struct report *r, const json *root)
{
    *r = (struct report){.number = -1, .retry_ms = -1};
    const json *error = json_get(root, "error");
    if (json_type(root) != JSON_OBJECT)
        return;
    if (!is_error(error)) {
        read_fields(r, root);
    } else if (json_type(error) == JSON_OBJECT) {
        read_fields(r, error);
    } else {
        r->message = json_string(error);
        r->type = json_string(json_get(root, "error_type"));
    }
    const json *detail = json_get(root, "detail");
    if (r->message.n || !detail)
        return;
    r->message = json_string(detail);
    if (json_type(detail) == JSON_LIST)
        r->message = json_string(json_get(json_first(detail), "msg"));
}

/* The body of an error that is no JSON: of a page its title, else the text itself. */
static struct slice plain_text(struct slice body)
{
    body = slice_trim(body);
    if (!slice_starts(body, S("<")))
        return body;
    size_t at = slice_find(body, S("<title>"));
    if (at == SIZE_MAX)
        return body;
    struct slice title = slice_from(body, at + 7);
    return slice_trim(slice_sub(title, 0, slice_find(title, S("</title>"))));
}

static void write_message(struct http_error *x, const struct report *r, const char *what)
{
    struct slice kind = r->code.n && r->number < 0 ? r->code : r->type;
    struct buf text;
    buf_init(&text, 4 * (size_t)EXCERPT_LONGEST_SECRET);
    buf_str(&text, what);
    if (kind.n)
        buf_addf(&text, " (" SLICE_FMT ")", SLICE_ARG(kind));
    if (r->message.n)
        buf_addf(&text, ": " SLICE_FMT, SLICE_ARG(r->message));
    excerpt_set(&x->message, buf_view(&text), HTTP_ERROR_MESSAGE_MAX);
    buf_free(&text);
}

static enum failure with_hint(enum failure failure, enum head_hint hint)
{
    if (hint == HEAD_SHOULD_NOT_RETRY && failure == FAILURE_SERVER_ERROR)
        return FAILURE_BAD_REQUEST;
    if (hint == HEAD_SHOULD_RETRY && failure == FAILURE_BAD_REQUEST)
        return FAILURE_SERVER_ERROR;
    return failure;
}

void http_error_response(struct http_error *x, const struct head *h, struct slice body)
{
    struct err ignored;
    struct report r = {.number = -1, .retry_ms = -1};
    json *root = json_parse(body, JSON_ANSWER, &ignored);
    if (root)
        read_report(&r, root);
    if (!r.message.n)
        r.message = plain_text(body);
    x->failure = with_hint(classify(&r, h->status, scope_of(h->status)), h->hint);
    x->retry_after_ms = head_wait_ms(h) >= 0 ? head_wait_ms(h) : r.retry_ms;
    char what[128 + 256];
    snprintf(what, sizeof what, "the server answered %u", h->status);
    if (h->location.n)
        snprintf(what, sizeof what,
                 "the server answered %u and points to %s, which is not followed: set the "
                 "endpoint's url to the final address",
                 h->status, buf_cstr(&h->location));
    write_message(x, &r, what);
    json_free(root);
}

static void of_report(struct http_error *x, const struct report *r)
{
    unsigned scope = scope_of(r->number);
    x->failure = classify(r, scope ? r->number : 500, scope | INSIDE);
    x->retry_after_ms = r->retry_ms;
    write_message(x, r, "the server reported an error inside its answer");
}

void http_error_inside(struct http_error *x, const json *root)
{
    struct report r;
    read_report(&r, root);
    of_report(x, &r);
}

void http_error_event(struct http_error *x, struct slice text)
{
    of_report(x, &(struct report){.message = text, .number = -1, .retry_ms = -1});
}

#include "coordinator/exec_reply.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "filters/answers/outcome.h"

#define WHY_CHARS 100

void exec_reply_reason(struct answer_result *r, struct slice why)
{
    struct buf safe;
    buf_init(&safe, 1 << 16);
    text_quote(&safe, why, WHY_CHARS);
    snprintf(r->why, sizeof r->why, "%s", safe.n ? buf_cstr(&safe) : "the command says so");
    size_t cut = text_utf8_error(slice_of(r->why));
    if (cut != SIZE_MAX)
        r->why[cut] = '\0';
    buf_free(&safe);
}

static bool is_id(const json *node, uint64_t id)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, id);
    return node && (slice_is(json_string(node), text) || slice_is(json_number_text(node), text));
}

bool exec_reply_read(struct slice line, uint64_t id, struct answer_result *r, struct err *e)
{
    json *root = json_parse(line, JSON_ANSWER, e);
    if (!root)
        return err_wrap(e, "wrote a line that is no JSON");
    struct slice verdict = json_string(json_get(root, "verdict"));
    bool ok = false;
    if (!is_id(json_get(root, "id"), id))
        err_set(e, ERR_PROTOCOL, "wrote a line without the id of the request");
    for (int v = 0; is_id(json_get(root, "id"), id) && v < ANSWER_VERDICT_COUNT; v++) {
        if (slice_is(verdict, answer_verdict_name((enum answer_verdict)v))) {
            outcome_all(r, (enum answer_verdict)v, "-");
            exec_reply_reason(r, json_string(json_get(root, "why")));
            ok = true;
        }
    }
    if (!ok && is_id(json_get(root, "id"), id))
        err_set(e, ERR_PROTOCOL, "wrote a verdict other than equal, different and unknown");
    json_free(root);
    return ok;
}

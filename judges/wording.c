#include "judges/wording.h"

#include "judges/template.h"
#include "judges/template_scan.h"

#define MIX_SALT 0x6d6978 /* keeps this choice apart from others made by the pair's id */

bool wording_uses(const struct project *p, enum format format)
{
    const struct conf_share *mix = p->judge.mix.items;
    double total = 0;
    for (size_t i = 0; i < p->judge.mix.n; i++) {
        total += mix[i].value;
        if (mix[i].value > 0 && judge_find(mix[i].name) == judge_of(format))
            return true;
    }
    return !(total > 0) && p->judge.format == (int)format;
}

enum format wording_format(const struct project *p, const struct id *pair)
{
    const struct conf_share *mix = p->judge.mix.items;
    enum format format = (enum format)p->judge.format;
    double total = 0;
    for (size_t i = 0; i < p->judge.mix.n; i++)
        total += mix[i].value;
    double at = id_share(pair, MIX_SALT) * total;
    for (size_t i = 0; i < p->judge.mix.n; i++) {
        const struct judge *judge = mix[i].value > 0 ? judge_find(mix[i].name) : NULL;
        if (!judge)
            continue;
        format = judge->format; /* rounding may carry `at` to the end: then the last one it is */
        if (at < mix[i].value)
            break;
        at -= mix[i].value;
    }
    return format;
}

/* Language tags are compared as BCP 47 does, case aside, with the underscore that locales use. */
static char tag_char(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '_' ? '-' : c;
}

static bool same_language(struct slice a, struct slice b)
{
    bool same = a.n == b.n;
    for (size_t i = 0; same && i < a.n; i++)
        same = tag_char(a.p[i]) == tag_char(b.p[i]);
    return same;
}

static const char *find_text(const struct project *p, enum format format, struct slice language)
{
    const struct project_template *all = p->judge.templates.items;
    for (size_t i = 0; i < p->judge.templates.n; i++)
        if (all[i].format == (int)format && same_language(slice_of(all[i].language), language))
            return all[i].text;
    return NULL;
}

struct slice wording_of(const struct project *p, enum format format, struct slice language)
{
    for (struct slice tag = language; tag.n;) {
        const char *text = find_text(p, format, tag);
        if (text)
            return slice_of(text);
        while (tag.n && tag_char(tag.p[tag.n - 1]) != '-')
            tag.n--;
        tag.n -= tag.n > 0;
    }
    const char *text = find_text(p, format, S(""));
    return slice_of(text ? text : judge_of(format)->wording);
}

bool wording_render(const struct project *p, enum format format, const struct judge_task *task,
                    struct chat *out, struct arena *arena, struct err *e)
{
    return template_render(wording_of(p, format, task->language), task, out, arena, e);
}

static bool has_hole(struct slice text, const char *name)
{
    struct template_scan s = template_scan_of(text);
    for (;;) {
        struct template_piece piece = template_scan_next(&s);
        if (piece.kind == TEMPLATE_END)
            return false;
        if (piece.kind == TEMPLATE_HOLE && slice_is(piece.text, name))
            return true;
    }
}

/* What a template lacks that other settings of this project count on; NULL: nothing. */
static const char *lacks(const struct project *p, const struct judge *judge, struct slice text)
{
    if (p->judge.nonce && !has_hole(text, "nonce"))
        return "has no {{nonce}}, which judge.nonce needs in every marker and tag";
    if (p->hint.share > 0 && !judge->pointwise && !has_hole(text, "hint"))
        return "has no {{#hint}}…{{hint}}…{{/hint}}, which hint.share needs to tell the winner";
    return NULL;
}

bool wording_check(const struct project *p, struct err *e)
{
    const struct project_template *all = p->judge.templates.items;
    for (size_t i = 0; i < p->judge.templates.n; i++) {
        const struct judge *judge = judge_of((enum format)all[i].format);
        struct slice text = slice_of(all[i].text);
        if (!template_check(text, judge, e))
            return err_wrap(e, "judge.templates[%zu]", i);
        const char *what = lacks(p, judge, text);
        if (what)
            return err_set(e, ERR_USAGE, "judge.templates[%zu] %s", i, what);
        for (size_t j = 0; j < i; j++)
            if (all[j].format == all[i].format &&
                same_language(slice_of(all[j].language), slice_of(all[i].language)))
                return err_set(e, ERR_USAGE,
                               "judge.templates[%zu] is for the same format and language as "
                               "judge.templates[%zu]",
                               i, j);
    }
    return true;
}

void wording_id(const struct project *p, struct buf *out)
{
    bool any = false;
    for (const struct judge *const *j = judge_table; *j; j++) {
        if (!wording_uses(p, (*j)->format))
            continue;
        buf_str(out, any ? "," : "");
        buf_str(out, (*j)->prompt_id);
        any = true;
    }
}

#include "judges/seat.h"

#include <string.h>

#include "base/jsonw.h"
#include "judges/check.h"
#include "judges/generation.h"

#define RECIPE_MAX_BYTES ((size_t)32 << 20) /* user templates are part of it */

static struct seat *find(struct seats *seats, enum seat_kind kind, const char *model)
{
    for (size_t i = 0; i < seats->n; i++)
        if (seats->all[i].kind == kind && strcmp(seats->all[i].model, model) == 0)
            return &seats->all[i];
    return NULL;
}

static bool add(struct seats *seats, struct seat seat, struct err *e)
{
    if (seats->n == CALL_MAX_SEAT)
        return err_set(e, ERR_USAGE,
                       "endpoints: teachers, checkers and students with different models are at "
                       "most %d in one run; leave some out",
                       CALL_MAX_SEAT);
    seats->all[seats->n++] = seat;
    return true;
}

/* One seat of this kind for each model that endpoints of the role serve; `taken`: the model that
 * has its seat already. */
static bool add_models(struct seats *seats, const struct project *p, enum seat_kind kind, int role,
                       const char *taken, struct err *e)
{
    const struct project_endpoint *all = p->endpoints.items;
    for (size_t i = 0; i < p->endpoints.n; i++) {
        if (all[i].role != role || (taken && strcmp(all[i].model, taken) == 0))
            continue;
        struct seat *seat = find(seats, kind, all[i].model);
        if (!seat) {
            int n = kind == SEAT_STUDENT ? (int)p->student_n : 0;
            if (!add(seats, (struct seat){.kind = kind, .model = all[i].model, .n = n}, e))
                return false;
            seat = &seats->all[seats->n - 1];
        }
        seat->endpoints |= (uint64_t)1 << i;
    }
    return true;
}

static uint64_t endpoints_of(const struct project *p, int role, const char *model)
{
    const struct project_endpoint *all = p->endpoints.items;
    uint64_t found = 0;
    for (size_t i = 0; i < p->endpoints.n; i++)
        if (all[i].role == role && strcmp(all[i].model, model) == 0)
            found |= (uint64_t)1 << i;
    return found;
}

/* Without endpoints of its own the generator's calls go to the teacher's. */
static bool add_generators(struct seats *seats, const struct project *p, struct err *e)
{
    size_t before = seats->n;
    if (!add_models(seats, p, SEAT_GENERATOR, ROLE_GENERATOR, NULL, e))
        return false;
    if (seats->n > before + 1)
        return err_set(e, ERR_USAGE,
                       "endpoints: generators must all serve one model, not %s and %s",
                       seats->all[before].model, seats->all[before + 1].model);
    struct seat own = seats->all[0];
    own.kind = SEAT_GENERATOR;
    return seats->n > before || add(seats, own, e);
}

static bool name_recipes(struct seats *seats, const struct project *p, struct err *e)
{
    for (size_t i = 0; i < seats->n; i++) {
        struct buf text;
        buf_init(&text, RECIPE_MAX_BYTES);
        seat_recipe_text(p, seats, i, &text);
        bool ok = buf_ok(&text, "the recipe", e);
        seats->all[i].recipe = project_fingerprint("recipe", buf_view(&text));
        buf_free(&text);
        if (!ok)
            return false;
    }
    return true;
}

bool seats_build(struct seats *seats, const struct project *p, struct err *e)
{
    const struct project_endpoint *teacher = project_teacher(p);
    *seats = (struct seats){0};
    struct seat first = {.kind = SEAT_TEACHER,
                         .model = teacher->model,
                         .endpoints = endpoints_of(p, ROLE_TEACHER, teacher->model)};
    struct seat hinted = first;
    hinted.kind = SEAT_HINTED;
    hinted.n = (int)p->hint.n;
    bool train = p->purpose == PURPOSE_TRAIN;
    if (!add(seats, first, e) ||
        !add_models(seats, p, SEAT_SECOND, ROLE_TEACHER, teacher->model, e))
        return false;
    if (train && p->hint.share > 0 && !add(seats, hinted, e))
        return false;
    if (train && !add_models(seats, p, SEAT_CHECKER, ROLE_CHECKER, NULL, e))
        return false;
    if (!add_models(seats, p, SEAT_STUDENT, ROLE_STUDENT, NULL, e))
        return false;
    if (train && (p->build.verifiable || p->build.open) && !add_generators(seats, p, e))
        return false;
    return name_recipes(seats, p, e);
}

static void write_prompt(const struct project *p, enum seat_kind kind, struct jsonw *w)
{
    struct buf id;
    buf_init(&id, 4096);
    wording_id(p, &id);
    if (kind == SEAT_CHECKER)
        buf_str(&id, "," CHECK_PROMPT_ID);
    jsonw_kslice(w, "prompt", buf_view(&id));
    w->out->failed |= id.failed;
    w->out->nomem |= id.nomem;
    buf_free(&id);
}

/* How it is judged says nothing about what it writes. */
static void write_generator(const struct project *p, const struct seat *s, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    struct buf settings;
    buf_init(&settings, RECIPE_MAX_BYTES);
    project_writing_text(p, &settings);
    jsonw_object(&w);
    jsonw_kstr(&w, "kind", seat_kind_name(s->kind));
    jsonw_kstr(&w, "model", s->model);
    jsonw_kstr(&w, "prompt", GENERATION_PROMPT_ID);
    jsonw_key(&w, "settings");
    jsonw_raw(&w, buf_view(&settings));
    jsonw_end_object(&w);
    out->failed |= settings.failed;
    out->nomem |= settings.nomem;
    buf_free(&settings);
}

void seat_recipe_text(const struct project *p, const struct seats *seats, size_t seat,
                      struct buf *out)
{
    const struct seat *s = &seats->all[seat];
    if (s->kind == SEAT_GENERATOR) {
        write_generator(p, s, out);
        return;
    }
    struct jsonw w = jsonw_to(out);
    struct buf settings;
    buf_init(&settings, RECIPE_MAX_BYTES);
    project_text(p, PART_RECIPE, &settings);
    jsonw_object(&w);
    if (s->kind != SEAT_TEACHER)
        jsonw_kstr(&w, "kind", seat_kind_name(s->kind));
    jsonw_kstr(&w, "model", s->model);
    write_prompt(p, s->kind, &w);
    if (s->kind == SEAT_HINTED || s->kind == SEAT_CHECKER) {
        char hex[ID_HEX];
        id_hex(&seats->all[0].recipe, hex);
        jsonw_kstr(&w, "teacher", hex);
    }
    if (s->kind == SEAT_CHECKER)
        jsonw_kbool(&w, "claims", p->checker.claims);
    jsonw_key(&w, "settings");
    jsonw_raw(&w, buf_view(&settings));
    jsonw_end_object(&w);
    out->failed |= settings.failed;
    out->nomem |= settings.nomem;
    buf_free(&settings);
}

void seats_text(const struct seats *seats, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    jsonw_list(&w);
    for (size_t i = 0; i < seats->n; i++) {
        char hex[ID_HEX];
        id_hex(&seats->all[i].recipe, hex);
        jsonw_object(&w);
        jsonw_kstr(&w, "kind", seat_kind_name(seats->all[i].kind));
        jsonw_kstr(&w, "model", seats->all[i].model);
        jsonw_kstr(&w, "recipe", hex);
        jsonw_end_object(&w);
    }
    jsonw_end_list(&w);
}

int seats_generator(const struct seats *seats)
{
    int last = (int)seats->n - 1;
    return seats->all[last].kind == SEAT_GENERATOR ? last : -1;
}

bool seats_has_judge(const struct seats *seats, struct slice model)
{
    for (size_t i = 0; i < seats->n; i++) {
        enum seat_kind kind = seats->all[i].kind;
        if ((kind == SEAT_TEACHER || kind == SEAT_SECOND) && slice_is(model, seats->all[i].model))
            return true;
    }
    return false;
}

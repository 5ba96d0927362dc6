#include "cli/sim_teacher/models.h"

bool models_add(struct models *m, const char *text, double fallback, struct err *e)
{
    struct slice all = slice_of(text), name = all;
    struct model model = {.p_correct = fallback};
    size_t at = slice_rfind(all, S("="));
    if (at != SIZE_MAX) {
        name = slice_sub(all, 0, at);
        if (!slice_double(slice_from(all, at + 1), &model.p_correct) || !(model.p_correct >= 0) ||
            model.p_correct > 1)
            return err_set(e, ERR_USAGE,
                           "--model %s: what follows the = must be a probability, as in NAME=0.8",
                           text);
    }
    if (name.n == 0 || name.n > 255)
        return err_set(e, ERR_USAGE, "--model %s: a name has 1 to 255 bytes", text);
    if (models_find(m, name))
        return err_set(e, ERR_USAGE, "--model %s: this name was given before", text);
    if (m->n == MODELS_MAX)
        return err_set(e, ERR_USAGE, "--model: more than %d names", MODELS_MAX);
    model.name = name;
    m->list[m->n++] = model;
    return true;
}

const struct model *models_find(const struct models *m, struct slice name)
{
    for (size_t i = 0; i < m->n; i++)
        if (slice_eq(m->list[i].name, name))
            return &m->list[i];
    return NULL;
}

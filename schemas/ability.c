#include "schemas/ability.h"

/* true, false, or null when it is not known. */
static void write_known(struct jsonw *w, const char *key, enum known known)
{
    jsonw_key(w, key);
    if (known == UNKNOWN)
        jsonw_null(w);
    else
        jsonw_bool(w, known == YES);
}

void ability_write(struct jsonw *w, const struct ability *a)
{
    jsonw_object(w);
    jsonw_kbool(w, "answers", a->answers);
    jsonw_kstr(w, "thought_field", thought_field_name(a->thought_field));
    jsonw_kstr(w, "continuation", continuation_name(a->continuation));
    jsonw_kbool(w, "echoes", a->echoes);
    write_known(w, "seed", a->seed);
    jsonw_ki64(w, "n_choices", a->n_choices);
    write_known(w, "counts_all", a->counts_all);
    write_known(w, "logprobs", a->logprobs);
    write_known(w, "usage", a->usage);
    write_known(w, "stream_usage", a->stream_usage);
    jsonw_ki64(w, "context", a->context);
    jsonw_end_object(w);
}

#include "judges/cue.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* In lower case. Longer ones before those that they begin with. */
static const char *const known[] = {
    "but wait",
    "oh wait",
    "no, wait",
    "wait",
    "hold on",
    "hang on",
    "on second thoughts",
    "on second thought",
    "actually",
    "hmm",
    "hm",
    "let me double-check",
    "let me double check",
    "let me re-check",
    "let me recheck",
    "let me check again",
    "let me check that again",
    "let me check this again",
    "let me re-read",
    "let me reread",
    "let me re-examine",
    "let me reexamine",
    "let me reconsider",
    "let me rethink",
    "let me think again",
    "let me verify",
    "however, let me",
    "but let me",
    "等等",   /* wait, wait */
    "等一下", /* wait a moment */
    "等下",   /* wait a bit */
    "慢着",   /* not so fast */
    "且慢",   /* hold */
    "再检查", /* check again */
    "再想",   /* think again */
    "再仔细", /* once more, carefully */
    "重新",   /* anew */
    "让我再", /* let me ... again */
    "我再",   /* I ... again */
    "不对",   /* no, that is not so */
};

/* "Wait" that asks somebody to wait. */
static const char *const no_cues[] = {"wait for", "wait until", "wait till", "wait time",
                                      "wait times"};

/* How a sentence begins that announces a second look. */
static const char *const announcing[] = {
    "let me",    "let us", "let's",     "i should", "i will",  "i'll", "i need to",
    "i want to", "i must", "we should", "one more", "time to", "让我", /* let me */
    "我再",                                                            /* I ... again */
    "我需",                                                            /* I need */
    "再",                                                              /* again */
    "重新",                                                            /* anew */
};

static const char *const english[] = {
    "Wait,",
    "Wait, let me check this again.",
    "Hold on, let me re-read that part.",
    "On second thought,",
    "Hmm, let me double-check the decisive step.",
    "Actually, let me verify that before I decide.",
};

static const char *const chinese[] = {
    /* wait */
    "等等，",
    /* wait a moment, let me check once more. */
    "等一下，让我再检查一遍。",
    /* think again, */
    "再想一想，",
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* begins(s, text): bytes of the text when s begins with it, whatever the case, and no letter
 * follows; otherwise 0. */
static size_t begins(struct slice s, const char *text)
{
    size_t n = 0;
    for (; text[n]; n++)
        if (n == s.n || lower(s.p[n]) != text[n])
            return 0;
    return (unsigned char)text[0] >= 0x80 || n == s.n || !is_letter(s.p[n]) ? n : 0;
}

static size_t begins_with(struct slice s, const char *const *texts, size_t n)
{
    size_t length = 0;
    for (size_t i = 0; i < n && length == 0; i++)
        length = begins(s, texts[i]);
    return length;
}

/* Marks that emphasise or enumerate: "**Wait**", "- Wait". */
static size_t ornaments(struct slice s)
{
    size_t n = 0;
    while (n < s.n && (s.p[n] == '*' || s.p[n] == '_' || s.p[n] == '-' || s.p[n] == ' ' ||
                       s.p[n] == '>' || s.p[n] == '#'))
        n++;
    return n;
}

size_t cue_length(struct slice sentence)
{
    size_t lead = ornaments(sentence);
    struct slice text = slice_from(sentence, lead);
    if (begins_with(text, no_cues, COUNT(no_cues)))
        return 0;
    size_t n = begins_with(text, known, COUNT(known));
    return n ? lead + n : 0;
}

static struct slice past_marks(struct slice s)
{
    while (s.n && (s.p[0] == ',' || s.p[0] == '.' || s.p[0] == ' ' || s.p[0] == '*'))
        s = slice_from(s, 1);
    if (slice_starts(s, S("，")) || slice_starts(s, S("。")))
        s = slice_from(s, 3);
    return s;
}

bool cue_is_filler(struct slice sentence)
{
    struct slice text = past_marks(slice_from(sentence, cue_length(sentence)));
    return text.n == 0 || cue_length(text) > 0 ||
           begins_with(text, announcing, COUNT(announcing)) > 0;
}

static bool is_chinese(struct slice language)
{
    return begins(language, "zh") > 0 || begins(language, "chinese") > 0;
}

struct slice cue_builtin(struct slice language, uint64_t salt)
{
    if (is_chinese(language))
        return slice_of(chinese[salt % COUNT(chinese)]);
    return slice_of(english[salt % COUNT(english)]);
}

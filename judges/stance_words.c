#include "judges/stance_words.h"

#include <string.h>

#define LONGEST 16 /* bytes of a word in the tables */

struct entry {
    const char *text;
    enum word_class class;
};

/* Sorted. */
static const struct entry english[] = {
    {"accordingly", WORD_SO},
    {"accurate", WORD_CORRECT},
    {"against", WORD_THAN},
    {"also", WORD_LINK},
    {"although", WORD_BUT},
    {"and", WORD_LINK},
    {"answer", WORD_NOUN},
    {"answers", WORD_NOUN},
    {"appear", WORD_HEDGE},
    {"appears", WORD_HEDGE},
    {"are", WORD_BE},
    {"as", WORD_LINK},
    {"assistant", WORD_NOUN},
    {"at", WORD_HAVE},
    {"be", WORD_BE},
    {"beats", WORD_WIN},
    {"because", WORD_LINK},
    {"begins", WORD_LINK},
    {"being", WORD_BE},
    {"best", WORD_BETTER},
    {"better", WORD_BETTER},
    {"between", WORD_CONDITION},
    {"both", WORD_BOTH},
    {"but", WORD_BUT},
    {"by", WORD_LINK},
    {"can", WORD_LINK},
    {"can't", WORD_NOT},
    {"candidate", WORD_NOUN},
    {"cannot", WORD_NOT},
    {"choice", WORD_CHOOSE},
    {"choose", WORD_CHOOSE},
    {"chose", WORD_CHOOSE},
    {"claims", WORD_LINK},
    {"clearly", WORD_LINK},
    {"compared", WORD_THAN},
    {"computes", WORD_LINK},
    {"conclude", WORD_SO},
    {"concludes", WORD_LINK},
    {"conclusion", WORD_SO},
    {"consequently", WORD_SO},
    {"contains", WORD_HAVE},
    {"correct", WORD_CORRECT},
    {"could", WORD_HEDGE},
    {"decide", WORD_CHOOSE},
    {"decision", WORD_CHOOSE},
    {"did", WORD_LINK},
    {"didn't", WORD_NOT},
    {"does", WORD_LINK},
    {"doesn't", WORD_NOT},
    {"don't", WORD_NOT},
    {"due", WORD_LINK},
    {"either", WORD_CONDITION},
    {"ends", WORD_LINK},
    {"equal", WORD_EQUAL},
    {"equally", WORD_EQUALLY},
    {"fails", WORD_LINK},
    {"false", WORD_INCORRECT},
    {"favor", WORD_CHOOSE},
    {"favour", WORD_CHOOSE},
    {"final", WORD_SO},
    {"finally", WORD_SO},
    {"first", WORD_ORDINAL},
    {"flawed", WORD_INCORRECT},
    {"from", WORD_LINK},
    {"gets", WORD_LINK},
    {"give", WORD_SCORE},
    {"gives", WORD_HAVE},
    {"go", WORD_GO},
    {"going", WORD_GO},
    {"good", WORD_GOOD},
    {"had", WORD_HAVE},
    {"has", WORD_HAVE},
    {"have", WORD_HAVE},
    {"hence", WORD_SO},
    {"here", WORD_LINK},
    {"however", WORD_BUT},
    {"if", WORD_CONDITION},
    {"in", WORD_HAVE},
    {"inaccurate", WORD_INCORRECT},
    {"incorrect", WORD_INCORRECT},
    {"inferior", WORD_WORSE},
    {"initially", WORD_HEDGE},
    {"is", WORD_BE},
    {"isn't", WORD_NOT},
    {"it's", WORD_BE},
    {"judgement", WORD_CHOOSE},
    {"judgment", WORD_CHOOSE},
    {"keeps", WORD_LINK},
    {"less", WORD_LESS},
    {"lose", WORD_WORSE},
    {"loser", WORD_WORSE},
    {"loses", WORD_WORSE},
    {"made", WORD_LINK},
    {"makes", WORD_LINK},
    {"may", WORD_HEDGE},
    {"maybe", WORD_HEDGE},
    {"might", WORD_HEDGE},
    {"misses", WORD_LINK},
    {"mistaken", WORD_INCORRECT},
    {"model", WORD_NOUN},
    {"more", WORD_MORE},
    {"neither", WORD_HEDGE},
    {"never", WORD_NOT},
    {"nor", WORD_HEDGE},
    {"not", WORD_NOT},
    {"of", WORD_LINK},
    {"offers", WORD_HAVE},
    {"one", WORD_NOUN},
    {"option", WORD_NOUN},
    {"or", WORD_OR},
    {"outperforms", WORD_WIN},
    {"output", WORD_NOUN},
    {"over", WORD_THAN},
    {"overall", WORD_SO},
    {"overlooks", WORD_LINK},
    {"perhaps", WORD_HEDGE},
    {"pick", WORD_CHOOSE},
    {"points", WORD_SCORE},
    {"prefer", WORD_CHOOSE},
    {"preferable", WORD_BETTER},
    {"preferred", WORD_BETTER},
    {"provides", WORD_HAVE},
    {"rate", WORD_SCORE},
    {"rating", WORD_SCORE},
    {"reads", WORD_LINK},
    {"regarding", WORD_HAVE},
    {"reply", WORD_NOUN},
    {"response", WORD_NOUN},
    {"responses", WORD_NOUN},
    {"right", WORD_CORRECT},
    {"said", WORD_LINK},
    {"says", WORD_LINK},
    {"score", WORD_SCORE},
    {"score_a", WORD_SCORE},
    {"score_b", WORD_SCORE},
    {"scores", WORD_SCORE},
    {"second", WORD_ORDINAL},
    {"seem", WORD_HEDGE},
    {"seemed", WORD_HEDGE},
    {"seems", WORD_HEDGE},
    {"select", WORD_CHOOSE},
    {"should", WORD_LINK},
    {"shows", WORD_HAVE},
    {"since", WORD_LINK},
    {"so", WORD_SO},
    {"solution", WORD_NOUN},
    {"sounds", WORD_LINK},
    {"starts", WORD_LINK},
    {"states", WORD_LINK},
    {"still", WORD_LINK},
    {"stronger", WORD_BETTER},
    {"superior", WORD_BETTER},
    {"surpasses", WORD_WIN},
    {"than", WORD_THAN},
    {"therefore", WORD_SO},
    {"though", WORD_BUT},
    {"thus", WORD_SO},
    {"tie", WORD_EQUAL},
    {"tied", WORD_EQUAL},
    {"to", WORD_TO},
    {"ultimately", WORD_SO},
    {"unless", WORD_CONDITION},
    {"unlike", WORD_THAN},
    {"uses", WORD_HAVE},
    {"verdict", WORD_CHOOSE},
    {"versus", WORD_THAN},
    {"vote", WORD_CHOOSE},
    {"vs", WORD_THAN},
    {"was", WORD_BE},
    {"wasn't", WORD_NOT},
    {"weaker", WORD_WORSE},
    {"went", WORD_GO},
    {"when", WORD_LINK},
    {"whereas", WORD_BUT},
    {"whether", WORD_CONDITION},
    {"which", WORD_WHICH},
    {"while", WORD_BUT},
    {"will", WORD_LINK},
    {"win", WORD_WIN},
    {"winner", WORD_WIN},
    {"winning", WORD_WIN},
    {"wins", WORD_WIN},
    {"with", WORD_HAVE},
    {"won't", WORD_NOT},
    {"worse", WORD_WORSE},
    {"worst", WORD_WORSE},
    {"would", WORD_LINK},
    {"wouldn't", WORD_NOT},
    {"wrong", WORD_INCORRECT},
    {"yet", WORD_BUT},
};

/* Longer ones before those that they begin with. */
static const struct entry chinese[] = {
    {"第一个", WORD_ORDINAL},   /* the first */
    {"第二个", WORD_ORDINAL},   /* the second */
    {"更好", WORD_WIN},         /* better */
    {"更优", WORD_WIN},         /* superior */
    {"更佳", WORD_WIN},         /* finer */
    {"较好", WORD_WIN},         /* rather better */
    {"优于", WORD_WIN},         /* superior to */
    {"胜出", WORD_WIN},         /* wins */
    {"更差", WORD_WORSE},       /* worse */
    {"不如", WORD_WORSE},       /* falls short of */
    {"选择", WORD_CHOOSE},      /* choose */
    {"选", WORD_CHOOSE},        /* pick */
    {"裁决", WORD_CHOOSE},      /* ruling */
    {"判定", WORD_CHOOSE},      /* finding */
    {"因此", WORD_SO},          /* therefore */
    {"所以", WORD_SO},          /* so */
    {"综上", WORD_SO},          /* all in all */
    {"总之", WORD_SO},          /* in short */
    {"最终", WORD_SO},          /* finally */
    {"结论", WORD_SO},          /* conclusion */
    {"不正确", WORD_INCORRECT}, /* not correct */
    {"错误", WORD_INCORRECT},   /* wrong */
    {"正确", WORD_CORRECT},     /* correct */
    {"并非", WORD_NOT},         /* by no means */
    {"不", WORD_NOT},           /* not */
    {"比", WORD_THAN},          /* than */
    {"如果", WORD_CONDITION},   /* if */
    {"是否", WORD_CONDITION},   /* whether */
    {"可能", WORD_HEDGE},       /* perhaps */
    {"似乎", WORD_HEDGE},       /* it seems */
    {"看起来", WORD_HEDGE},     /* it looks */
    {"但", WORD_BUT},           /* but */
    {"平局", WORD_EQUAL},       /* a draw */
    {"评分", WORD_SCORE},       /* rating */
    {"得分", WORD_SCORE},       /* score */
    {"打分", WORD_SCORE},       /* to score */
    {"分", WORD_SCORE},         /* points */
    {"回答", WORD_NOUN},        /* answer */
    {"答案", WORD_NOUN},        /* solution */
    {"助手", WORD_NOUN},        /* assistant */
    {"，", WORD_MARK},          /* comma */
    {"；", WORD_MARK},          /* semicolon */
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int compare(struct slice word, const char *entry)
{
    int order = strncmp(word.p, entry, word.n);
    return order != 0 ? order : entry[word.n] == '\0' ? 0 : -1;
}

static enum word_class look_up(struct slice text)
{
    char lower[LONGEST];
    if (text.n > LONGEST)
        return WORD_OTHER;
    for (size_t i = 0; i < text.n; i++)
        lower[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] - 'A' + 'a') : text.p[i];
    struct slice word = {lower, text.n};
    size_t from = 0, to = COUNT(english);
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare(word, english[middle].text);
        if (order == 0)
            return english[middle].class;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return WORD_OTHER;
}

/* An apostrophe belongs to a word only between letters; the typographic one likewise. */
static size_t latin_length(struct slice s)
{
    size_t n = 0;
    while (n < s.n && (is_letter(s.p[n]) || is_digit(s.p[n]) || s.p[n] == '_' ||
                       (s.p[n] == '\'' && n + 1 < s.n && is_letter(s.p[n + 1]))))
        n++;
    return n;
}

static struct word latin_word(struct slice s)
{
    struct word w = {.text = slice_sub(s, 0, latin_length(s))};
    struct slice stem = slice_ends(w.text, S("'s")) ? slice_sub(w.text, 0, w.text.n - 2) : w.text;
    if (stem.n == 1 && (stem.p[0] == 'A' || stem.p[0] == 'B')) {
        w.class = WORD_SIDE;
        w.side = stem.p[0] == 'A' ? VERDICT_A : VERDICT_B;
        return w;
    }
    w.class = look_up(w.text);
    if (w.class == WORD_ORDINAL)
        w.side = w.text.p[0] == 'f' || w.text.p[0] == 'F' ? VERDICT_A : VERDICT_B;
    return w;
}

static struct word number(struct slice s)
{
    size_t n = 0;
    while (n < s.n && (is_digit(s.p[n]) || (s.p[n] == '.' && n + 1 < s.n && is_digit(s.p[n + 1]))))
        n++;
    return (struct word){.class = WORD_NUMBER, .text = slice_sub(s, 0, n)};
}

static struct word wide_word(struct slice s)
{
    /* All of the table are three-byte characters from U+4E00 on, and two full-width marks. */
    bool known = (unsigned char)s.p[0] >= 0xE4 && (unsigned char)s.p[0] <= 0xEF;
    for (size_t i = 0; known && i < COUNT(chinese); i++) {
        if (chinese[i].text[0] != s.p[0])
            continue;
        struct slice text = slice_of(chinese[i].text);
        if (slice_starts(s, text))
            return (struct word){.class = chinese[i].class,
                                 .side = i == 0 ? VERDICT_A : VERDICT_B,
                                 .text = slice_sub(s, 0, text.n)};
    }
    size_t n = 1;
    while (n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n++;
    return (struct word){.text = slice_sub(s, 0, n)};
}

static bool is_mark(char c)
{
    return c == ',' || c == ';' || c == ':' || c == '.' || c == '!' || c == '?' || c == '(' ||
           c == ')' || c == '/' || c == '=' || c == '>' || c == '<';
}

static struct word read_word(struct slice *rest)
{
    while (rest->n && (unsigned char)rest->p[0] < 0x80 && !is_letter(rest->p[0]) &&
           !is_digit(rest->p[0]) && !is_mark(rest->p[0]))
        *rest = slice_from(*rest, 1);
    if (rest->n == 0)
        return (struct word){.class = WORD_END, .text = *rest};
    char c = rest->p[0];
    struct word w = {.class = WORD_MARK, .text = slice_sub(*rest, 0, 1)};
    if (is_letter(c))
        w = latin_word(*rest);
    else if (is_digit(c))
        w = number(*rest);
    else if ((unsigned char)c >= 0x80)
        w = wide_word(*rest);
    *rest = slice_from(*rest, w.text.n);
    return w;
}

/* After "A" the article no verb, link or mark can stand; after the letter hardly anything else. */
static bool follows_a_name(struct word w)
{
    switch (w.class) {
    case WORD_OTHER:
        return w.text.n && (unsigned char)w.text.p[0] >= 0x80;
    case WORD_BETTER:
    case WORD_WORSE:
    case WORD_MORE:
    case WORD_LESS:
    case WORD_CORRECT:
    case WORD_INCORRECT:
    case WORD_GOOD:
    case WORD_NOUN:
    case WORD_ORDINAL:
    case WORD_CHOOSE:
    case WORD_SCORE:
        return false;
    case WORD_WIN:
        return !slice_is(w.text, "winning") && !slice_is(w.text, "win");
    case WORD_END:
    case WORD_MARK:
    case WORD_SIDE:
    case WORD_NUMBER:
    case WORD_EQUAL:
    case WORD_EQUALLY:
    case WORD_BOTH:
    case WORD_WHICH:
    case WORD_OR:
    case WORD_BE:
    case WORD_GO:
    case WORD_THAN:
    case WORD_TO:
    case WORD_NOT:
    case WORD_HEDGE:
    case WORD_CONDITION:
    case WORD_BUT:
    case WORD_SO:
    case WORD_HAVE:
    case WORD_LINK:
        break;
    }
    return true;
}

static bool is_wide(struct word w)
{
    return w.text.n && (unsigned char)w.text.p[0] >= 0x80;
}

/* The letter A is often no name, an ordinal not always an answer's. */
static struct word weighed(struct word last, struct word w, struct word next)
{
    bool article = w.class == WORD_SIDE && w.text.n == 1 && w.side == VERDICT_A;
    if (article && last.class != WORD_NOUN && !is_wide(last) && !follows_a_name(next))
        w.class = WORD_OTHER;
    if (w.class == WORD_ORDINAL)
        w.class = next.class == WORD_NOUN ? WORD_SIDE : WORD_OTHER;
    return w;
}

struct stance_words stance_words_of(struct slice sentence)
{
    struct stance_words s = {.rest = sentence, .last = {.class = WORD_END}};
    s.next = read_word(&s.rest);
    return s;
}

struct word stance_words_next(struct stance_words *s)
{
    struct word raw = s->next;
    s->next = read_word(&s->rest);
    struct word w = weighed(s->last, raw, s->next);
    s->last = w;
    return w;
}

struct word stance_words_peek(const struct stance_words *s)
{
    return s->next;
}

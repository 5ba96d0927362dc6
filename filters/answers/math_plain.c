#include "filters/answers/math_plain.h"

#include <string.h>

#include "filters/answers/wrapping.h"

/* Sorted by nothing: looked through only for bytes beyond ASCII. */
static const struct sign {
    const char *utf8, *tex;
} signs[] = {
    {"−", "-"},
    {"–", "-"},
    {"—", "-"},
    {"‐", "-"},
    {"‑", "-"},
    {"×", "\\cdot "},
    {"·", "\\cdot "},
    {"⋅", "\\cdot "},
    {"∙", "\\cdot "},
    {"•", "\\cdot "},
    {"÷", "/"},
    {"∕", "/"},
    {"⁄", "/"},
    {"π", "\\pi "},
    {"∞", "\\infty "},
    {"√", "\\sqrt "},
    {"°", "\\degree "},
    {"º", "\\degree "},
    {"≤", "\\le "},
    {"⩽", "\\le "},
    {"≥", "\\ge "},
    {"⩾", "\\ge "},
    {"≠", "\\ne "},
    {"≈", "\\approx "},
    {"∪", "\\cup "},
    {"∩", "\\cap "},
    {"∅", "\\emptyset "},
    {"∈", "\\in "},
    {"±", "\\pm "},
    {"∓", "\\mp "},
    {"½", "\\frac{1}{2}"},
    {"⅓", "\\frac{1}{3}"},
    {"⅔", "\\frac{2}{3}"},
    {"¼", "\\frac{1}{4}"},
    {"¾", "\\frac{3}{4}"},
    {"⅕", "\\frac{1}{5}"},
    {"⅛", "\\frac{1}{8}"},
    {"⁰", "^{0}"},
    {"¹", "^{1}"},
    {"²", "^{2}"},
    {"³", "^{3}"},
    {"⁴", "^{4}"},
    {"⁵", "^{5}"},
    {"⁶", "^{6}"},
    {"⁷", "^{7}"},
    {"⁸", "^{8}"},
    {"⁹", "^{9}"},
    {"⁻¹", "^{-1}"},
    {"₁", "_{1}"},
    {"₂", "_{2}"},
    {"₃", "_{3}"},
    {"₈", "_{8}"},
    {"ℝ", "\\mathbb{R}"},
    {"α", "\\alpha "},
    {"β", "\\beta "},
    {"γ", "\\gamma "},
    {"δ", "\\delta "},
    {"θ", "\\theta "},
    {"λ", "\\lambda "},
    {"μ", "\\mu "},
    {"ω", "\\omega "},
    {"φ", "\\phi "},
    {"€", "\\euro "},
    {"£", "\\pounds "},
    {"¥", "\\yen "},
    {"¢", "\\cents "},
    {"⟨", "\\langle "},
    {"⟩", "\\rangle "},
    {"⌊", "\\lfloor "},
    {"⌋", "\\rfloor "},
    {"⌈", "\\lceil "},
    {"⌉", "\\rceil "},
    {"∖", "\\setminus "},
    {"，", ","},
    {"％", "%"},
    {"（", "("},
    {"）", ")"},
    {"：", ":"},
    {"’", "'"},
    {"′", "'"},
    {"\xc2\xa0", " "},
    {"\xe2\x80\x89", " "},
    {"\xe2\x80\xaf", " "},
    {"\xe2\x80\x82", " "},
    {"\xe2\x81\xa1", ""},
    {"\xe2\x81\xa2", ""},
    {"\xe2\x80\x8b", ""},
    {"\xef\xbb\xbf", ""},
};

/* name, what stands for it; "" drops it */
static const char *const aliases[][2] = {
    {"left", ""},
    {"right", ""},
    {"big", ""},
    {"Big", ""},
    {"bigl", ""},
    {"bigr", ""},
    {"Bigl", ""},
    {"Bigr", ""},
    {"bigg", ""},
    {"Bigg", ""},
    {"biggl", ""},
    {"biggr", ""},
    {"displaystyle", ""},
    {"textstyle", ""},
    {"limits", ""},
    {"nolimits", ""},
    {"rm", ""},
    {"bf", ""},
    {"it", ""},
    {"quad", " "},
    {"qquad", " "},
    {"enspace", " "},
    {"thinspace", " "},
    {"space", " "},
    {"medspace", " "},
    {"dfrac", "\\frac "},
    {"tfrac", "\\frac "},
    {"cfrac", "\\frac "},
    {"dbinom", "\\binom "},
    {"tbinom", "\\binom "},
    {"leq", "\\le "},
    {"leqslant", "\\le "},
    {"lt", "<"},
    {"gt", ">"},
    {"geq", "\\ge "},
    {"geqslant", "\\ge "},
    {"neq", "\\ne "},
    {"times", "\\cdot "},
    {"ast", "\\cdot "},
    {"div", "/"},
    {"lvert", "|"},
    {"rvert", "|"},
    {"vert", "|"},
    {"mid", "|"},
    {"lbrace", "\\{"},
    {"rbrace", "\\}"},
    {"lbrack", "["},
    {"rbrack", "]"},
    {"colon", ":"},
    {"varnothing", "\\emptyset "},
    {"circ", "\\degree "},
    {"textdegree", "\\degree "},
    {"backslash", "\\setminus "},
    {"textdollar", "\\$"},
    {"dollar", "\\$"},
    {"textrm", "\\text "},
    {"textbf", "\\text "},
    {"textit", "\\text "},
    {"textsf", "\\text "},
    {"texttt", "\\text "},
    {"textnormal", "\\text "},
    {"mathrm", "\\text "},
    {"mathsf", "\\text "},
    {"mathtt", "\\text "},
    {"mathit", "\\text "},
    {"mbox", "\\text "},
    {"hbox", "\\text "},
    {"operatorname", "\\operatorname "},
    {"mathbf", "\\mathbf "},
    {"boldsymbol", "\\mathbf "},
    {"bm", "\\mathbf "},
    {"lor", "\\text{or}"},
    {"vee", "\\text{or}"},
    {"land", "\\text{and}"},
    {"wedge", "\\text{and}"},
    {"varepsilon", "\\epsilon "},
    {"varphi", "\\phi "},
    {"overline", "\\overline "},
    {"bar", "\\overline "},
    {"dots", "\\ldots "},
    {"cdots", "\\ldots "},
    {"newline", "\\\\"},
};

struct writer {
    char *p;
    size_t n, room;
};

static bool keeps_space(char c, bool before)
{
    return before ? !strchr("({[=+-<>^_/*|&~ ", c) : !strchr(")}]=+-<>^_/*|&,;:% ", c);
}

static void put(struct writer *w, char c)
{
    if (w->n && w->p[w->n - 1] == ' ') {
        bool gap = w->n > 1 && keeps_space(w->p[w->n - 2], true) && keeps_space(c, false);
        if (!gap)
            w->n--;
    }
    if (c == ' ' && (!w->n || w->p[w->n - 1] == ' '))
        return;
    if (w->n < w->room)
        w->p[w->n++] = c;
}

static void put_text(struct writer *w, const char *text)
{
    for (; *text; text++)
        put(w, *text);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t put_sign(struct writer *w, struct slice s)
{
    bool first = (unsigned char)s.p[0] >= 0xc0;
    for (size_t i = 0; first && i < sizeof signs / sizeof signs[0]; i++)
        if (signs[i].utf8[0] == s.p[0] && slice_starts(s, slice_of(signs[i].utf8))) {
            put_text(w, signs[i].tex);
            return strlen(signs[i].utf8);
        }
    put(w, s.p[0]);
    return 1;
}

/* A backslash with what belongs to it; returns how many bytes that was. */
static size_t put_command(struct writer *w, struct slice s)
{
    size_t n = 1;
    while (n < s.n && is_letter(s.p[n]))
        n++;
    if (n == 1) {
        char c = s.n > 1 ? s.p[1] : ' ';
        if (c == '!') {
            /* ",\!" is how TeX writes a thousands mark. */
            if (w->n && w->p[w->n - 1] == ',') {
                w->n--;
                put_text(w, "{,}");
                size_t at = 2;
                while (at < s.n && s.p[at] == ' ')
                    at++;
                return at;
            }
        } else if (strchr(", ;:>", c)) {
            put(w, ' ');
        } else if (c == '%') {
            put(w, '%');
        } else if (!strchr("()[]/", c)) {
            put(w, '\\');
            put(w, c);
        }
        return s.n > 1 ? 2 : 1;
    }
    struct slice name = slice_sub(s, 1, n - 1);
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (aliases[i][0][0] == name.p[0] && slice_is(name, aliases[i][0])) {
            put_text(w, aliases[i][1]);
            bool delimiter = slice_is(name, "left") || slice_is(name, "right");
            return n + (delimiter && n < s.n && s.p[n] == '.');
        }
    for (size_t i = 0; i < n; i++)
        put(w, s.p[i]);
    put(w, ' ');
    return n;
}

/* "^\circ" and "^{\circ}" are written "\degree" by now, but for what stands around it. */
static size_t degree_wrap(struct slice s)
{
    static const char *const forms[] = {"^{\\circ}",  "^\\circ",  "^{\\degree}",
                                        "^\\degree",  "^{°}",     "^{\\circ }",
                                        "^{ \\circ}", "^ \\circ", "^{\\text{o}}"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct slice form = slice_of(forms[i]);
        bool more = slice_ends(form, S("c")) || slice_ends(form, S("e"));
        if (slice_starts(s, form) && !(more && form.n < s.n && is_letter(s.p[form.n])))
            return form.n;
    }
    return 0;
}

static bool lone_dollar(struct slice s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '$' && (i == 0 || s.p[i - 1] != '\\');
    return n % 2 == 1;
}

static void trim_end(struct writer *w)
{
    while (w->n) {
        char c = w->p[w->n - 1];
        bool escaped = w->n > 1 && w->p[w->n - 2] == '\\';
        if (c != ' ' && (escaped || !strchr(".,;:?", c)))
            return;
        w->n--;
    }
}

/* A whole answer in bold is emphasis. Within one, a bold letter is a vector. */
static struct slice without_bold(struct slice s)
{
    static const char *const names[] = {"\\mathbf", "\\boldsymbol", "\\bm"};
    struct slice bare = wrapping_off(s, WRAP_MATH);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = strlen(names[i]);
        if (slice_starts(bare, slice_of(names[i])) && n < bare.n && bare.p[n] == '{' &&
            wrapping_brace(bare, n) == bare.n - 1)
            return slice_trim(slice_sub(bare, n + 1, bare.n - n - 2));
    }
    return s;
}

struct slice math_plain(struct arena *arena, struct slice s)
{
    struct writer w = {.room = 8 * s.n + 16};
    bool currency = lone_dollar(s);
    w.p = arena_alloc(arena, w.room);
    if (!w.p)
        return (struct slice){NULL, 0};
    s = slice_trim(s);
    /* Bold in Markdown. */
    if (s.n > 4 && slice_starts(s, S("**")) && slice_ends(s, S("**")))
        s = slice_trim(slice_sub(s, 2, s.n - 4));
    s = without_bold(s);
    while (s.n) {
        size_t n = 1, degree = s.p[0] == '^' ? degree_wrap(s) : 0;
        char c = s.p[0];
        if (degree) {
            put_text(&w, "\\degree ");
            n = degree;
        } else if (c == '\\') {
            n = put_command(&w, s);
        } else if (c == '$') {
            put_text(&w, currency ? "\\$" : "");
            currency = false;
        } else if ((unsigned char)c >= 0x80) {
            n = put_sign(&w, s);
        } else if (c == '~' || (c >= '\t' && c <= '\r')) {
            put(&w, ' ');
        } else if (slice_starts(s, S("**"))) {
            put(&w, '^');
            n = 2;
        } else if (c != '\0') {
            put(&w, c);
        } else {
            put(&w, '?');
        }
        s = slice_from(s, n);
    }
    trim_end(&w);
    return (struct slice){w.p, w.n};
}

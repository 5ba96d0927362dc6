#include "cli/sim_teacher/phrases.h"

#include <assert.h>

static const char *const openings[] = {
    "The question at hand: \"{q}\"",
    "So the user wants to know this: \"{q}\"",
    "I start from the request itself, \"{q}\"",
    "Whatever is said below, the task reads \"{q}\"",
    "Before weighing anything I restate what was asked: \"{q}\"",
    "Here is what has to be responded to: \"{q}\"",
    "Let me take the request apart first. It begins \"{q}\"",
};
static const char *const bare_openings[] = {
    "There is one request here and two attempts at it.",
    "I read the request first and then each of the attempts.",
    "Two answers to the same request have to be weighed.",
};
static const char *const needs[] = {
    "A good answer must arrive at the right result, and every step on the way must hold.",
    "What counts is whether the ending is right; tone and length come far behind.",
    "I would do the work myself and then see which answer agrees with it step by step.",
    "The facts given in the request must all be used, each once, and nothing may be invented.",
    "I care most about the one place where the two go different ways.",
    "A fair reader would check the reasoning line by line and only then look at the style.",
};
static const char *const praises[] = {
    "{A} keeps to what was given, and each of its steps follows from the one before{e}.",
    "In {a} I find no step that I would have to take back; the ending fits the request{e}.",
    "Going through {a} slowly, my own working and its working stay together{e}.",
    "{A} reads the request as it was meant and carries it through without a slip{e}.",
    "The steps of {a} can be repeated by hand and give what it says they give{e}.",
    "{A} uses all that the request states and lands where it should{e}.",
    "I tried to break {a} at each line and did not succeed{e}.",
};
static const char *const blames[] = {
    "{A} sounds sure of itself, yet one step does not follow and the rest leans on it{e}.",
    "{A} starts well and then goes wrong in a single place that decides the outcome{e}.",
    "With {a} my working and its working part company halfway, and I cannot mend it{e}.",
    "{A} overlooks something that the request says plainly, so its ending cannot stand{e}.",
    "The trouble with {a} is a claim in the middle that nothing supports{e}.",
    "{A} is pleasant in manner, but its result is not what the request leads to{e}.",
    "Checking {a} backwards from its ending, I do not come back to what was given{e}.",
};
static const char *const neutrals[] = {
    "{A} is plausible as far as I can follow it{e}.",
    "I can neither confirm nor refute what {a} does in the middle{e}.",
    "{A} takes an understandable way and explains it well enough{e}.",
    "About {a} I have small doubts and no proof against it{e}.",
};
static const char *const rechecks[] = {
    "Do I favour one because it came first? Read in the other order, they look the same to me.",
    "Length is no argument here, neither for one nor for the other.",
    "I went over the deciding step a second time to be safe; it comes out as before.",
    "Both are polite and clear, so style gives no reason to prefer either.",
    "If I leave aside how confident each one sounds, the difference becomes plainer still.",
    "To be fair to answer {y}, most of it is sound; it is one step that settles the matter.",
};
static const char *const conclusions[] = {
    "I conclude that answer {x} is better.",
    "That is enough for me to prefer answer {x} to answer {y}.",
    "Since being right weighs most, answer {x} wins over answer {y}.",
    "So my decision falls on answer {x}.",
    "For these reasons I hold answer {x} to be better than answer {y}.",
    "So I choose {x}: answer {y} would mislead the user.",
};
static const char *const waverings[] = {
    "After all this I still cannot say which way it should go.",
    "Nothing that matters to me points in one direction.",
    "Weighing it back and forth, I end where I began.",
};
static const char *const endings[] = {
    "; it ends with \"{e}\"",
    ", down to its last line, \"{e}\"",
    " (\"{e}\")",
    ", and closes on \"{e}\"",
    "",
};
static const char *const refusals[] = {
    "I'm sorry, but I can't help with judging this content.",
    "I am not able to assess these answers.",
};
static const char *const shrugs[] = {
    "There is something to be said for it and against it, and I would rather leave it to you.",
    "It depends on what the user values more.",
};
static const char *const one_openings[] = {
    "There is one request here and one attempt at it that I have to mark.",
    "I read the request first and then the one answer that I am shown.",
};
static const char *const one_needs[] = {
    "A good answer must arrive at the right result, and every step on the way must hold.",
    "An answer that I would give full marks does all that was asked and invents nothing.",
    "I would do the work myself and then see whether the answer agrees with it step by step.",
    "The facts given in the request must all be used, each once.",
    "A fair reader would check the reasoning line by line and only then look at the style.",
};
static const char *const one_rechecks[] = {
    "Length is no argument here, neither for it nor against it.",
    "I went over the deciding step a second time to be safe; it comes out as before.",
    "It is polite and clear, which must not earn it anything.",
    "If I leave aside how confident it sounds, the picture becomes plainer still.",
};
static const char *const highs[] = {
    "So my score for it is high.",
    "I score it near the upper end.",
    "It gets most of the points from me.",
};
static const char *const lows[] = {
    "So my score for it is low.",
    "I score it near the lower end.",
    "It gets few of the points from me.",
};
static const char *const plans[] = {
    "Solve the task alone, without a look at what is offered.",
    "List what a complete answer has to state.",
    "Follow each chain of steps and mark the first one that fails.",
    "Compare the final results with my own.",
    "Weigh completeness and clarity only between answers that are right.",
    "Ask whether anything was claimed that the request does not support.",
};
static const char *const second_looks[] = {
    "let me read it once more from the beginning.",
    "I should not trust my first impression here.",
    "let me test this with fresh eyes.",
    "before I settle this, one more pass over the details.",
};
static const char *const quotes[] = {
    "The line to look at in {a} is \"{e}\", and I test just that line.",
    "Again, {a} comes down to \"{e}\"; I compare this with the request word by word.",
    "What {a} really says is \"{e}\", so that is what I check.",
};
static const char *const sums[] = {
    "To be sure that I can still count, {m} + {n} = {s}, and that pattern carries over.",
    "I redo the arithmetic on the side: {m} + {n} = {s}.",
};
static const char *const keepings[] = {
    "It comes out as it did before.",
    "That agrees with what I had found already.",
    "I find nothing that would move me.",
};
static const char *const turnings[] = {
    "I was wrong before.",
    "No, I had this the wrong way round.",
    "That does not fit what I wrote above, and what I wrote above has to go.",
};
static const char *const hints[] = {
    "I was told that answer {x} is the better one, and I can see why.",
    "As the hint says, answer {x} wins.",
    "The given winner is answer {x}, so I look for the reason.",
};
static const char *const standings[] = {
    "The critique speaks for answer {x}: it finds its steps sound and the other one's not.",
    "Read without its end, the critique favours answer {x}.",
};
static const char *const disputes[] = {
    "One claim of the critique is false: the answer does not say what it is blamed for.",
    "The critique misreads the answer at the place that it builds on.",
};

#define LIST(name)                         \
    {                                      \
        name, sizeof name / sizeof name[0] \
    }

/* In the order of the enum. */
static const struct phrases lists[] = {
    LIST(openings), LIST(bare_openings), LIST(needs),        LIST(praises),      LIST(blames),
    LIST(neutrals), LIST(rechecks),      LIST(conclusions),  LIST(waverings),    LIST(endings),
    LIST(refusals), LIST(shrugs),        LIST(one_openings), LIST(one_needs),    LIST(one_rechecks),
    LIST(highs),    LIST(lows),          LIST(plans),        LIST(second_looks), LIST(quotes),
    LIST(sums),     LIST(keepings),      LIST(turnings),     LIST(hints),        LIST(standings),
    LIST(disputes),
};
static_assert(sizeof lists / sizeof lists[0] == PHRASE_COUNT, "a list for each kind");

struct phrases phrases_of(enum phrase kind)
{
    assert(kind < PHRASE_COUNT);
    return lists[kind];
}

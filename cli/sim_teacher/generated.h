/* generated: what came of a request to a generator. */
#ifndef SIM_TEACHER_GENERATED_H
#define SIM_TEACHER_GENERATED_H

/* name, its text, help */
#define GENERATED(X)                                                     \
    X(NONE, "", "it was no such request")                                \
    X(RIGHT, "right", "a solution that ends in the right answer")        \
    X(WRONG, "wrong", "one that ends in a wrong answer")                 \
    X(NO_ANSWER, "no_answer", "one that ends in none")                   \
    X(CONFLICT, "conflict", "one that gives two different answers")      \
    X(OPEN, "open", "an answer to an open prompt")                       \
    X(MODIFIED, "modified", "a changed prompt with an answer to it")     \
    X(UNPARSEABLE, "unparseable", "the same, but not between its marks") \
    X(IDENTICAL, "identical", "a changed prompt that is the old one")    \
    X(OFF_TOPIC, "off_topic", "one that has nothing to do with the old") \
    X(LOST, "lost", "none of these: cut off, never closed, refused, empty")

enum generated {
#define X(name, text, help) GENERATED_##name,
    GENERATED(X)
#undef X
        GENERATED_COUNT
};

/* generated_name(v): its text; "" for NONE. */
const char *generated_name(enum generated v);

#endif

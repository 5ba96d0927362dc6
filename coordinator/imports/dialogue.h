/* dialogue: a conversation that is written as one text with marks between the turns. */
#ifndef IMPORTS_DIALOGUE_H
#define IMPORTS_DIALOGUE_H

#include "schemas/chat.h"

/* dialogue_read(text, chat, arena, e): Anthropic's form: each turn begins with "\n\nHuman:" or
 * "\n\nAssistant:". Text before the first mark is an error; an empty last turn is left out when it
 * is the assistant's: the text asks for it. */
bool dialogue_read(struct slice text, struct chat *chat, struct arena *arena, struct err *e);
/* dialogue_read_steerlm(text, chat, arena, e): HelpSteer2's form: the first turn is the user's, the
 * others follow lines "<extra_id_1>Assistant" and "<extra_id_1>User". */
bool dialogue_read_steerlm(struct slice text, struct chat *chat, struct arena *arena,
                           struct err *e);

#endif

/* Text of others on its way to a terminal or a CI job's log. Policies, AWS, files and arguments say
 * what they like: whatever a terminal would obey, a reader would see in another order, or a log
 * would take for a command, is shown instead of sent (`\x1b`, `\u202e`). Newlines and tabs stay;
 * but whoever has a say in a message has none in where the next one begins. */
#pragma once

#include "base/bytes.h"

struct plain {
    bool message;  /* each piece is one: its further lines are indented, where they are not */
    bool ours;     /* what follows moves the cursor and has colours by our own hand */
    bool begun;    /* the line, by something that is no space */
    size_t hashes; /* in a row, up to here */
    char held[4];  /* the beginning of a character that may go on in the next piece */
    size_t size, whole;
};

/* Appends what is to be written of the next piece of a text. */
bool plain_add(struct plain *plain, struct slice text, struct buffer *out, struct error *err);
/* The text is over: what is held of a character is none. */
bool plain_end(struct plain *plain, struct buffer *out, struct error *err);

/* Lines of JSON for a log whose runner looks for commands: the same values, with no "##" in them.
 * No line of JSON begins with "::". */
bool plain_json(struct slice json, struct buffer *out, struct error *err);

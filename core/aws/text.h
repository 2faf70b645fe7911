/* The lexical part of the shared files: lines, comments, names. Views into the text, no memory. */
#pragma once

#include "base/bytes.h"

struct slice text_trim(struct slice text); /* of blanks, tabs and carriage returns */
/* Takes a line, without its newline, off the front. */
struct slice text_take_line(struct slice *rest);
/* Takes what stands before the first blank; `rest` is what stands behind, trimmed. */
struct slice text_take_word(struct slice *rest);
/* Up to a '#' or ';', trimmed; behind a value only one with a blank in front starts a comment. */
struct slice text_strip_comment(struct slice line, bool behind_blank);
/* "name = value", both trimmed; false where there is no '='. */
bool text_split(struct slice line, struct slice *name, struct slice *value);
/* Letters, digits and "-/.%@_:+"; not empty. */
bool text_is_name(struct slice name);
bool text_starts(struct slice text, const char *start);
bool text_equal_names(struct slice a, struct slice b); /* capitals or not */
void text_lower(char *text, size_t size);
void text_skip_mark(struct slice *text); /* the byte order mark that some editors write */

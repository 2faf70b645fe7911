/* Where text leaves. Policies, AWS, files and arguments have a say in nearly all that is printed,
 * so that standard output and standard error themselves are streams that send nothing which a
 * terminal or a CI job's log would obey (cli/plain.h): whoever prints need not think of it.
 *
 * Standard error while a run is told: messages, and on a terminal one line below everything that is
 * redrawn in place. Whatever else is written while the line may be there goes through here, so that
 * it does not stick to the line. The line is the process's, as the terminal is. */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

/* From here on that is so; to be called first. */
bool terminal_open(void);
/* To standard output, false where that failed: a report of lua/report, whose colours are ours, and
 * which shows what others said as what it is (lua/report/plain.lua); */
bool terminal_report(struct slice text);
/* and data, which are for programs and go as they are, except to a person at a terminal. */
bool terminal_data(struct slice bytes, const char *end);
/* A command to the runner of a CI job, which nobody else's text can be: our own, with what others
 * have said in it escaped by the caller. To standard output, among what is told there, or to
 * standard error. */
enum terminal_stream { TERMINAL_OUT, TERMINAL_MESSAGES };
void terminal_command(enum terminal_stream stream, struct slice line);
/* Shows in its place what is written past the streams, from a signal handler. */
void terminal_plain(char *text, size_t size);

/* "tidelock: ..." and a newline, above the line. */
void terminal_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether there can be a line: standard error is a terminal that knows how to erase one. */
bool terminal_is_live(void);
/* What begins a message that is written past this, from a signal handler: erases it, or "". */
const char *terminal_eraser(void);

/* The line from now on, which a message leaves below it; cut to the terminal's width, and marked
 * where it is, as a line that wraps cannot be redrawn. */
void terminal_draw(struct slice text);
/* It is over, until the next drawing. */
void terminal_end(void);

/* How many bytes of the text fit into so many columns, a column for each character. */
size_t terminal_fitting(struct slice text, size_t columns);

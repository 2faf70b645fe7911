/* Standard error while a run is told: messages, and on a terminal one line below everything that is
 * redrawn in place. Whatever else is written while the line may be there goes through here, so that
 * it does not stick to the line. The line is the process's, as the terminal is. */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

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

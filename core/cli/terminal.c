/* Writes messages to standard error, and keeps one line below them that is redrawn. */
#include "cli/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 1024 };

static const char eraser[] = "\r\33[K";
static const char more[] = "...";

static struct {
    char text[LINE_MAX_SIZE];
    size_t size; /* 0: there is none */
    bool shown;
} line;

bool terminal_is_live(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);
}

const char *terminal_eraser(void)
{
    return terminal_is_live() ? eraser : "";
}

static size_t columns(void)
{
    enum { USUAL = 80 };
    struct winsize size = {0};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL;
}

size_t terminal_fitting(struct slice text, size_t columns)
{
    for (size_t i = 0; i < text.size; i++) {
        bool begins = ((unsigned char)text.data[i] & 0xc0) != 0x80;
        if (begins && columns-- == 0)
            return i;
    }
    return text.size;
}

/* The last column stays free: some terminals wrap when it is written to. */
static void show(void)
{
    struct slice text = {line.text, line.size};
    size_t width = columns() - 1;
    size_t mark = strlen(more) < width ? strlen(more) : width;
    bool fits = terminal_fitting(text, width) == text.size;
    int size = (int)terminal_fitting(text, fits ? width : width - mark);
    fprintf(stderr, "%s%.*s%.*s", eraser, size, line.text, fits ? 0 : (int)mark, more);
    fflush(stderr);
    line.shown = true;
}

void terminal_draw(struct slice text)
{
    line.size = text.size < sizeof line.text ? text.size : sizeof line.text;
    memcpy(line.text, text.data, line.size);
    show();
}

static void hide(void)
{
    if (line.shown)
        fputs(eraser, stderr);
    line.shown = false;
}

void terminal_end(void)
{
    hide();
    line.size = 0;
}

void terminal_say(const char *format, ...)
{
    va_list arguments;
    hide();
    fputs("tidelock: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    if (line.size)
        show();
}

/* The line that is redrawn in place, and the messages above it, as a terminal gets them. */
#include "check.h"
#include "cli/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int master = -1;
static int usual = -1;
static char seen[4096];

/* Standard error is a terminal of so many columns until close_terminal(). */
static void open_terminal(unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    master = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(slave >= 0 && ioctl(slave, TIOCSWINSZ, &size) == 0);
    fflush(stderr);
    usual = dup(STDERR_FILENO);
    CHECK(usual >= 0 && dup2(slave, STDERR_FILENO) == STDERR_FILENO);
    close(slave);
}

/* What it was sent. It comes through in pieces, so that its end is marked. */
static const char *close_terminal(void)
{
    size_t size = 0;
    ssize_t got = 1;
    fputc('|', stderr);
    fflush(stderr);
    while (got > 0 && size < sizeof seen && (size == 0 || seen[size - 1] != '|')) {
        got = read(master, seen + size, sizeof seen - size);
        size += got > 0 ? (size_t)got : 0;
    }
    dup2(usual, STDERR_FILENO);
    close(usual);
    close(master);
    CHECK(size > 0 && seen[size - 1] == '|');
    seen[size > 0 ? size - 1 : 0] = '\0';
    return seen;
}

static void test_a_message_does_not_stick_to_the_line(void)
{
    setenv("TERM", "xterm", 1);
    open_terminal(80);
    CHECK(terminal_is_live());
    CHECK_TEXT(terminal_eraser(), "\r\33[K");
    terminal_draw(slice_of("at 50 %"));
    terminal_say("%s asks", "ann");
    terminal_end();
    terminal_say("that is all");
    CHECK_TEXT(close_terminal(), "\r\33[Kat 50 %\r\33[Ktidelock: ann asks\r\n\r\33[Kat 50 %"
                                 "\r\33[Ktidelock: that is all\r\n");
}

static void test_a_line_is_cut_with_a_mark(void)
{
    open_terminal(20);
    terminal_draw(slice_of("nineteen characters"));
    terminal_draw(slice_of("errors: canary no requests"));
    terminal_end();
    CHECK_TEXT(close_terminal(), "\r\33[Knineteen characters\r\33[Kerrors: canary n...\r\33[K");
}

static void test_characters_stay_whole(void)
{
    CHECK(terminal_fitting(slice_of("\u00e4\u00f6\u00fc"), 2) == 4);
    CHECK(terminal_fitting(slice_of("\u00e4\u00f6\u00fc"), 3) == 6);
    CHECK(terminal_fitting(slice_of(""), 0) == 0);
}

static void test_none_where_nothing_can_be_erased(void)
{
    setenv("TERM", "dumb", 1);
    open_terminal(80);
    CHECK(!terminal_is_live());
    CHECK_TEXT(terminal_eraser(), "");
    close_terminal();
}

CHECK_MAIN({"a_message_does_not_stick_to_the_line", test_a_message_does_not_stick_to_the_line},
           {"a_line_is_cut_with_a_mark", test_a_line_is_cut_with_a_mark},
           {"characters_stay_whole", test_characters_stay_whole},
           {"none_where_nothing_can_be_erased", test_none_where_nothing_can_be_erased})

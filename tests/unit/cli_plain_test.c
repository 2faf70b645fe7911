/* What a terminal or a log may be sent of a text that others wrote. */
#include "check.h"
#include "cli/plain.h"

static struct error err;

/* Whole, and byte by byte, the same must come out: but of messages, each of which is one piece. */
static const char *sent(bool message, bool ours, struct slice text)
{
    static struct buffer out = {.max = 1 << 16};
    static struct buffer pieces = {.max = 1 << 16};
    struct plain plain = {.message = message, .ours = ours};
    buffer_empty(&out);
    buffer_empty(&pieces);
    CHECK(plain_add(&plain, text, &out, &err) && plain_end(&plain, &out, &err));
    plain = (struct plain){.message = message, .ours = ours};
    for (size_t i = 0; i < text.size; i++)
        CHECK(plain_add(&plain, (struct slice){text.data + i, 1}, &pieces, &err));
    CHECK(plain_end(&plain, &pieces, &err));
    CHECK(message || slice_equal(buffer_slice(&out), buffer_slice(&pieces)));
    CHECK(buffer_append_text(&out, "", &err));
    return out.data;
}

static void test_what_is_obeyed_is_shown(void)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"plain\ttext\n", "plain\ttext\n"},
        {"gr\xC3\xBC\xC3\x9F\xE2\x82\xAC\xF0\x9F\x98\x80",
         "gr\xC3\xBC\xC3\x9F\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\33[31mred\33[0m", "\\x1b[31mred\\x1b[0m"},
        {"a\rb\bc\7\x7F", "a\\x0db\\x08c\\x07\\x7f"},
        {"\xC2\x9B"
         "2J",
         "\\u009b2J"},
        {"\x9B"
         "2J",
         "\\x9b2J"},
        {"a\xE2\x80\xAE"
         "b\xE2\x81\xA6"
         "c\xE2\x80\xA8"
         "d",
         "a\\u202eb\\u2066c\\u2028d"},
        {"\xE2\x80\xAF\xE2\x80\xA9", "\xE2\x80\xAF\\u2029"},
        {"cut \xE2\x82", "cut \\xe2\\x82"},
        {"cut \xE2\x82\n", "cut \\xe2\\x82\n"},
        {"\xC0\x9B \xE0\x82\x9B \xED\xA0\x80 \xF5\x80",
         "\\xc0\\x9b \\xe0\\x82\\x9b \\xed\\xa0\\x80 \\xf5\\x80"},
        {"\xE2\x82\xE2\x82\xAC", "\\xe2\\x82\xE2\x82\xAC"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_TEXT(sent(false, false, slice_of(rows[i].in)), rows[i].out);
    CHECK_TEXT(sent(false, false, (struct slice){"a\0b", 3}), "a\\x00b");
}

static void test_no_line_is_a_command(void)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"::error::x\n", ".::error::x\n"},
        {"a ::error::\n  \t::add-mask::b\n", "a ::error::\n  \t.::add-mask::b\n"},
        {"\xC2\xA0::stop-commands::x", "\xC2\xA0.::stop-commands::x"},
        {"##[error]x a##[group]", "## [error]x a## [group]"},
        {"#[a] ##a[b] ###[c]", "#[a] ##a[b] ### [c]"},
        {"a\r::error::", "a\\x0d::error::"},
        {"pay:live\n:x\n", "pay:live\n.:x\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_TEXT(sent(false, false, slice_of(rows[i].in)), rows[i].out);
}

static void test_ours_may_have_colours(void)
{
    CHECK_TEXT(sent(true, true, slice_of("\r\33[K\33[31mharm\33[0m\b")),
               "\r\33[K\33[31mharm\33[0m\\x08");
    CHECK_TEXT(sent(true, true, slice_of("\r::x")), "\r.::x");
}

/* Nobody who has a say in a message has the next one begin. */
static void test_no_line_is_another_message(void)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"tidelock run: x\n", "tidelock run: x\n"},
        {"x\ntidelock run: promoted\n", "x\n  tidelock run: promoted\n"},
        {"x\n  one of\n\ty\n\nz", "x\n  one of\n\ty\n\n  z"},
        {"x\n::error::y\n", "x\n  .::error::y\n"},
        {"x\n\r\33y", "x\n  \\x0d\\x1by"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_TEXT(sent(true, false, slice_of(rows[i].in)), rows[i].out);
}

CHECK_MAIN({"no_line_is_another_message", test_no_line_is_another_message},
           {"what_is_obeyed_is_shown", test_what_is_obeyed_is_shown},
           {"no_line_is_a_command", test_no_line_is_a_command},
           {"ours_may_have_colours", test_ours_may_have_colours})

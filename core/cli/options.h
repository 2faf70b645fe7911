/* Command-line options, from a table: long names with --name value or --name=value, a few with a
 * letter. The table is also what --help prints. */
#pragma once

#include "base/bytes.h"

#include <stdio.h>

/* What is told of -p, wherever it is taken. */
#define PARAMETER_HELP                                                                             \
    "a parameter of the policy, or a member of a target (target.canary=43); repeat"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_INTEGER };

struct option_spec {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    enum option_kind kind;
    bool repeats;
    const char *argument; /* shown in help: "FILE" */
    const char *help;
};

enum { OPTIONS_MAX = 32 };

struct option_value {
    bool given;
    const char *text; /* the last one given */
    int64_t integer;
};

/* One occurrence, in the order given. */
struct option_use {
    size_t spec;
    const char *text;
};

struct options {
    const struct option_spec *specs;
    size_t spec_count;
    struct option_value values[OPTIONS_MAX];
    struct option_use *uses;
    size_t use_count;
    const char **operands;
    size_t operand_count;
};

/* Parses argv[0..count) (without program and verb). ERROR_INVALID names what is wrong and the
 * closest option there is. */
bool options_parse(struct options *options, const struct option_spec *specs, size_t spec_count,
                   int count, char **argv, struct error *err);
void options_clear(struct options *options);

const struct option_value *options_get(const struct options *options, const char *name);
bool options_given(const struct options *options, const char *name);
const char *options_text(const struct options *options, const char *name, const char *fallback);
int64_t options_integer(const struct options *options, const char *name, int64_t fallback);
/* The i-th use of a repeatable option; NULL past the last. */
const char *options_use(const struct options *options, const char *name, size_t index);

/* Words in lines of at most 80 columns, from `column` on; the lines that follow are indented. */
void options_print_wrapped(FILE *out, const char *text, int column, int indent);

/* The lines of --help that describe the options. */
void options_print_help(const struct option_spec *specs, size_t count);

/* Which of `count` names is closest to `text` (edit distance at most 2, or one is how the other
 * begins), or NULL. */
const char *options_closest(const char *text, const char *const *names, size_t count);

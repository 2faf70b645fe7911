/* Writes a page from a verb's entry, with what troff would take for its own escaped. */
#include "cli/manual.h"

#include <ctype.h>
#include <string.h>

static void print_text(FILE *out, const char *text)
{
    bool begins = true;
    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        begins = *text == '\n';
    }
}

static void print_title(FILE *out, const char *name, const char *line)
{
    fprintf(out, ".TH \"");
    for (const char *at = name; *at; at++)
        fputc(toupper((unsigned char)*at), out);
    fprintf(out, "\" 1 \"\" \"tidelock %s\" \"Tidelock\"\n.SH NAME\n", TIDELOCK_VERSION);
    print_text(out, name);
    fprintf(out, " \\- ");
    print_text(out, line);
    fprintf(out, "\n");
}

static void print_option(FILE *out, const struct option_spec *spec)
{
    fprintf(out, ".TP\n");
    if (spec->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", spec->letter);
    fprintf(out, "\\fB\\-\\-");
    print_text(out, spec->name);
    fprintf(out, "\\fR");
    if (spec->kind != OPTION_FLAG) {
        fprintf(out, " \\fI");
        print_text(out, spec->argument);
        fprintf(out, "\\fR");
    }
    fprintf(out, "\n");
    print_text(out, spec->help);
    fprintf(out, "\n");
}

static void print_exits(FILE *out)
{
    fprintf(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < verb_exit_count; i++) {
        fprintf(out, ".TP\n%s\n", verb_exits[i].status);
        print_text(out, verb_exits[i].meaning);
        fprintf(out, "\n");
    }
}

void manual_print_verb(FILE *out, const struct verb *verb)
{
    char name[64];
    snprintf(name, sizeof name, "tidelock-%s", verb->name);
    print_title(out, name, verb->line);
    fprintf(out, ".SH SYNOPSIS\n.B tidelock %s\n", verb->name);
    if (verb->spec_count)
        fprintf(out, "[options]\n");
    if (*verb->operands)
        fprintf(out, ".I %s\n", verb->operands);
    fprintf(out, ".SH DESCRIPTION\n");
    print_text(out, verb->line);
    if (verb->more) {
        fprintf(out, "\n.PP\n");
        print_text(out, verb->more);
    }
    fprintf(out, "\n.SH OPTIONS\n.TP\n\\fB\\-\\-help\\fR\ntell all this, shorter\n");
    for (size_t i = 0; i < verb->spec_count; i++)
        print_option(out, &verb->specs[i]);
    print_exits(out);
    fprintf(out, ".SH EXAMPLE\n.nf\n");
    print_text(out, verb->example);
    fprintf(out, "\n.fi\n.SH SEE ALSO\n.BR tidelock (1)\n");
}

void manual_print(FILE *out, const struct verb *const *verbs, size_t count)
{
    print_title(out, "tidelock", "rollout policies in Lua, carried out on AWS and undone");
    fprintf(out, ".SH SYNOPSIS\n.B tidelock\n.I VERB\n[options]\n.I FILE\n.SH DESCRIPTION\n");
    print_text(out,
               "Raises a new version's share of the traffic in steps, judges it against the old "
               "one, and whatever happens, puts every resource that it touched back as it was.\n");
    fprintf(out, ".SH VERBS\n");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, ".TP\n.BR tidelock\\-%s (1)\n", verbs[i]->name);
        print_text(out, verbs[i]->line);
        fprintf(out, "\n");
    }
    print_exits(out);
}

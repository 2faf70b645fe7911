/* One writer for each shell, and what they have in common: what may follow an option, told by the
 * word that stands for its value in --help. */
#include "cli/completions.h"

#include <stdio.h>
#include <string.h>

/* What can be offered. Words are lower case and stand for themselves ("text|json"). */
struct offer {
    bool files, folders, runs, verbs;
    const char *words; /* separated by |; NULL: none */
};

static struct offer offer_of(const char *argument)
{
    static const char *const files[] = {"FILE", "POLICY", "PLAN", "JOURNAL", "RECORDING", "PATH"};
    struct offer offer = {0};
    if (!argument || !*argument)
        return offer;
    if (strchr(argument, '|') && argument[0] >= 'a' && argument[0] <= 'z')
        offer.words = argument;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        offer.files = offer.files || strstr(argument, files[i]) != NULL;
    offer.folders = strcmp(argument, "FOLDER") == 0;
    offer.runs = strstr(argument, "RUN") != NULL;
    offer.verbs = strcmp(argument, "[VERB]") == 0;
    return offer;
}

static bool is_flag(const struct option_spec *spec)
{
    return spec->kind == OPTION_FLAG;
}

/* With spaces between them. */
static void print_words(const char *words)
{
    for (; words && *words; words++)
        putchar(*words == '|' ? ' ' : *words);
}

/* Text within single quotes: `special` characters are escaped, and the quote as the shell has it.
 */
static void print_quoted(const char *text, const char *special, const char *quote)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs(quote, stdout);
        else if (strchr(special, *text))
            printf("\\%c", *text);
        else
            putchar(*text == '\n' ? ' ' : *text);
    }
}

/* --- bash ------------------------------------------------------------------------------------ */

static const char bash_begin[] =
    "# Completions of tidelock for bash, as `tidelock completions bash` prints them.\n"
    "_tidelock_runs() { tidelock status 2>/dev/null | sed -n '2,$s/ .*//p'; }\n"
    "_tidelock_offer() { # what is typed, then words\n"
    "    local word=$1\n"
    "    shift\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$*\" -- \"$word\")\n"
    "    [ ${#COMPREPLY[@]} -gt 0 ] || compopt +o default 2>/dev/null\n"
    "}\n"
    "_tidelock() {\n"
    "    local verb=${COMP_WORDS[1]} word=${COMP_WORDS[COMP_CWORD]}\n"
    "    local before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    COMPREPLY=()\n"
    "    if [ \"$word\" = = ]; then\n"
    "        word=\n"
    "    elif [ \"$before\" = = ]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

static void bash_value(const struct verb *verb, const struct option_spec *spec)
{
    struct offer offer = offer_of(spec->argument);
    printf("    %s:--%s", verb->name, spec->name);
    if (spec->letter)
        printf(" | %s:-%c", verb->name, spec->letter);
    printf(") ");
    if (offer.folders) {
        printf("mapfile -t COMPREPLY < <(compgen -d -- \"$word\"); return ;;\n");
    } else if (offer.files) {
        printf("return ;;\n");
    } else {
        printf("_tidelock_offer \"$word\" ");
        print_words(offer.words);
        printf("; return ;;\n");
    }
}

static void bash_verb(const struct verb *verb, const char *all)
{
    struct offer offer = offer_of(verb->operands);
    printf("    %s)\n        case $word in\n        -*) _tidelock_offer \"$word\" --help",
           verb->name);
    for (size_t i = 0; i < verb->spec_count; i++) {
        printf(" --%s", verb->specs[i].name);
        if (verb->specs[i].letter)
            printf(" -%c", verb->specs[i].letter);
    }
    printf(" ;;\n        *) ");
    if (offer.runs && offer.files)
        printf("mapfile -t COMPREPLY < <(compgen -f -W \"last $(_tidelock_runs)\" -- \"$word\")");
    else if (offer.runs)
        printf("_tidelock_offer \"$word\" last $(_tidelock_runs)");
    else if (offer.files)
        printf("return");
    else
        printf("_tidelock_offer \"$word\" %s", offer.verbs ? all : "");
    if (offer.words)
        print_words(offer.words);
    printf(" ;;\n        esac\n        ;;\n");
}

static void print_bash(const struct verb *const *verbs, size_t count)
{
    static const char all[] = "$verbs";
    fputs(bash_begin, stdout);
    printf("    local verbs='");
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i ? " " : "", verbs[i]->name);
    printf("'\n    if [ \"$COMP_CWORD\" = 1 ]; then\n"
           "        _tidelock_offer \"$word\" \"$verbs\" --help --version\n        return\n    fi\n"
           "    case $verb:$before in\n");
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < verbs[i]->spec_count; k++) {
            if (!is_flag(&verbs[i]->specs[k]))
                bash_value(verbs[i], &verbs[i]->specs[k]);
        }
    }
    printf("    esac\n    case $verb in\n");
    for (size_t i = 0; i < count; i++)
        bash_verb(verbs[i], all);
    printf("    esac\n}\ncomplete -o default -F _tidelock tidelock\n");
}

/* --- zsh ------------------------------------------------------------------------------------- */

static const char zsh_begin[] =
    "#compdef tidelock\n"
    "# Completions of tidelock for zsh, as `tidelock completions zsh` prints them.\n"
    "_tidelock_runs() {\n"
    "    local -a runs=(last ${(f)\"$(tidelock status 2>/dev/null | sed -n '2,$s/ .*//p')\"})\n"
    "    compadd -a runs\n"
    "}\n";

static void zsh_text(const char *text)
{
    print_quoted(text, "[]:\\", "'\\''");
}

static void zsh_offer(const char *argument)
{
    struct offer offer = offer_of(argument);
    if (offer.words) {
        printf("(");
        print_words(offer.words);
        printf(")");
    } else if (offer.verbs) {
        printf("_tidelock_verbs");
    } else if (offer.runs && offer.files) {
        printf("{_tidelock_runs; _files}");
    } else if (offer.runs || offer.files) {
        printf("%s", offer.runs ? "_tidelock_runs" : "_files");
    } else if (offer.folders) {
        printf("_files -/");
    } else {
        printf(" ");
    }
}

/* Both spellings as one: either takes the place of the other. */
static void zsh_option(const struct option_spec *spec)
{
    const char *many = spec->repeats ? "*" : "";
    const char *equals = is_flag(spec) ? "" : "=";
    if (spec->letter && spec->repeats)
        printf(" \\\n        '*'{-%c+,--%s=}'[", spec->letter, spec->name);
    else if (spec->letter)
        printf(" \\\n        '(-%c --%s)'{-%c%s,--%s%s}'[", spec->letter, spec->name, spec->letter,
               is_flag(spec) ? "" : "+", spec->name, equals);
    else
        printf(" \\\n        '%s--%s%s[", many, spec->name, equals);
    zsh_text(spec->help);
    printf("]");
    if (!is_flag(spec)) {
        printf(":");
        zsh_text(spec->argument);
        printf(":");
        zsh_offer(spec->argument);
    }
    printf("'");
}

static void zsh_verb(const struct verb *verb)
{
    printf("    %s)\n        _arguments -s '--help[tell about %s]'", verb->name, verb->name);
    for (size_t i = 0; i < verb->spec_count; i++)
        zsh_option(&verb->specs[i]);
    if (*verb->operands) {
        printf(" \\\n        '*:");
        zsh_text(verb->operands);
        printf(":");
        zsh_offer(verb->operands);
        printf("'");
    }
    printf("\n        ;;\n");
}

static void print_zsh(const struct verb *const *verbs, size_t count)
{
    fputs(zsh_begin, stdout);
    printf("_tidelock_verbs() {\n    local -a verbs=(\n");
    for (size_t i = 0; i < count; i++) {
        printf("        '%s:", verbs[i]->name);
        zsh_text(verbs[i]->line);
        printf("'\n");
    }
    printf("    )\n    _describe verb verbs\n}\n"
           "_tidelock() {\n    if ((CURRENT == 2)); then\n        _tidelock_verbs\n"
           "        return\n    fi\n    local verb=$words[2]\n    shift words\n"
           "    ((CURRENT--))\n    case $verb in\n");
    for (size_t i = 0; i < count; i++)
        zsh_verb(verbs[i]);
    printf("    esac\n}\nif [ \"$funcstack[1]\" = _tidelock ]; then\n    _tidelock \"$@\"\n"
           "else\n    compdef _tidelock tidelock\nfi\n");
}

/* --- fish ------------------------------------------------------------------------------------ */

static void fish_text(const char *text)
{
    putchar('\'');
    print_quoted(text, "\\", "\\'");
    putchar('\'');
}

static void fish_offer(const char *argument)
{
    struct offer offer = offer_of(argument);
    if (offer.folders)
        printf(" -a '(__fish_complete_directories)'");
    if (offer.runs)
        printf(" -a '(__tidelock_runs)'");
    if (offer.verbs)
        printf(" -a '$__tidelock_verbs'");
    if (offer.words) {
        printf(" -a '");
        print_words(offer.words);
        printf("'");
    }
    printf(offer.files ? " -F" : " -f");
}

static void fish_verb(const struct verb *verb)
{
    printf("complete -c tidelock -n __fish_use_subcommand -f -a %s -d ", verb->name);
    fish_text(verb->line);
    printf("\ncomplete -c tidelock -n '__fish_seen_subcommand_from %s'", verb->name);
    fish_offer(verb->operands);
    printf(
        "\ncomplete -c tidelock -n '__fish_seen_subcommand_from %s' -l help -d 'tell about it'\n",
        verb->name);
    for (size_t i = 0; i < verb->spec_count; i++) {
        const struct option_spec *spec = &verb->specs[i];
        printf("complete -c tidelock -n '__fish_seen_subcommand_from %s' -l %s", verb->name,
               spec->name);
        if (spec->letter)
            printf(" -s %c", spec->letter);
        if (!is_flag(spec)) {
            printf(" -r");
            fish_offer(spec->argument);
        }
        printf(" -d ");
        fish_text(spec->help);
        printf("\n");
    }
}

static void print_fish(const struct verb *const *verbs, size_t count)
{
    printf("# Completions of tidelock for fish, as `tidelock completions fish` prints them.\n"
           "function __tidelock_runs\n    echo last\n"
           "    tidelock status 2>/dev/null | sed -n '2,$s/ .*//p'\nend\n"
           "set -g __tidelock_verbs");
    for (size_t i = 0; i < count; i++)
        printf(" %s", verbs[i]->name);
    printf("\n");
    for (size_t i = 0; i < count; i++)
        fish_verb(verbs[i]);
}

/* --------------------------------------------------------------------------------------------- */

bool completions_print(const char *shell, const struct verb *const *verbs, size_t count,
                       struct error *err)
{
    static const struct {
        const char *shell;
        void (*print)(const struct verb *const *verbs, size_t count);
    } writers[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        if (strcmp(shell, writers[i].shell) == 0) {
            writers[i].print(verbs, count);
            return true;
        }
    }
    return error_set(err, ERROR_INVALID, "there are completions for bash, zsh and fish, not for %s",
                     shell);
}

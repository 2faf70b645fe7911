#!/usr/bin/env bash
# Every option of every verb, as --help lists them, is completed by bash, zsh and fish, each asked
# as it asks itself, and stands in the verb's page of the manual, which groff formats in silence.
#
#     tests/completions_test.sh BUILD-FOLDER
set -euo pipefail
told=$1/told
PATH=$(cd "$1/bin" && pwd):$PATH
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

verbs() {
    tidelock --help | sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p'
}

# "VERB --name" and "VERB -n", a line each.
for verb in $(verbs); do
    tidelock "$verb" --help | sed -n 's/^  \(    \|-., \)\(--[a-z-]*\).*/\1 \2/p' | tr -d ',' |
        tr -s ' ' '\n' | sed "/^\$/d; s/^/$verb /"
done | sort -u >"$scratch/wanted"
verbs | sort >"$scratch/verbs"

compare() { # what it says, the file of what is wanted, of what is offered
    local missing
    missing=$(comm -23 "$2" "$3" | head -n 5)
    if [ -s "$2" ] && [ -z "$missing" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s lacks:\n%s\n' "$1" "$missing"
    fi
}

says() { # what it says, what is expected, a command
    local what=$1 expected=$2 said
    shift 2
    said=$("$@" 2>&1 | sort | xargs) || true
    if [ "$said" = "$expected" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s: "%s", not "%s"\n' "$what" "$said" "$expected"
    fi
}

# --- bash: the function is called as readline calls it ---

ask_bash() { # WORD...: what is offered in the place of the last
    bash --norc -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tidelock
        printf "%s\n" "${COMPREPLY[@]}"' "$told/tidelock" "$@"
}

for verb in $(verbs); do
    ask_bash tidelock "$verb" - | sed "s/^/$verb /"
done | sort >"$scratch/bash"
ask_bash tidelock '' | sort >"$scratch/bash_verbs"
compare "bash, of options," "$scratch/wanted" "$scratch/bash"
compare "bash, of verbs," "$scratch/verbs" "$scratch/bash_verbs"
says "bash: a word of an option" "jsonl" ask_bash tidelock simulate --format = jsonl
says "bash: after its option" "json jsonl text" ask_bash tidelock simulate p.lua --format ''
says "bash: shells" "bash" ask_bash tidelock completions b

# --- zsh: its own functions show what they were given ---

ask_zsh() { # WORD...
    zsh -f -c '_arguments() { print -rl -- "$@" }
        compdef() { : }
        _describe() { print -rl -- "${verbs[@]%%:*}" }
        . "$1"; shift; words=("$@"); CURRENT=$#; _tidelock' zsh "$told/_tidelock" "$@"
}

# The names of a specification: "(-p)--name=[help]:..." and "*-p+[help]:...".
for verb in $(verbs); do
    ask_zsh tidelock "$verb" - | sed -n 's/^\(([^)]*)\|\*\)\{0,1\}\(-[-a-z]*\)[+=]*\[.*/\2/p' |
        sed "s/^/$verb /"
done | sort >"$scratch/zsh"
ask_zsh tidelock '' | sort >"$scratch/zsh_verbs"
compare "zsh, of options," "$scratch/wanted" "$scratch/zsh"
compare "zsh, of verbs," "$scratch/verbs" "$scratch/zsh_verbs"

# Once as a person does: a terminal, its own _arguments, the TAB key.
type_in_zsh() { # TEXT: what stands on the line after TAB
    zsh -f -c 'zmodload zsh/zpty; zpty shell zsh -f -i
        zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D"
        zpty -w shell "show() { print -r -- \"<<\$BUFFER>>\" }; zle -N show; bindkey ^X show"
        zpty -w shell "echo rea""dy"; zpty -r -m shell ignored "*ready*"
        zpty -w -n shell "$2"$'"'\t\x18'"'; zpty -r -m shell said "*>>*"
        print -r -- ${${said##*<<}%%>>*}' zsh "$(cd "$told" && pwd)" "$1"
}
says "zsh: TAB" "recording simulate tidelock" \
    sh -c 'printf "%s\n" "$1" | tr -s " -=" "\n"' sh "$(type_in_zsh 'tidelock simulate --reco')"

# --- fish completes for whoever asks ---

cat >"$scratch/ask.fish" <<'ASK'
source $argv[1]
for verb in $argv[2..]
    for offered in (complete -C "tidelock $verb -")
        echo $verb (string split -- \t $offered)[1]
    end
    for offered in (complete -C "tidelock $verb --")
        echo $verb (string split -- \t $offered)[1]
    end
end
ASK
export HOME=$scratch
# shellcheck disable=SC2046 # a word each
fish --no-config "$scratch/ask.fish" "$told/tidelock.fish" $(verbs) | sort >"$scratch/fish"
fish --no-config -c "source $told/tidelock.fish; complete -C 'tidelock '" | cut -f1 |
    sort >"$scratch/fish_verbs"
compare "fish, of options," "$scratch/wanted" "$scratch/fish"
compare "fish, of verbs," "$scratch/verbs" "$scratch/fish_verbs"

# --- the manual ---

for page in "$told"/man/*.1; do
    says "$(basename "$page") is formatted in silence" "" \
        sh -c 'groff -man -Tutf8 -ww "$1" 2>&1 >/dev/null' sh "$page"
done
for verb in $(verbs); do
    groff -man -Tutf8 -P-c "$told/man/tidelock-$verb.1" | sed 's/.\x08//g' |
        grep -oE '^ +(-[a-z], )?--[a-z-]+' | tr -s ', ' '\n' | sed "/^\$/d; s/^/$verb /"
done | sort >"$scratch/man"
compare "the manual" "$scratch/wanted" "$scratch/man"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

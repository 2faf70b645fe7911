/* What a resource shows, in words, beside what the run found and made: the members that differ. */
#include "engine/governed.h"
#include "engine/ownership.h"

#include <stdio.h>

enum { TEXT_MAX = 60, PATH_TEXT_MAX = 200, AROUND = 20 };

enum side { SHOWN, FOUND, MADE, SIDES };

/* A place in a state, and what stands there on each side; NULL: nothing. */
struct place {
    char path[PATH_TEXT_MAX];
    const struct value *sides[SIDES];
};

static bool same(const struct value *a, const struct value *b)
{
    return a && b ? value_equal(a, b) : a == b;
}

static bool write_side(const struct place *place, enum side side, struct buffer *text)
{
    struct error ignored;
    buffer_init(text, JOURNAL_RECORD_SIZE_MAX);
    return place->sides[side] ? value_write(place->sides[side], text, &ignored)
                              : buffer_append_text(text, "nothing", &ignored);
}

static bool is_long(const struct place *place, enum side side)
{
    struct buffer text;
    bool fits = write_side(place, side, &text) && text.size <= TEXT_MAX;
    buffer_clear(&text);
    return !fits;
}

/* --- the innermost place --------------------------------------------------------------------- */

static const struct value *item_at(const struct value *list, size_t at)
{
    bool there = list && list->kind == VALUE_ARRAY && at < list->array.count;
    return there ? &list->array.items[at] : NULL;
}

static void enter_item(struct place *place)
{
    size_t at = 0;
    size_t used = strlen(place->path);
    while (same(item_at(place->sides[SHOWN], at), item_at(place->sides[MADE], at)))
        at++;
    snprintf(place->path + used, sizeof place->path - used, "[%zu]", at + 1);
    for (int side = 0; side < SIDES; side++)
        place->sides[side] = item_at(place->sides[side], at);
}

static bool find_member(const struct place *place, enum side side, struct slice *name)
{
    const struct value *object = place->sides[side];
    for (size_t i = 0; i < object->object.count; i++) {
        *name = object->object.members[i].name;
        if (!same(value_find(place->sides[SHOWN], *name), value_find(place->sides[MADE], *name)))
            return true;
    }
    return false;
}

static void enter_member(struct place *place)
{
    struct slice name = slice_of("");
    size_t used = strlen(place->path);
    if (!find_member(place, MADE, &name))
        find_member(place, SHOWN, &name);
    snprintf(place->path + used, sizeof place->path - used, ".%.*s", (int)name.size, name.data);
    for (int side = 0; side < SIDES; side++)
        place->sides[side] = place->sides[side] ? value_find(place->sides[side], name) : NULL;
}

static bool are_both(const struct place *place, enum value_kind kind)
{
    const struct value *shown = place->sides[SHOWN];
    const struct value *made = place->sides[MADE];
    return shown && made && shown->kind == kind && made->kind == kind;
}

static void narrow(struct place *place)
{
    while (is_long(place, SHOWN) || is_long(place, MADE)) {
        if (are_both(place, VALUE_ARRAY))
            enter_item(place);
        else if (are_both(place, VALUE_OBJECT))
            enter_member(place);
        else
            return;
    }
}

/* --- its text -------------------------------------------------------------------------------- */

static bool is_inside(const struct buffer *text, size_t at)
{
    return at > 0 && at < text->size && ((unsigned char)text->data[at] & 0xC0) == 0x80;
}

/* What is too long is cut to where shown and made part, but not within a character. */
static void cut(const struct buffer *text, size_t parts_at, char out[TEXT_MAX + 8])
{
    bool fits = text->size <= TEXT_MAX;
    size_t from = fits || parts_at < AROUND ? 0 : parts_at - AROUND;
    from = from < text->size ? from : text->size;
    while (is_inside(text, from))
        from--;
    size_t to = text->size - from > TEXT_MAX ? from + TEXT_MAX : text->size;
    while (is_inside(text, to))
        to--;
    snprintf(out, TEXT_MAX + 8, "%s%.*s%s", from > 0 ? "..." : "", (int)(to - from),
             text->data + from, to < text->size ? "..." : "");
}

static size_t first_difference(const struct buffer *a, const struct buffer *b)
{
    size_t at = 0;
    while (at < a->size && at < b->size && a->data[at] == b->data[at])
        at++;
    return at;
}

static void tell_place(const struct place *place, char *out, size_t size)
{
    struct buffer texts[SIDES];
    char told[SIDES][TEXT_MAX + 8] = {"", "", ""};
    bool ok = true;
    for (int side = 0; side < SIDES; side++)
        ok = write_side(place, (enum side)side, &texts[side]) && ok;
    for (int side = 0; ok && side < SIDES; side++)
        cut(&texts[side], first_difference(&texts[SHOWN], &texts[MADE]), told[side]);
    snprintf(out, size, "%s%sit shows %s; the run found %s and made %s", place->path,
             *place->path ? ": " : "", told[SHOWN], told[FOUND], told[MADE]);
    for (int side = 0; side < SIDES; side++)
        buffer_clear(&texts[side]);
}

/* --- all of it ------------------------------------------------------------------------------- */

struct telling {
    const struct ledger *ledger;
    const struct ledger_change *last;
    const struct value *state;
    char *out;
    size_t size, used;
};

static void tell_member(struct telling *telling, struct slice name)
{
    const struct ledger *ledger = telling->ledger;
    const struct ledger_change *first = ledger_first(ledger, telling->last->identity);
    struct place place = {
        .sides = {[SHOWN] = value_find(telling->state, name),
                  [FOUND] = governed_member(ledger, first, GOVERNED_BEFORE, name),
                  [MADE] = governed_member(ledger, telling->last, GOVERNED_AFTER, name)}};
    if (same(place.sides[SHOWN], place.sides[MADE]))
        return;
    snprintf(place.path, sizeof place.path, "%s%.*s", telling->used > 0 ? "; " : "", (int)name.size,
             name.data);
    narrow(&place);
    tell_place(&place, telling->out + telling->used, telling->size - telling->used);
    telling->used += strlen(telling->out + telling->used);
}

static bool is_named_before(const struct telling *telling, const struct ledger_change *change,
                            struct slice name)
{
    bool named = false;
    for (const struct ledger_change *by = ledger_next(telling->ledger, change); by && !named;
         by = ledger_next(telling->ledger, by))
        named = value_find(by->before, name) || value_find(by->after, name);
    return named;
}

/* The members that a change names, but for those that later ones do. */
static void tell_members(struct telling *telling, const struct ledger_change *change,
                         const struct value *named, const struct value *told)
{
    for (size_t i = 0; named->kind == VALUE_OBJECT && i < named->object.count; i++) {
        struct slice name = named->object.members[i].name;
        if (!is_named_before(telling, change, name) && !(told && value_find(told, name)))
            tell_member(telling, name);
    }
}

void ownership_tell(const struct ledger *ledger, struct slice identity, const struct value *state,
                    char *out, size_t size)
{
    struct telling telling = {ledger, ledger_last(ledger, identity), state, out, size, 0};
    const struct ledger_change *first = ledger_first(ledger, identity);
    *out = '\0';
    for (const struct ledger_change *by = telling.last; by; by = ledger_previous(ledger, by)) {
        tell_members(&telling, by, by->after, NULL);
        tell_members(&telling, by, by->before, by->after);
    }
    struct place whole = {.sides = {state, first->before, telling.last->after}};
    if (telling.used == 0)
        tell_place(&whole, out, size);
}

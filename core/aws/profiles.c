/* The parser of the shared files: sections, properties, and properties within them. */
#include "aws/profiles.h"

#include "aws/secret.h"
#include "aws/text.h"

#include <stdio.h>
#include <string.h>

enum { TABLE_MAX = 8 << 20, ENTRIES_MAX = 10000, MESSAGE_NAME_MAX = 80 };

/* --- the table --- */

void profiles_init(struct profiles *profiles)
{
    *profiles = (struct profiles){0};
    pool_init(&profiles->pool, TABLE_MAX);
}

static void drop_properties(struct profiles_section *section)
{
    for (struct profiles_property *p = section->properties; p; p = p->next)
        secret_wipe_slice(p->value);
    section->properties = NULL;
}

void profiles_clear(struct profiles *profiles)
{
    for (struct profiles_section *section = profiles->sections; section; section = section->next)
        drop_properties(section);
    pool_clear(&profiles->pool);
    profiles_init(profiles);
}

static struct profiles_section *find_section(const struct profiles *profiles,
                                             enum profiles_kind kind, struct slice name)
{
    struct profiles_section *section = profiles->sections;
    while (section && (section->kind != kind || !slice_equal(section->name, name)))
        section = section->next;
    return section;
}

const struct profiles_section *profiles_find(const struct profiles *profiles,
                                             enum profiles_kind kind, struct slice name)
{
    return find_section(profiles, kind, name);
}

static struct profiles_property *find_property(const struct profiles_section *section,
                                               struct slice name)
{
    struct profiles_property *property = section->properties;
    while (property && !text_equal_names(property->name, name))
        property = property->next;
    return property;
}

const struct slice *profiles_get(const struct profiles_section *section, const char *name)
{
    struct profiles_property *property = section ? find_property(section, slice_of(name)) : NULL;
    return property ? &property->value : NULL;
}

bool profiles_sub(const struct profiles_section *section, const char *outer, const char *inner,
                  struct slice *value)
{
    const struct slice *all = profiles_get(section, outer);
    struct slice rest = all ? *all : (struct slice){"", 0};
    bool found = false;
    while (rest.size > 0) {
        struct slice name;
        struct slice text;
        struct slice line = text_strip_comment(text_take_line(&rest), true);
        if (text_split(line, &name, &text) && text_equal_names(name, slice_of(inner))) {
            *value = text;
            found = true;
        }
    }
    return found;
}

static void *add_entry(struct profiles *profiles, size_t size, struct error *err)
{
    if (profiles->count == ENTRIES_MAX) {
        error_set(err, ERROR_LIMIT, "more than %d sections and properties", ENTRIES_MAX);
        return NULL;
    }
    profiles->count++;
    return pool_alloc(&profiles->pool, size, err);
}

static struct profiles_section *open_section(struct profiles *profiles, enum profiles_kind kind,
                                             struct slice name, struct error *err)
{
    struct profiles_section *section = find_section(profiles, kind, name);
    if (section)
        return section;
    section = add_entry(profiles, sizeof *section, err);
    if (!section)
        return NULL;
    *section = (struct profiles_section){.next = profiles->sections, .kind = kind};
    if (!pool_copy(&profiles->pool, name, &section->name, err))
        return NULL;
    profiles->sections = section;
    return section;
}

static bool set_property(struct profiles *profiles, struct profiles_section *section,
                         struct slice name, struct slice value, struct error *err)
{
    struct profiles_property *property = find_property(section, name);
    if (property) {
        secret_wipe_slice(property->value);
        property->value = (struct slice){"", 0};
        return pool_copy(&profiles->pool, value, &property->value, err);
    }
    property = add_entry(profiles, sizeof *property, err);
    if (!property)
        return false;
    *property = (struct profiles_property){.next = section->properties};
    if (!pool_copy(&profiles->pool, name, &property->name, err) ||
        !pool_copy(&profiles->pool, value, &property->value, err))
        return false;
    text_lower((char *)property->name.data, name.size);
    section->properties = property;
    return true;
}

/* --- reading --- */

/* One file on its way into the table. A property is held back until it is known to be whole. */
struct reader {
    struct profiles *profiles;
    enum profiles_file file;
    const char *path;
    struct profiles_warnings *warnings;
    size_t line;
    bool in_section;
    struct profiles_section *section; /* NULL: left out */
    bool in_property;
    bool nested;       /* it holds sub-properties: nothing stood behind its '=' */
    struct slice name; /* its name; empty: left out */
    struct buffer value;
};

static bool fail(const struct reader *reader, const char *what, struct error *err)
{
    return error_set(err, ERROR_INVALID, "%s:%zu: %s", reader->path, reader->line, what);
}

/* Names are no secrets; still, only their visible part is shown. */
static void warn(const struct reader *reader, const char *what, struct slice name)
{
    char message[512];
    size_t size = 0;
    if (!reader->warnings)
        return;
    while (size < name.size && size < MESSAGE_NAME_MAX && name.data[size] >= ' ' &&
           name.data[size] <= '~')
        size++;
    snprintf(message, sizeof message, "%s:%zu: %s: \"%.*s\"", reader->path, reader->line, what,
             (int)size, name.data);
    reader->warnings->warn(reader->warnings, message);
}

static bool end_property(struct reader *reader, struct error *err)
{
    bool kept = reader->in_property && reader->section && reader->name.size > 0;
    reader->in_property = false;
    return !kept || set_property(reader->profiles, reader->section, reader->name,
                                 buffer_slice(&reader->value), err);
}

/* What stands between the brackets of the config file: its kind in front but for [default]. */
static bool classify(struct slice inside, enum profiles_kind *kind, struct slice *name,
                     bool *prefixed)
{
    static const char *const words[] = {
#define X(id, text) [PROFILES_##id] = text,
        PROFILES_KINDS(X)
#undef X
    };
    struct slice rest = inside;
    struct slice word = text_take_word(&rest);
    *prefixed = rest.size > 0;
    *name = *prefixed ? rest : word;
    *kind = PROFILES_PROFILE;
    if (!*prefixed)
        return slice_is(word, "default");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        *kind = (enum profiles_kind)i;
        if (slice_is(word, words[i]))
            return true;
    }
    return false;
}

/* In the config file [profile default] stands for itself alone, whichever comes first. */
static bool gives_way(const struct reader *reader, struct profiles_section *section, bool prefixed)
{
    if (reader->file != PROFILES_CONFIG || section->kind != PROFILES_PROFILE)
        return false;
    if (section->prefixed && !prefixed)
        return true;
    if (prefixed && !section->prefixed) {
        section->prefixed = true;
        drop_properties(section);
    }
    return false;
}

static bool enter_section(struct reader *reader, struct slice inside, struct error *err)
{
    enum profiles_kind kind = PROFILES_PROFILE;
    struct slice name = inside;
    bool prefixed = false;
    reader->in_section = true;
    reader->section = NULL;
    if (reader->file == PROFILES_CONFIG && !classify(inside, &kind, &name, &prefixed)) {
        warn(reader, "not a section of a config file, left out", inside);
        return true;
    }
    if (!text_is_name(name)) {
        warn(reader, "not a name for a profile, left out", name);
        return true;
    }
    struct profiles_section *section = open_section(reader->profiles, kind, name, err);
    if (!section)
        return false;
    if (gives_way(reader, section, prefixed))
        warn(reader, "left out, since there is a [profile default]", name);
    else
        reader->section = section;
    return true;
}

static bool read_section(struct reader *reader, struct slice line, struct error *err)
{
    struct slice text = text_strip_comment(line, false);
    if (!end_property(reader, err))
        return false;
    if (text.size < 2 || text.data[text.size - 1] != ']')
        return fail(reader, "Profile definition must end with ']'", err);
    return enter_section(reader, text_trim((struct slice){text.data + 1, text.size - 2}), err);
}

static bool read_property(struct reader *reader, struct slice line, struct error *err)
{
    struct slice name;
    struct slice value;
    if (!end_property(reader, err))
        return false;
    if (!reader->in_section)
        return fail(reader, "Expected a profile definition", err);
    if (!text_split(text_strip_comment(line, true), &name, &value))
        return fail(reader, "Expected an '=' sign defining a property", err);
    if (name.size == 0)
        return fail(reader, "Property did not have a name", err);
    if (!text_is_name(name)) {
        warn(reader, "not a name for a property, left out", name);
        name.size = 0;
    }
    reader->in_property = true;
    reader->nested = value.size == 0;
    reader->name = name;
    buffer_empty(&reader->value);
    return buffer_append(&reader->value, value, err);
}

static bool check_sub_property(const struct reader *reader, struct slice line, struct error *err)
{
    struct slice name;
    struct slice value;
    if (!text_split(text_strip_comment(line, true), &name, &value))
        return fail(reader, "Expected an '=' sign defining a sub-property", err);
    return name.size > 0 || fail(reader, "Sub-property did not have a name", err);
}

static bool read_continuation(struct reader *reader, struct slice line, struct error *err)
{
    if (!reader->in_section)
        return fail(reader, "Expected a profile definition, found continuation", err);
    if (!reader->in_property)
        return fail(reader, "Expected a property definition, found continuation", err);
    if (reader->nested && !check_sub_property(reader, line, err))
        return false;
    return buffer_append_text(&reader->value, "\n", err) &&
           buffer_append(&reader->value, line, err);
}

static bool read_line(struct reader *reader, struct slice line, struct error *err)
{
    struct slice text = text_trim(line);
    reader->line++;
    if (text.size == 0 || text.data[0] == '#' || text.data[0] == ';')
        return true;
    if (text.data != line.data)
        return read_continuation(reader, text, err);
    return text.data[0] == '[' ? read_section(reader, text, err) : read_property(reader, text, err);
}

static bool read_lines(struct reader *reader, struct slice text, struct error *err)
{
    while (text.size > 0) {
        if (!read_line(reader, text_take_line(&text), err))
            return false;
    }
    return end_property(reader, err);
}

bool profiles_read(struct profiles *profiles, enum profiles_file file, const char *path,
                   struct slice text, struct profiles_warnings *warnings, struct error *err)
{
    struct reader reader = {.profiles = profiles, .file = file, .path = path, .warnings = warnings};
    if (text.size > PROFILES_FILE_MAX)
        return error_set(err, ERROR_LIMIT, "%s: more than %d bytes", path, PROFILES_FILE_MAX);
    if (text.size > 0 && memchr(text.data, '\0', text.size))
        return error_set(err, ERROR_INVALID, "%s: a NUL byte: this is no text", path);
    text_skip_mark(&text);
    bool ok = secret_open(&reader.value, text.size + 1, err) && read_lines(&reader, text, err);
    secret_clear(&reader.value);
    return ok;
}

/* Reads time zones as they are asked for, each once. UTC needs no file. */
#include "world/zones.h"

#include "base/file.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 64, FILE_SIZE_MAX = 64 << 10, ZONES_MAX = 256 };

static const char usual_folder[] = "/usr/share/zoneinfo";

struct named {
    char name[NAME_SIZE];
    struct zone zone;
};

struct zones {
    struct named *items[ZONES_MAX]; /* what is found stays where it is */
    size_t count;
    bool sealed;
};

bool zones_new(struct zones **out, struct error *err)
{
    *out = calloc(1, sizeof **out);
    return *out || error_set(err, ERROR_LIMIT, "out of memory for time zones");
}

void zones_free(struct zones *zones)
{
    for (size_t i = 0; zones && i < zones->count; i++) {
        zone_clear(&zones->items[i]->zone);
        free(zones->items[i]);
    }
    free(zones);
}

void zones_seal(struct zones *zones)
{
    zones->sealed = true;
}

/* Letters, digits and _ + - in parts: no name leads out of the folder. */
static bool is_part_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '+' || c == '-' || c == '/';
}

static bool is_name(struct slice name)
{
    bool ok = name.size > 0 && name.size < NAME_SIZE && isalpha((unsigned char)name.data[0]);
    for (size_t i = 0; ok && i < name.size; i++)
        ok = is_part_of_name(name.data[i]);
    return ok;
}

static const char *folder(void)
{
    const char *told = getenv("TZDIR");
    return told && *told ? told : usual_folder;
}

static bool read_file(struct slice name, struct buffer *bytes, struct error *err)
{
    char path[PATH_MAX];
    ssize_t got = 1;
    char part[4096];
    snprintf(path, sizeof path, "%s/%.*s", folder(), (int)name.size, name.data);
    int fd = file_open(path, err);
    while (fd >= 0 && got > 0) {
        got = read(fd, part, sizeof part);
        if (got > 0 && !buffer_append(bytes, (struct slice){part, (size_t)got}, err))
            got = -1;
    }
    if (fd >= 0)
        close(fd);
    return fd >= 0 && got == 0;
}

static bool keep(struct zones *zones, struct slice name, struct slice bytes, struct error *err)
{
    if (zones->count == ZONES_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d time zones", ZONES_MAX);
    struct named *named = calloc(1, sizeof *named);
    if (!named)
        return error_set(err, ERROR_LIMIT, "out of memory for a time zone");
    memcpy(named->name, name.data, name.size);
    bool ok = slice_is(name, "UTC") || zone_parse(&named->zone, bytes, err);
    if (ok) {
        zones->items[zones->count++] = named;
        return true;
    }
    zone_clear(&named->zone);
    free(named);
    return false;
}

static const struct named *known(const struct zones *zones, struct slice name)
{
    for (size_t i = 0; i < zones->count; i++) {
        if (slice_is(name, zones->items[i]->name))
            return zones->items[i];
    }
    return NULL;
}

static bool refuse(const struct zones *zones, struct slice name, struct error *err)
{
    return error_set(err, ERROR_INVALID,
                     "there is no time zone \"%.*s\" in %s, where the package tzdata has them%s",
                     (int)(name.size < NAME_SIZE ? name.size : NAME_SIZE), name.data, folder(),
                     zones->sealed ? ", or no file of the policy spells it out" : "");
}

static bool add(struct zones *zones, struct slice name, struct error *err)
{
    struct buffer bytes;
    struct error why;
    buffer_init(&bytes, FILE_SIZE_MAX);
    bool utc = slice_is(name, "UTC");
    bool ok = (utc || read_file(name, &bytes, &why)) &&
              keep(zones, name, buffer_slice(&bytes), &why);
    buffer_clear(&bytes);
    return ok || refuse(zones, name, err);
}

bool zones_find(struct zones *zones, struct slice name, const struct zone **out, struct error *err)
{
    const struct named *found = known(zones, name);
    bool readable = is_name(name) && (!zones->sealed || slice_is(name, "UTC"));
    if (!found && !readable)
        return refuse(zones, name, err);
    if (!found && !add(zones, name, err))
        return false;
    *out = &known(zones, name)->zone;
    return true;
}

void zones_read_named(struct zones *zones, struct slice text)
{
    struct error ignored;
    const struct zone *zone;
    for (size_t i = 0; i + 1 < text.size; i++) {
        bool begins = strchr("\"'=", text.data[i]) && text.data[i];
        size_t size = 0;
        while (begins && i + 1 + size < text.size && is_part_of_name(text.data[i + 1 + size]))
            size++;
        struct slice name = {text.data + i + 1, size};
        if (size > 0 && size < NAME_SIZE && zones->count < ZONES_MAX)
            zones_find(zones, name, &zone, &ignored);
    }
}

/* The shared files of the AWS tools: whatever can be read, written out again as one config file,
 * reads back as the same table. The first NUL divides the config file from the credentials file. */
#include "aws/profiles.h"
#include "fuzz.h"

#include <string.h>

static void append(struct buffer *out, const char *text)
{
    struct error err;
    PROMISE(buffer_append_text(out, text, &err));
}

static void append_slice(struct buffer *out, struct slice text)
{
    struct error err;
    PROMISE(buffer_append(out, text, &err));
}

static void write_property(struct buffer *out, const struct profiles_property *property)
{
    append_slice(out, property->name);
    append(out, " =");
    for (size_t i = 0; i < property->value.size; i++) {
        append_slice(out, (struct slice){property->value.data + i, 1});
        if (property->value.data[i] == '\n')
            append(out, " "); /* it goes on */
    }
    append(out, "\n");
}

static void write_section(struct buffer *out, const struct profiles_section *section)
{
    static const char *const words[] = {"[profile ", "[sso-session ", "[services "};
    bool bare = slice_is(section->name, "default") && section->kind == PROFILES_PROFILE &&
                !section->prefixed;
    append(out, bare ? "[" : words[section->kind]);
    append_slice(out, section->name);
    append(out, "]\n");
    for (struct profiles_property *p = section->properties; p; p = p->next)
        write_property(out, p);
}

/* Each section and property of `a` is in `b`. */
static void promise_within(const struct profiles *a, const struct profiles *b)
{
    for (struct profiles_section *s = a->sections; s; s = s->next) {
        const struct profiles_section *other = profiles_find(b, s->kind, s->name);
        PROMISE(other != NULL);
        for (struct profiles_property *p = s->properties; p; p = p->next) {
            const struct slice *value = profiles_get(other, p->name.data);
            PROMISE(value && slice_equal(*value, p->value));
        }
    }
}

static void check_round_trip(const struct profiles *first)
{
    static struct buffer text = {.max = PROFILES_FILE_MAX};
    struct profiles second;
    struct error err;
    buffer_empty(&text);
    profiles_init(&second);
    for (struct profiles_section *s = first->sections; s; s = s->next)
        write_section(&text, s);
    PROMISE(profiles_read(&second, PROFILES_CONFIG, "again", buffer_slice(&text), NULL, &err));
    promise_within(first, &second);
    promise_within(&second, first);
    profiles_clear(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err;
    struct slice value;
    struct profiles profiles;
    const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
    size_t middle = zero ? (size_t)(zero - data) : size;
    size_t behind = zero ? middle + 1 : size;
    struct slice config = {(const char *)data, middle};
    struct slice credentials = {(const char *)data + behind, size - behind};
    profiles_init(&profiles);
    if (profiles_read(&profiles, PROFILES_CONFIG, "config", config, NULL, &err) &&
        profiles_read(&profiles, PROFILES_CREDENTIALS, "credentials", credentials, NULL, &err)) {
        for (struct profiles_section *s = profiles.sections; s; s = s->next)
            profiles_sub(s, "ecs", "endpoint_url", &value);
        check_round_trip(&profiles);
    }
    profiles_clear(&profiles);
    return 0;
}

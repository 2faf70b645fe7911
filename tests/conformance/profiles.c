/* The cases of the AWS SDK for Rust for the shared files: what they say, and where they are. */
#include "aws/profiles.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4 << 20 };

static struct pool pool = {.max = TEXT_MAX};

/* --- what they say --- */

static bool read_files(struct profiles *profiles, const struct value *input, struct error *err)
{
    return profiles_read(profiles, PROFILES_CONFIG, "config",
                         value_get_slice(input, "configFile", ""), NULL, err) &&
           profiles_read(profiles, PROFILES_CREDENTIALS, "credentials",
                         value_get_slice(input, "credentialsFile", ""), NULL, err);
}

static void section_value(struct value *out, const struct profiles_section *section)
{
    struct error err;
    size_t count = 0;
    for (struct profiles_property *p = section->properties; p; p = p->next)
        count++;
    if (!value_object(out, count, &pool, &err))
        abort();
    for (struct profiles_property *p = section->properties; p; p = p->next)
        out->object.members[--count] = (struct member){p->name, value_string(p->value)};
    if (!value_object_sort(out, &err))
        abort();
}

/* The sections of one kind as the cases write them: {name: {property: value}}. */
static void table_value(struct value *out, const struct profiles *profiles, enum profiles_kind kind)
{
    struct error err;
    size_t count = 0;
    for (struct profiles_section *s = profiles->sections; s; s = s->next)
        count += s->kind == kind;
    if (!value_object(out, count, &pool, &err))
        abort();
    for (struct profiles_section *s = profiles->sections; s; s = s->next) {
        if (s->kind != kind)
            continue;
        struct member *member = &out->object.members[--count];
        member->name = s->name;
        section_value(&member->value, s);
    }
    if (!value_object_sort(out, &err))
        abort();
}

static void compare_values(struct suite *suite, const char *what, const struct value *got,
                           const struct value *want)
{
    struct error err;
    struct buffer texts[2] = {{.max = TEXT_MAX}, {.max = TEXT_MAX}};
    if (!value_write(got, &texts[0], &err) || !value_write(want, &texts[1], &err))
        abort();
    suite_same(suite, what, buffer_slice(&texts[0]), buffer_slice(&texts[1]));
    buffer_clear(&texts[0]);
    buffer_clear(&texts[1]);
}

static void check_kind(struct suite *suite, const struct value *config, const char *name,
                       const struct profiles *profiles, enum profiles_kind kind)
{
    const struct value *want = value_get(config, name);
    struct value got;
    if (!want)
        return;
    table_value(&got, profiles, kind);
    compare_values(suite, name, &got, want);
}

/* Their words for what is wrong are ours too: people search for them. */
static void check_failure(struct suite *suite, const struct value *output, const char *message)
{
    struct slice want = value_get_slice(output, "errorContaining", "");
    if (want.size == 0)
        suite_fail(suite, "failed: %s", message);
    else if (!memmem(message, strlen(message), want.data, want.size))
        suite_fail(suite, "said \"%s\", not \"%.*s\"", message, (int)want.size, want.data);
}

static void run_parser(struct suite *suite, const struct value *test)
{
    struct error err;
    struct profiles profiles;
    const struct value *output = value_get(test, "output");
    const struct value *config = value_get(output, "config");
    profiles_init(&profiles);
    if (!read_files(&profiles, value_get(test, "input"), &err)) {
        check_failure(suite, output, err.message);
    } else if (!config) {
        suite_fail(suite, "was read without an error");
    } else {
        check_kind(suite, config, "profiles", &profiles, PROFILES_PROFILE);
        check_kind(suite, config, "sso_sessions", &profiles, PROFILES_SSO_SESSION);
    }
    profiles_clear(&profiles);
}

/* --- where they are --- */

static void check_location(struct suite *suite, const struct value *test, const char *name,
                           enum profiles_file file, const struct environment *environment)
{
    struct error err;
    struct buffer path = {.max = 4096};
    enum profiles_platform platform = value_is_text(value_get(test, "platform"), "windows")
                                          ? PROFILES_WINDOWS
                                          : PROFILES_UNIX;
    if (profiles_locate(&path, file, platform, environment, &err))
        suite_same(suite, name, buffer_slice(&path), value_get_slice(test, name, ""));
    else
        suite_fail(suite, "%s: %s", name, err.message);
    buffer_clear(&path);
}

static void run_location(struct suite *suite, const struct value *test)
{
    struct suite_environment listed;
    suite_environment_init(&listed, value_get(test, "environment"), &pool);
    const struct environment *environment = &listed.environment;
    check_location(suite, test, "configLocation", PROFILES_CONFIG, environment);
    check_location(suite, test, "credentialsLocation", PROFILES_CREDENTIALS, environment);
    suite_same(suite, "profile", profiles_chosen(environment),
               value_get_slice(test, "profile", "default"));
}

/* --- both --- */

static void run_list(struct suite *suite, const char *path,
                     void (*run)(struct suite *suite, const struct value *test))
{
    struct value file;
    struct buffer text = {.max = TEXT_MAX};
    pool_reset(&pool);
    suite_read_json(suite, &file, &text, &pool, path);
    const struct value *tests = value_get(&file, "tests");
    for (size_t i = 0; tests && i < tests->array.count; i++) {
        char name[256];
        struct slice title = value_get_slice(&tests->array.items[i], "name", "");
        snprintf(name, sizeof name, "%.*s", (int)title.size, title.data);
        if (!suite_begin(suite, name))
            continue;
        run(suite, &tests->array.items[i]);
        suite_end(suite);
    }
    buffer_clear(&text);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "profiles"};
    suite_open(&suite, argc, argv, "profile-parser-tests.json");
    run_list(&suite, "profile-parser-tests.json", run_parser);
    run_list(&suite, "file-location-tests.json", run_location);
    pool_clear(&pool);
    return suite_close(&suite);
}

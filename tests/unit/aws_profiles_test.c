#include "aws/profiles.h"
#include "check.h"

#include <stdlib.h>

static struct error err;
static struct profiles profiles;

struct collected {
    struct profiles_warnings warnings;
    size_t count;
    char last[512];
};

static void collect(struct profiles_warnings *warnings, const char *message)
{
    struct collected *collected = (struct collected *)warnings;
    collected->count++;
    snprintf(collected->last, sizeof collected->last, "%s", message);
}

static struct collected collected = {.warnings = {collect}};

static bool read_both(const char *config, const char *credentials)
{
    profiles_clear(&profiles);
    collected.count = 0;
    return profiles_read(&profiles, PROFILES_CONFIG, "config", slice_of(config),
                         &collected.warnings, &err) &&
           profiles_read(&profiles, PROFILES_CREDENTIALS, "credentials", slice_of(credentials),
                         &collected.warnings, &err);
}

static const struct profiles_section *section_of(const char *name)
{
    return profiles_find(&profiles, PROFILES_PROFILE, slice_of(name));
}

/* The value as text, "(none)" where there is none. */
static const char *value_of(const char *section, const char *name)
{
    static char text[256];
    const struct slice *value = profiles_get(section_of(section), name);
    if (!value)
        return "(none)";
    snprintf(text, sizeof text, "%.*s", (int)value->size, value->data);
    return text;
}

static void test_both_files(void)
{
    CHECK(read_both("\xEF\xBB\xBF[default]\r\nRegion = eu-west-1 # where\r\n"
                    "[profile ship]\noutput=json\nrole_arn = a=b;c\n",
                    "[ship]\naws_access_key_id = id\n  \n[default]\nregion = eu-west-2\n"));
    CHECK_TEXT(value_of("default", "REGION"), "eu-west-2");
    CHECK_TEXT(value_of("ship", "aws_access_key_id"), "id");
    CHECK_TEXT(value_of("ship", "output"), "json");
    CHECK_TEXT(value_of("ship", "role_arn"), "a=b;c");
    CHECK_TEXT(value_of("ship", "region"), "(none)");
    CHECK_TEXT(value_of("boat", "region"), "(none)");
    CHECK(collected.count == 0);
}

static void test_sections(void)
{
    CHECK(read_both("[sso-session corp]\nsso_region = us-east-1\n"
                    "[services local]\nECS = \n  endpoint_url = http://a:1 # here\n"
                    "  # a comment among them\n\tother =\nlambda =\n  Endpoint_URL=http://b\n",
                    ""));
    const struct profiles_section *services = profiles_find(&profiles, PROFILES_SERVICES,
                                                            slice_of("local"));
    const struct profiles_section *session = profiles_find(&profiles, PROFILES_SSO_SESSION,
                                                           slice_of("corp"));
    struct slice value = {0};
    CHECK(session && slice_is(*profiles_get(session, "sso_region"), "us-east-1"));
    CHECK(services && profiles_sub(services, "ecs", "endpoint_url", &value));
    CHECK(slice_is(value, "http://a:1"));
    CHECK(profiles_sub(services, "ecs", "other", &value) && value.size == 0);
    CHECK(profiles_sub(services, "lambda", "endpoint_url", &value) && slice_is(value, "http://b"));
    CHECK(!profiles_sub(services, "lambda", "other", &value));
    CHECK(!profiles_sub(services, "sts", "endpoint_url", &value));
    CHECK(!section_of("corp") && !section_of("local"));
}

static void test_default(void)
{
    static const char *const configs[] = {"[default]\na=1\nb=1\n[profile default]\na=2\n",
                                          "[profile default]\na=2\n[default]\na=1\nb=1\n"};
    for (size_t i = 0; i < 2; i++) {
        CHECK(read_both(configs[i], "[default]\nc=3\n"));
        CHECK_TEXT(value_of("default", "a"), "2");
        CHECK_TEXT(value_of("default", "b"), "(none)");
        CHECK_TEXT(value_of("default", "c"), "3");
    }
}

static void test_warnings(void)
{
    static const struct {
        const char *config, *credentials, *warning;
    } rows[] = {
        {"[ship]\n", "", "config:1: not a section of a config file, left out: \"ship\""},
        {"[sso-sesion a]", "",
         "config:1: not a section of a config file, left out: \"sso-sesion a\""},
        {"\n[profile a!]\nx=1", "", "config:2: not a name for a profile, left out: \"a!\""},
        {"[profile]", "", "config:1: not a section of a config file, left out: \"profile\""},
        {"", "[profile a]", "credentials:1: not a name for a profile, left out: \"profile a\""},
        {"[default]\na b = secret", "", "config:2: not a name for a property, left out: \"a b\""},
        {"[profile default]\n[default]", "",
         "config:2: left out, since there is a [profile default]: \"default\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK(read_both(rows[i].config, rows[i].credentials));
        CHECK(collected.count == 1);
        CHECK_TEXT(collected.last, rows[i].warning);
    }
    CHECK(profiles_read(&profiles, PROFILES_CONFIG, "config", slice_of("[a]"), NULL, &err));
}

/* The line is named, what stands in it is not: it may be a secret. */
static void test_refused(void)
{
    static const struct {
        const char *config, *message;
    } rows[] = {
        {"\n\nsecret", "config:3: Expected a profile definition"},
        {" secret", "config:1: Expected a profile definition, found continuation"},
        {"[default\n", "config:1: Profile definition must end with ']'"},
        {"[", "config:1: Profile definition must end with ']'"},
        {"[default] secret", "config:1: Profile definition must end with ']'"},
        {"[default]\nsecret", "config:2: Expected an '=' sign defining a property"},
        {"[default]\n = secret", "config:2: Expected a property definition, found continuation"},
        {"[default]\n=secret", "config:2: Property did not have a name"},
        {"[default]\na =\n secret", "config:3: Expected an '=' sign defining a sub-property"},
        {"[default]\na = #\n = b", "config:3: Sub-property did not have a name"},
        {"[left out]\nsecret", "config:2: Expected an '=' sign defining a property"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK(!read_both(rows[i].config, ""));
        CHECK_TEXT(err.message, rows[i].message);
    }
    CHECK(!profiles_read(&profiles, PROFILES_CONFIG, "config", (struct slice){"[a]\0", 4}, NULL,
                         &err));
    CHECK_TEXT(err.message, "config: a NUL byte: this is no text");
}

static void test_limits(void)
{
    struct buffer text = {.max = PROFILES_FILE_MAX + 1};
    for (int i = 0; i < 10001; i++)
        buffer_append_format(&text, &err, "[profile %d]\n", i);
    profiles_clear(&profiles);
    CHECK(!profiles_read(&profiles, PROFILES_CONFIG, "config", buffer_slice(&text), NULL, &err));
    CHECK(err.code == ERROR_LIMIT);
    while (text.size <= PROFILES_FILE_MAX)
        buffer_append_text(&text, "\n", &err);
    CHECK(!profiles_read(&profiles, PROFILES_CONFIG, "config", buffer_slice(&text), NULL, &err));
    CHECK_TEXT(err.message, "config: more than 262142 bytes");
    buffer_clear(&text);
}

/* A property left out takes its continuations with it; what follows is its own again. */
static void test_left_out(void)
{
    CHECK(read_both("[profile a]\nb c =\n d = 1\n\te = 2\nf = g\n h\n[profile ?]\nf = 2\n", ""));
    CHECK_TEXT(value_of("a", "f"), "g\nh");
    CHECK(section_of("a")->properties->next == NULL);
}

struct table {
    struct environment environment;
    const char *const *pairs; /* name, value, ..., NULL */
};

static const char *look_up(const struct environment *environment, const char *name)
{
    const char *const *pair = ((const struct table *)environment)->pairs;
    while (*pair && strcmp(*pair, name) != 0)
        pair += 2;
    return *pair ? pair[1] : NULL;
}

static const char *locate(enum profiles_file file, const char *const *pairs)
{
    static struct buffer path = {.max = 100};
    struct table table = {{look_up}, pairs};
    buffer_empty(&path);
    if (!buffer_append_text(&path, "", &err) ||
        !profiles_locate(&path, file, PROFILES_UNIX, &table.environment, &err))
        return "(failed)";
    return path.size > 0 ? path.data : "";
}

static void test_locations(void)
{
    static const char *const none[] = {NULL};
    static const char *const home[] = {"HOME", "/h", "AWS_CONFIG_FILE", "", NULL};
    static const char *const chosen[] = {
        "HOME", "/h", "AWS_CONFIG_FILE", "~/c", "AWS_SHARED_CREDENTIALS_FILE", "~user/c", NULL};
    char endless[200];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    const char *const deep[] = {"HOME", endless, NULL};
    CHECK_TEXT(locate(PROFILES_CONFIG, none), "");
    CHECK_TEXT(locate(PROFILES_CONFIG, home), "/h/.aws/config");
    CHECK_TEXT(locate(PROFILES_CREDENTIALS, home), "/h/.aws/credentials");
    CHECK_TEXT(locate(PROFILES_CONFIG, chosen), "/h/c");
    CHECK_TEXT(locate(PROFILES_CREDENTIALS, chosen), "~user/c");
    CHECK_TEXT(locate(PROFILES_CONFIG, deep), "(failed)");
}

static void test_chosen(void)
{
    static const char *const rows[][5] = {{NULL},
                                          {"AWS_PROFILE", "", NULL},
                                          {"AWS_DEFAULT_PROFILE", "b", NULL},
                                          {"AWS_PROFILE", "a", "AWS_DEFAULT_PROFILE", "b", NULL}};
    static const char *const names[] = {"default", "default", "b", "a"};
    for (size_t i = 0; i < 4; i++) {
        struct table table = {{look_up}, rows[i]};
        CHECK(slice_is(profiles_chosen(&table.environment), names[i]));
    }
}

static const struct check_test tests[] = {
    {"both_files", test_both_files}, {"sections", test_sections},   {"default", test_default},
    {"warnings", test_warnings},     {"refused", test_refused},     {"limits", test_limits},
    {"left_out", test_left_out},     {"locations", test_locations}, {"chosen", test_chosen},
};

int main(int argc, char **argv)
{
    profiles_init(&profiles);
    int status = check_main(tests, sizeof tests / sizeof *tests, argc, argv);
    profiles_clear(&profiles);
    return status;
}

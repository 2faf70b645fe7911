/* tidelock.lua: what it may say, what is said of what it may not, and what follows from it. This
 * program is also the process that the file is evaluated in. */
#include "check.h"
#include "cli/config.h"
#include "cli/policy_child.h"
#include "script/child.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct error err;
static char folder[] = "/tmp/tidelock-config-XXXXXX";

/* Writes the file, if there is to be one, and reads it as that beside a policy. */
static bool read_text(struct config *config, const char *text)
{
    char policy[64];
    char path[64];
    snprintf(policy, sizeof policy, "%s/canary.lua", folder);
    snprintf(path, sizeof path, "%s/tidelock.lua", folder);
    FILE *file = text ? fopen(path, "we") : NULL;
    if (text)
        CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
    bool ok = config_read(config, NULL, policy, &err);
    if (text)
        unlink(path);
    return ok;
}

static void test_whole(void)
{
    struct config config;
    CHECK(read_text(&config,
                    "local host = 'http://prometheus:9090'\n"
                    "return { profile = 'prod', region = 'eu-central-1', state = 'runs',\n"
                    "providers = { prom = { kind = 'prometheus', url = host } },\n"
                    "metrics = { errors = {} },\n"
                    "allow = { operations = { 'elbv2.*', 'lambda.update_alias' },\n"
                    "resources = { 'arn:aws:*' }, calls_per_minute = 60, at_a_time = 4 },\n"
                    "rollback = { patience = '2h' } }"));
    char state[64];
    snprintf(state, sizeof state, "%s/runs", folder);
    CHECK_TEXT(config.state, state);
    CHECK(slice_is(config.profile, "prod") && slice_is(config.region, "eu-central-1"));
    CHECK(config.calls_per_minute == 60 && config.at_a_time == 4);
    CHECK(config.patience == INT64_C(7200000));
    const struct value *prom = value_get(value_get(config.value, "providers"), "prom");
    CHECK(value_is_text(value_get(prom, "url"), "http://prometheus:9090"));
    CHECK(config_allows_operation(&config, slice_of("elbv2.modify_rule")));
    CHECK(config_allows_operation(&config, slice_of("lambda.update_alias")));
    CHECK(!config_allows_operation(&config, slice_of("lambda.update_aliases")));
    CHECK(!config_allows_operation(&config, slice_of("ecs.update_service")));
    CHECK(config_allows_resource(&config, slice_of("arn:aws:lambda:x")));
    CHECK(!config_allows_resource(&config, slice_of("arn:aws-cn:lambda:x")));
    config_clear(&config);
}

/* Nothing said: everything that can be put back, and no limit. */
static void check_defaults(const struct config *config)
{
    CHECK(config_allows_operation(config, slice_of("ecs.update_service")));
    CHECK(config_allows_resource(config, slice_of("x")));
    CHECK(config->calls_per_minute == 0 && config->at_a_time == 0);
    CHECK(config->patience == 0);
    CHECK(config->profile.size == 0 && config->region.size == 0);
}

static void test_defaults(void)
{
    struct config config;
    CHECK(read_text(&config, NULL));
    CHECK_TEXT(config.path, "");
    CHECK_TEXT(config.state, ".tidelock");
    check_defaults(&config);
    config_clear(&config);
    CHECK(read_text(&config, "return {}"));
    CHECK(strcmp(config.state + strlen(config.state) - 10, "/.tidelock") == 0);
    check_defaults(&config);
    config_clear(&config);
    CHECK(
        read_text(&config, "return { state = '/var/lib/tidelock', allow = { operations = {} } }"));
    CHECK_TEXT(config.state, "/var/lib/tidelock");
    CHECK(!config_allows_operation(&config, slice_of("ecs.update_service")));
    CHECK(config_allows_resource(&config, slice_of("x")));
    config_clear(&config);
}

static const struct wrong {
    const char *text, *message;
} wrong[] = {
    {"return 7", "tidelock.lua: it must return a table with names, not an integer"},
    {"return { 1 }", "tidelock.lua: it must return a table with names, not a list"},
    {"return", "tidelock.lua: it must return a table with names, not nothing"},
    {"return { profil = 'x' }", "tidelock.lua: profil: there is no such member; did you mean "
                                "profile?"},
    {"return { colour = 'x' }", "tidelock.lua: colour: there is no such member"},
    {"return { allow = { operation = {} } }",
     "tidelock.lua: allow.operation: there is no such member; did you mean operations?"},
    {"return { profile = 7 }", "tidelock.lua: profile: expected some text, not an integer 7"},
    {"return { region = '' }", "tidelock.lua: region: expected some text, not text \"\""},
    {"return { state = 'a\\0b' }", "tidelock.lua: state: expected some text, not text \"a"},
    {"return { providers = { 1 } }",
     "tidelock.lua: providers: expected a table with names, not a list"},
    {"return { allow = { operations = 'elbv2.*' } }",
     "tidelock.lua: allow.operations: expected a list of operations (\"SERVICE.OPERATION\") and "
     "patterns (\"SERVICE.*\"), not text \"elbv2.*\""},
    {"return { allow = { operations = { 'elbv2.*', 7 } } }",
     "tidelock.lua: allow.operations[2]: expected an operation (\"SERVICE.OPERATION\") or a "
     "pattern (\"SERVICE.*\"), not an integer"},
    {"return { allow = { operations = { 'elbv2:ModifyRule' } } }",
     "tidelock.lua: allow.operations[1]: expected an operation (\"SERVICE.OPERATION\") or a "
     "pattern (\"SERVICE.*\"), not \"elbv2:ModifyRule\""},
    {"return { allow = { operations = { 'elbv2.*', '*', 'elbv2' } } }",
     "tidelock.lua: allow.operations[3]: expected an operation (\"SERVICE.OPERATION\") or a "
     "pattern (\"SERVICE.*\"), not \"elbv2\""},
    {"return { allow = { resources = { '' } } }",
     "tidelock.lua: allow.resources[1]: expected a resource or a pattern "
     "(\"arn:aws:SERVICE:*:NAME*\"), not text"},
    {"return { allow = { calls_per_minute = 0 } }",
     "tidelock.lua: allow.calls_per_minute: expected a whole number from 1 to 60000, not an "
     "integer 0"},
    {"return { allow = { at_a_time = 1.5 } }",
     "tidelock.lua: allow.at_a_time: expected a whole number from 1 to 60000, not a number with a "
     "fraction"},
    {"return { rollback = { patience = 30 } }",
     "tidelock.lua: rollback.patience: expected a duration from 1s to 366d (\"30m\"), not an "
     "integer 30"},
    {"return { rollback = { patience = '0s' } }",
     "tidelock.lua: rollback.patience: expected a duration from 1s to 366d (\"30m\"), not text "
     "\"0s\""},
    {"return { rollback = { pateince = '5m' } }",
     "tidelock.lua: rollback.pateince: there is no such member; did you mean patience?"},
    {"return { allow = { irreversible = true } }",
     "tidelock.lua: allow.irreversible: there is no such member"},
    {"return { metrics = { errors = print } }",
     "tidelock.lua:1: the value returned: .metrics.errors is a function"},
    {"return {\n}}", "tidelock.lua:2: "},
    {"return os.getenv('HOME')", "tidelock.lua:1: "},
    {"while true do end", "tidelock.lua:1: the work budget is spent"},
};

/* A message may go on with what another part of the program says. */
static void test_wrong(void)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct config config;
        const char *message = wrong[i].message;
        err.message[0] = '\0';
        CHECK(!read_text(&config, wrong[i].text));
        if (strncmp(err.message, message, strlen(message)) != 0)
            CHECK_TEXT(err.message, message);
        config_clear(&config);
    }
}

static void test_named_file(void)
{
    struct config config;
    char path[64];
    snprintf(path, sizeof path, "%s/other.lua", folder);
    CHECK(!config_read(&config, path, NULL, &err) && strstr(err.message, "No such file") != NULL);
    config_clear(&config);
    FILE *file = fopen(path, "we");
    CHECK(file && fputs("return { region = 7 }", file) >= 0 && fclose(file) == 0);
    CHECK(!config_read(&config, path, NULL, &err));
    CHECK_TEXT(err.message, "other.lua: region: expected some text, not an integer 7");
    config_clear(&config);
    unlink(path);
}

/* A link that leads nowhere may have led to what the operator forbids. */
static void test_link(void)
{
    struct config config;
    char path[64];
    char message[128];
    snprintf(path, sizeof path, "%s/tidelock.lua", folder);
    snprintf(message, sizeof message,
             "%s: it is a link, and where it leads: No such file or directory", path);
    CHECK(symlink("/nope", path) == 0 && !read_text(&config, NULL));
    CHECK_TEXT(err.message, message);
    config_clear(&config);
    CHECK(unlink(path) == 0 && symlink("tidelock.lua", path) == 0 && !read_text(&config, NULL));
    config_clear(&config);
    CHECK(unlink(path) == 0 && mkdir(path, 0700) == 0 && !read_text(&config, NULL));
    CHECK(strstr(err.message, "is a folder; a file was expected") != NULL);
    config_clear(&config);
    CHECK(rmdir(path) == 0);
}

static const struct match {
    const char *pattern, *text;
    bool fits;
} matches[] = {
    {"", "", true},          {"", "a", false},         {"*", "", true},
    {"*", "abc", true},      {"a", "a", true},         {"a", "ab", false},
    {"a*", "ab", true},      {"*b", "ab", true},       {"*b", "ba", false},
    {"a*c", "abc", true},    {"a*c", "ac", true},      {"a*c", "abcd", false},
    {"*a*b*", "xaxb", true}, {"*a*b*", "ba", false},   {"**", "x", true},
    {"a*ab", "aab", true},   {"*ab*ab", "abab", true}, {"*ab*ab", "ab", false},
    {"a?c", "abc", false},   {"*a", "aaaa", true},
};

static void test_matches(void)
{
    char text[4096];
    for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
        const struct match *match = &matches[i];
        if (!CHECK(config_matches(slice_of(match->pattern), slice_of(match->text)) == match->fits))
            fprintf(stderr, "%s %s\n", match->pattern, match->text);
    }
    memset(text, 'a', sizeof text - 1); /* would never end if every star were tried anew */
    text[sizeof text - 1] = '\0';
    CHECK(!config_matches(slice_of("*a*a*a*a*a*a*a*a*a*a*a*b"), slice_of(text)));
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"whole", test_whole},           {"defaults", test_defaults}, {"wrong", test_wrong},
        {"named_file", test_named_file}, {"link", test_link},         {"matches", test_matches},
    };
    if (argc == 2 && strcmp(argv[1], CHILD_ARGUMENT) == 0)
        return policy_child();
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder))
        return 1;
    int status = check_main(tests, sizeof tests / sizeof *tests, argc, argv);
    rmdir(folder);
    return status;
}

/* The operator's file and the team's: who may say what. This program is also the process that they
 * are evaluated in. */
#include "check.h"
#include "cli/config.h"
#include "cli/policy_child.h"
#include "script/child.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct error err;
static char folder[] = "/tmp/tidelock-team-XXXXXX";
static char operators[96]; /* the user's own */
static char teams[96];

static void put(const char *path, const char *text)
{
    unlink(path);
    FILE *file = text ? fopen(path, "we") : NULL;
    CHECK(!text || (file && fputs(text, file) >= 0 && fclose(file) == 0));
}

/* Reads what both say; NULL: there is no such file. */
static bool read_both(struct config *config, const char *operators_text, const char *teams_text)
{
    char policy[96];
    snprintf(policy, sizeof policy, "%s/policy.lua", folder);
    put(operators, operators_text);
    put(teams, teams_text);
    return config_read(config, NULL, policy, &err);
}

static void check_refused(const char *operators_text, const char *teams_text, const char *part)
{
    struct config config;
    CHECK(!read_both(&config, operators_text, teams_text) && err.code == ERROR_INVALID);
    if (!CHECK(strstr(err.message, part) != NULL))
        fprintf(stderr, "    %s\n", err.message);
    config_clear(&config);
}

/* The team narrows what the operator allows, and widens nothing. */
static void test_allow(void)
{
    struct config config;
    CHECK(
        read_both(&config,
                  "return { allow = { operations = { 'elbv2.*', 'lambda.update_alias' },\n"
                  "calls_per_minute = 60 } }",
                  "return { allow = { operations = { 'lambda.*', 'ssm.*' }, resources = { 'a*' },\n"
                  "calls_per_minute = 600, at_a_time = 2 } }"));
    CHECK(config_allows_operation(&config, slice_of("lambda.update_alias")));
    CHECK(!config_allows_operation(&config, slice_of("elbv2.modify_rule")));
    CHECK(!config_allows_operation(&config, slice_of("lambda.delete_alias")));
    CHECK(!config_allows_operation(&config, slice_of("ssm.put_parameter")));
    CHECK(config_allows_resource(&config, slice_of("ab")));
    CHECK(!config_allows_resource(&config, slice_of("b")));
    CHECK(config.calls_per_minute == 60 && config.at_a_time == 2);
    CHECK_TEXT(config.path, operators);
    CHECK_TEXT(config.team_path, teams);
    CHECK(config.is_operators && !config.is_named);
    config_clear(&config);
}

static void test_choices(void)
{
    struct config config;
    char state[96];
    CHECK(read_both(&config, "return { profile = 'prod', state = '/var/lib/tidelock' }",
                    "return { profile = 'mine', region = 'eu-west-1', state = 'there' }"));
    CHECK(slice_is(config.profile, "prod") && slice_is(config.region, "eu-west-1"));
    CHECK_TEXT(config.state, "/var/lib/tidelock");
    config_clear(&config);
    CHECK(read_both(&config, "return {}", "return { state = 'there' }"));
    snprintf(state, sizeof state, "%s/there", folder);
    CHECK_TEXT(config.state, state);
    config_clear(&config);
    CHECK(read_both(&config, "return {}", NULL)); /* not beside the user's own file */
    CHECK_TEXT(config.state, CONFIG_STATE);
    CHECK_TEXT(config.team_path, "");
    config_clear(&config);
    check_refused("return {}", "return { rollback = { patience = '1s' } }",
                  "rollback is said in the operator's file, and that is ");
}

#define PROM(url) "prom = { kind = 'prometheus', url = '" url "' }"

static void test_hosts(void)
{
    static const char declared[] = "return { providers = { " PROM("https://p.example.com") " } }";
    struct config config;
    CHECK(read_both(&config, declared,
                    "return { providers = { other = { kind = 'http',\n"
                    "url = 'https://p.example.com/api' } }, metrics = { errors = {} } }"));
    CHECK(value_get(value_get(config.value, "providers"), "other") != NULL);
    CHECK(value_get(value_get(config.value, "providers"), "prom") != NULL);
    CHECK(value_get(value_get(config.value, "metrics"), "errors") != NULL);
    config_clear(&config);
    check_refused(declared,
                  "return { providers = { other = { kind = 'http', url = "
                  "'https://evil.com/p.example.com' } } }",
                  "providers.other.url: https://evil.com is no host of a provider in ");
    check_refused(declared,
                  "return { providers = { other = { kind = 'http', url = "
                  "'https://p.example.com.evil.com' } } }",
                  "https://p.example.com.evil.com is no host of a provider in ");
    check_refused(
        declared,
        "return { providers = { other = { kind = 'http', url = 'http://p.example.com' } } }",
        "http://p.example.com is no host of a provider in ");
    check_refused(declared, "return { providers = { " PROM("https://p.example.com/x") " } }",
                  "providers.prom is defined in ");
    check_refused("return { metrics = { errors = {} } }", "return { metrics = { errors = {} } }",
                  "metrics.errors is defined in ");
}

#define SENDS(variable)                                                                            \
    "return { providers = { p = { kind = 'http', url = 'https://h',\n"                             \
    "headers = { A = { env = '" variable "' } } } } }"

/* With an operator's file or without one. */
static void test_variables(void)
{
    struct config config;
    CHECK(read_both(&config, NULL, SENDS("TIDELOCK_TOKEN")) && !config.is_operators);
    config_clear(&config);
    check_refused(NULL, SENDS("AWS_SECRET_ACCESS_KEY"), "AWS_SECRET_ACCESS_KEY is AWS's");
    check_refused(NULL, SENDS("GITHUB_TOKEN"),
                  "providers.p.headers.A: it lies beside the policies");
    check_refused("return {}", SENDS("GITHUB_TOKEN"), "begin with TIDELOCK_, not GITHUB_TOKEN");
    check_refused(SENDS("AWS_SESSION_TOKEN"), NULL, "AWS_SESSION_TOKEN is AWS's");
    CHECK(read_both(&config, SENDS("GITHUB_TOKEN"), NULL));
    config_clear(&config);
}

/* --config before TIDELOCK_CONFIG before the user's; the operator may name the team's file. */
static void test_which_is_the_operators(void)
{
    struct config config;
    char named[96];
    char state[128];
    snprintf(named, sizeof named, "%s/named.lua", folder);
    put(operators, "return { region = 'users' }");
    put(teams, "return { region = 'teams', profile = 'teams' }");
    put(named, "return { region = 'named' }");
    CHECK(setenv("TIDELOCK_CONFIG", named, 1) == 0);
    CHECK(config_read(&config, NULL, teams, &err));
    CHECK(slice_is(config.region, "named") && slice_is(config.profile, "teams"));
    snprintf(state, sizeof state, "%s/.tidelock", folder);
    CHECK(config.is_named);
    CHECK_TEXT(config.state, state);
    config_clear(&config);
    CHECK(config_read(&config, teams, teams, &err));
    CHECK(slice_is(config.region, "teams") && config.is_operators && config.is_named);
    CHECK_TEXT(config.team_path, "");
    config_clear(&config);
    put(named, NULL);
    CHECK(!config_read(&config, NULL, teams, &err) && strstr(err.message, "No such file") != NULL);
    config_clear(&config);
    CHECK(unsetenv("TIDELOCK_CONFIG") == 0);
    CHECK(config_read(&config, NULL, teams, &err) && slice_is(config.region, "users"));
    config_clear(&config);
}

static void remove_folder(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(execlp("rm", "rm", "-rf", folder, (char *)NULL));
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"allow", test_allow},
        {"choices", test_choices},
        {"hosts", test_hosts},
        {"variables", test_variables},
        {"which_is_the_operators", test_which_is_the_operators},
    };
    if (argc == 2 && strcmp(argv[1], CHILD_ARGUMENT) == 0)
        return policy_child();
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder))
        return 1;
    snprintf(teams, sizeof teams, "%s/tidelock.lua", folder);
    snprintf(operators, sizeof operators, "%s/tidelock", folder);
    if (mkdir(operators, 0700) != 0 || setenv("XDG_CONFIG_HOME", folder, 1) != 0)
        return 1;
    snprintf(operators, sizeof operators, "%s/tidelock/config.lua", folder);
    int status = check_main(tests, sizeof tests / sizeof *tests, argc, argv);
    remove_folder();
    return status;
}

/* What the operator allows: which targets a run may begin on, whatever says that they are some. */
#include "check.h"
#include "cli/gate.h"
#include "host/host.h"

#include <stdlib.h>

static struct error err;
static struct pool pool = {.max = 16 << 20};
static struct host *host;
static struct catalogue *catalogue;
static struct config config;
static struct gate gate;

static const struct value *text_of(const char *json)
{
    struct slice kept;
    struct value *value = pool_alloc(&pool, sizeof *value, &err);
    CHECK(value && pool_copy(&pool, slice_of(json), &kept, &err) &&
          value_parse(value, kept, false, &pool, &err));
    return value;
}

static void allow(const char *allowed)
{
    const char *whole = "{\"allow\":%s}";
    char text[512];
    snprintf(text, sizeof text, whole, allowed);
    config = (struct config){.path = "operator.lua", .pool = {.max = 1 << 20}};
    CHECK(config_check(&config, "operator.lua", text_of(text), &err));
    CHECK(gate_init(&gate, catalogue, host, &config, &err));
}

static bool check(const char *target, struct gate_target *out)
{
    const struct value *home = text_of(
        "{\"account\":\"123456789012\",\"partition\":\"aws\",\"region\":\"eu-west-1\"}");
    return gate_check_target(&gate, host, text_of(target), home, out, &pool, &err);
}

#define ALIAS(members) "{\"type\":\"lambda_alias\",\"alias\":\"live\",\"canary\":\"2\"" members "}"
#define PAY ALIAS(",\"function\":\"pay\"")
#define SERVICE                                                                                    \
    "{\"type\":\"ecs_service\",\"cluster\":\"shop\",\"service\":\"checkout\",\"canary\":"          \
    "\"checkout:2\"}"

static void test_what_is_a_target(void)
{
    static const struct {
        const char *target, *said;
    } rows[] = {
        {"{}", "there is no type of target "},
        {"7", "there is no type of target "},
        {"null", "there is no type of target "},
        {"[\"lambda_alias\"]", "there is no type of target "},
        {"{\"type\":\"moon\"}", "there is no type of target moon"},
        {"{\"type\":\"../x\"}", "there is no type of target ../x"},
        {"{\"type\":{\"a\":1}}", "there is no type of target "},
        {ALIAS(""), "lambda_alias.function is missing"},
        {ALIAS(",\"function\":7"),
         "lambda_alias.function must be the name or ARN of a function, got 7"},
        {ALIAS(",\"function\":\"pay\",\"x\":1"), "lambda_alias.x is not a member of this"},
    };
    allow("{}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gate_target out;
        CHECK(!check(rows[i].target, &out) && err.code == ERROR_INVALID);
        CHECK_TEXT(err.message, rows[i].said);
    }
    struct gate_target out;
    CHECK(check(PAY, &out));
    CHECK(slice_is(out.identity, "arn:aws:lambda:eu-west-1:123456789012:function:pay:live"));
    CHECK(slice_is(out.label, "lambda_alias pay:live"));
}

static void test_what_is_allowed(void)
{
    static const struct {
        const char *allowed, *target, *said; /* NULL: it may begin */
    } rows[] = {
        {"{\"operations\":[\"lambda.*\"]}", PAY, NULL},
        {"{\"operations\":[\"lambda.get_alias\"]}", PAY,
         "lambda.update_alias is not among the operations that operator.lua allows "
         "(allow.operations)"},
        {"{\"resources\":[\"arn:*:function:pay:live\"]}", PAY, NULL},
        {"{\"resources\":[\"arn:*:function:shop:live\"]}", PAY,
         "arn:aws:lambda:eu-west-1:123456789012:function:pay:live is not among the resources that "
         "operator.lua allows (allow.resources)"},
        {"{\"resources\":[\"arn:*:service/shop/*\"]}", SERVICE, NULL},
        {"{\"resources\":[\"arn:*#taskDefinition\"]}", SERVICE, NULL},
        {"{\"resources\":[\"arn:*:service/shop/checkout#desiredCount\"]}", SERVICE,
         "arn:aws:ecs:eu-west-1:123456789012:service/shop/checkout#taskDefinition is not among the "
         "resources that operator.lua allows (allow.resources)"},
        {"{\"resources\":[]}", PAY,
         "arn:aws:lambda:eu-west-1:123456789012:function:pay:live is not among the resources that "
         "operator.lua allows (allow.resources)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gate_target out;
        allow(rows[i].allowed);
        bool may = check(rows[i].target, &out);
        if (!CHECK(may == !rows[i].said))
            fprintf(stderr, "%s\n", may ? "may" : err.message);
        if (!may && rows[i].said)
            CHECK_TEXT(err.message, rows[i].said);
    }
}

/* What the team narrows is looked at as the operator's own. */
static void test_what_the_team_narrows(void)
{
    static const struct {
        const char *operators, *teams, *said; /* NULL: it may be said */
    } rows[] = {
        {"{}", "{\"operations\":[\"lambda.*\"]}", NULL},
        {"{\"operations\":[\"lambda.*\"]}", "{\"operations\":[\"*.update_alias\",\"ecs.*\"]}",
         NULL},
        {"{\"operations\":[\"lambda.*\"]}", "{\"operations\":[]}", NULL},
        {"{}", "{\"operations\":[\"lambda.updatealias\"]}",
         "team.lua: allow.operations[1]: no operation fits \"lambda.updatealias\" (did you mean "
         "lambda.update_alias?)"},
        {"{\"operations\":[\"lambda.*\"]}", "{\"operations\":[\"ecs.*\"]}",
         "team.lua: allow.operations: nothing fits of what the operator allows"},
        {"{\"resources\":[\"arn:aws:lambda:*\"]}", "{\"resources\":[\"arn:aws:ecs:*\"]}",
         "team.lua: allow.resources: nothing fits of what the operator allows"},
        {"{}", "{\"resources\":[\"pay:live\"]}",
         "team.lua: allow.resources[1]: no resource fits \"pay:live\"; they are called by their "
         "ARN, "
         "arn:PARTITION:SERVICE:REGION:ACCOUNT:..."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config team = {.path = "team.lua"};
        char text[512];
        allow(rows[i].operators);
        snprintf(text, sizeof text, "{\"allow\":%s}", rows[i].teams);
        CHECK(config_check(&team, "team.lua", text_of(text), &err));
        CHECK(config_team_join(&config, &team, &err));
        snprintf(config.team_path, sizeof config.team_path, "team.lua");
        bool ok = gate_init(&gate, catalogue, host, &config, &err);
        if (!CHECK(ok == !rows[i].said))
            fprintf(stderr, "%zu: %s\n", i, ok ? "fine" : err.message);
        if (!ok && rows[i].said)
            CHECK_TEXT(err.message, rows[i].said);
        pool_clear(&config.pool);
    }
}

static void set_up(void)
{
    CHECK(host_new(&host, &err) && host_catalogue(host, &catalogue, &err));
}

static void clear(void)
{
    host_catalogue_free(catalogue);
    host_free(host);
    pool_clear(&pool);
}

CHECK_MAIN({"set_up", set_up}, {"what_is_a_target", test_what_is_a_target},
           {"what_is_allowed", test_what_is_allowed},
           {"what_the_team_narrows", test_what_the_team_narrows}, {"clear", clear})

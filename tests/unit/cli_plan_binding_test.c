/* A run that is bound to a plan: what it finds when it writes, and what it may write to. */
#include "check.h"
#include "cli/plan_binding.h"

static struct error err;
static struct host *host;
static struct catalogue *catalogue;
static struct plan_binding binding;
static struct pool pool = {.max = 16 << 20};

static struct value parse(const char *text)
{
    struct value value = value_null();
    struct slice kept; /* names and texts point into it */
    CHECK(pool_copy(&pool, slice_of(text), &kept, &err) &&
          value_parse(&value, kept, false, &pool, &err));
    return value;
}

static void bind(void)
{
    static struct value plan;
    plan = parse("{\"seal\":\"s\",\"bound\":{\"arn:aws:lambda:r:1:function:pay:live\":{"
                 "\"FunctionVersion\":\"41\",\"AdditionalVersionWeights\":{}}}}");
    CHECK(plan_binding_init(&binding, catalogue, host, &plan, &err));
}

/* Prepares an update of an alias that is found at this version. */
static bool prepare(const char *alias, const char *version)
{
    char text[256];
    struct value before, after, undo;
    snprintf(text, sizeof text,
             "{\"operation\":\"lambda.update_alias\",\"input\":{\"FunctionName\":\"pay\","
             "\"Name\":\"%s\",\"FunctionVersion\":\"42\"}}",
             alias);
    struct value request = parse(text);
    snprintf(text, sizeof text, "{\"Name\":\"%s\",\"FunctionVersion\":\"%s\"}", alias, version);
    struct value observed = parse(text);
    struct catalogue *bound = &binding.front.catalogue;
    struct value home = parse("{\"account\":\"1\",\"partition\":\"aws\",\"region\":\"r\"}");
    struct plan planned;
    return CHECK(bound->ops->plan(bound, &request, &home, &planned, &pool, &err)) &&
           bound->ops->prepare(bound, &request, &planned, &observed, &before, &after, &undo, &pool,
                               &err);
}

static void test_as_planned(void)
{
    bind();
    CHECK(prepare("live", "41"));
    CHECK(prepare("live", "42")); /* later, it is what the run made of it */
    plan_binding_clear(&binding);
}

static void test_stale(void)
{
    bind();
    CHECK(!prepare("live", "40") && err.code == ERROR_INVALID);
    CHECK_TEXT(err.message,
               "the plan is stale: arn:aws:lambda:r:1:function:pay:live is not as it was planned: "
               "FunctionVersion "
               "was \"41\" and is \"40\" (plan again)");
    CHECK(!prepare("live", "40")); /* and it stays so */
    CHECK(prepare("live", "41"));
    plan_binding_clear(&binding);
}

static void test_not_planned(void)
{
    bind();
    CHECK(!prepare("test", "41") && err.code == ERROR_INVALID);
    CHECK_TEXT(
        err.message,
        "arn:aws:lambda:r:1:function:pay:test is not among what the plan changes (plan again)");
    plan_binding_clear(&binding);
}

/* A pause of a deployment that the run has begun itself is named when it is there. */
static bool prepare_pause(const char *service)
{
    char text[512];
    struct value before, after, undo;
    struct catalogue *bound = &binding.front.catalogue;
    struct value home = parse("{\"account\":\"1\",\"partition\":\"aws\",\"region\":\"r\"}");
    snprintf(text, sizeof text,
             "{\"operation\":\"ecs.continue_service_deployment\",\"input\":{"
             "\"hookId\":\"h\",\"serviceDeploymentArn\":"
             "\"arn:aws:ecs:r:1:service-deployment/main/%s/7\"}}",
             service);
    struct value request = parse(text);
    struct value observed = parse(
        "{\"serviceDeployments\":[{\"status\":\"IN_PROGRESS\",\"lifecycleHookDetails\":[{"
        "\"hookId\":\"h\",\"status\":\"AWAITING_ACTION\"}]}]}");
    struct plan planned;
    return CHECK(bound->ops->plan(bound, &request, &home, &planned, &pool, &err)) &&
           bound->ops->prepare(bound, &request, &planned, &observed, &before, &after, &undo, &pool,
                               &err);
}

static void test_goes_along(void)
{
    static struct value plan;
    plan = parse("{\"seal\":\"s\",\"bound\":{\"arn:aws:ecs:r:1:service/main/web#taskDefinition\":{"
                 "\"taskDefinition\":\"web:1\"}}}");
    CHECK(plan_binding_init(&binding, catalogue, host, &plan, &err));
    CHECK(prepare_pause("web"));
    CHECK(!prepare_pause("web2") && err.code == ERROR_INVALID);
    CHECK(!prepare_pause("we"));
    CHECK(strstr(err.message, "service/main/we#h is not among what the plan changes") != NULL);
    plan_binding_clear(&binding);
}

static void test_no_plan(void)
{
    struct value plan = parse("{\"seal\":\"s\"}");
    CHECK(!plan_binding_init(&binding, catalogue, host, &plan, &err) && err.code == ERROR_DAMAGED);
    plan = parse("{\"bound\":[]}");
    CHECK(!plan_binding_init(&binding, catalogue, host, &plan, &err) && err.code == ERROR_DAMAGED);
    plan_binding_clear(&binding);
}

static void set_up(void)
{
    CHECK(host_new(&host, &err) && host_catalogue(host, &catalogue, &err));
}

static void tear_down(void)
{
    host_catalogue_free(catalogue);
    host_free(host);
    pool_clear(&pool);
}

CHECK_MAIN({"set_up", set_up}, {"as_planned", test_as_planned}, {"stale", test_stale},
           {"not_planned", test_not_planned}, {"goes_along", test_goes_along},
           {"no_plan", test_no_plan}, {"tear_down", tear_down})

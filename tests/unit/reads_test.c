/* What can be asked through the door that only reads go through. There is nothing behind it here:
 * whatever tried to be sent would fall into it. */
#include "check.h"
#include "host/host.h"
#include "world/reads.h"

static struct error err;
static struct host *host;
static struct reads reads;
static struct pool pool = {.max = 16 << 20};

static bool ask(const char *operation, const char *input)
{
    struct value value;
    struct reads_answer answer;
    if (!CHECK(value_parse(&value, slice_of(input), false, &pool, &err)))
        return false;
    struct member members[] = {{slice_of("input"), value},
                               {slice_of("operation"), value_text(operation)}};
    struct value request = {.kind = VALUE_OBJECT, .object = {members, 2}};
    return reads_ask(&reads, &request, &answer, &pool, &err);
}

static void test_changes(void)
{
    CHECK(!ask("lambda.update_alias", "{\"FunctionName\":\"pay\",\"Name\":\"live\"}"));
    CHECK(err.code == ERROR_INTERNAL);
    CHECK_TEXT(err.message, "lambda.update_alias changes something: it is not asked of AWS here");
    CHECK(!ask("ssm.put_parameter", "{\"Name\":\"a\",\"Value\":\"b\",\"Type\":\"String\"}"));
    CHECK(err.code == ERROR_INTERNAL);
}

static void test_undos(void)
{
    CHECK(!ask("ssm.delete_parameter", "{\"Name\":\"a\"}"));
    CHECK_TEXT(err.message,
               "ssm.delete_parameter is only used to undo: policies cannot ask for it");
}

static void test_what_is_not_there(void)
{
    CHECK(!ask("lambda.delete_function", "{}") && err.code == ERROR_INVALID);
    CHECK(!ask("lambda.get_alias", "{\"FunctionName\":\"pay\"}") && err.code == ERROR_INVALID);
}

static void set_up(void)
{
    CHECK(host_new(&host, &err) && host_catalogue(host, &reads.catalogue, &err));
}

static void tear_down(void)
{
    host_catalogue_free(reads.catalogue);
    host_free(host);
    pool_clear(&pool);
}

CHECK_MAIN({"set_up", set_up}, {"changes", test_changes}, {"undos", test_undos},
           {"what_is_not_there", test_what_is_not_there}, {"tear_down", tear_down})

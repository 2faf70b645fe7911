/* A sealed plan: what comes back of it, and what is said of one that is not what was written. */
#include "check.h"
#include "cli/plan_file.h"

static struct error err;
static struct pool pool = {.max = 16 << 20};

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define REQUEST "\"input\":{\"Name\":\"live\"},\"operation\":\"lambda.get_alias\""
#define MEMBERS                                                                                    \
    "\"account\":\"1\",\"arguments\":[[\"a\",\"b\"]],\"format\":\"tidelock-plan/2\","              \
    "\"identity\":\"i\",\"length\":7,\"made\":\"m\",\"observed\":[{\"before\":{\"v\":1},"          \
    "\"identity\":\"pay:live\",\"now\":{\"v\":1},\"observe\":{" REQUEST "}," REQUEST "}],"         \
    "\"policy\":\"p.lua\",\"region\":\"r\",\"seed\":7,\"sources\":{\"p.lua\":\"" DIGEST "\"},"     \
    "\"steps\":[],\"targets\":[],\"version\":\"0.1.0\""

static char sealed[4096];

/* The members with a seal that fits them; `from` (if any) is another text in them. */
static struct slice seal(const char *from, const char *to)
{
    char text[2048] = "{" MEMBERS "}";
    struct value members, document;
    struct buffer out;
    char *at = from ? strstr(text, from) : NULL;
    if (from && CHECK(at)) {
        char rest[2048];
        snprintf(rest, sizeof rest, "%s", at + strlen(from));
        snprintf(at, sizeof text - (size_t)(at - text), "%s%s", to, rest);
    }
    buffer_init(&out, sizeof sealed);
    CHECK(value_parse(&members, slice_of(text), false, &pool, &err) &&
          plan_file_seal(&document, &members, &pool, &err) && value_write(&document, &out, &err));
    snprintf(sealed, sizeof sealed, "%s\n", out.data);
    buffer_clear(&out);
    return slice_of(sealed);
}

static bool read_plan(struct slice bytes)
{
    struct plan_file planned;
    return plan_file_read(&planned, bytes, &pool, &err);
}

static void test_whole(void)
{
    struct plan_file planned;
    struct value bound;
    struct slice bytes = seal(NULL, NULL);
    CHECK(plan_file_is(bytes) && plan_file_read(&planned, bytes, &pool, &err));
    CHECK(slice_is(planned.policy, "p.lua") && slice_is(planned.account, "1"));
    CHECK(slice_is(planned.region, "r") && slice_is(planned.version, "0.1.0"));
    CHECK(planned.seed == 7 && planned.arguments->array.count == 1);
    CHECK(slice_is(value_get_slice(planned.sources, "p.lua", ""), DIGEST));
    CHECK(plan_file_bound(&planned, &bound, &pool, &err));
    const struct value *before = value_get(value_get(&bound, "bound"), "pay:live");
    CHECK(value_get_integer(before, "v", 0) == 1);
    CHECK(slice_equal(value_get_slice(&bound, "seal", ""), planned.seal));
}

static void test_is(void)
{
    CHECK(plan_file_is(slice_of(" \n{")) && plan_file_is(slice_of("{\"format\"")));
    CHECK(!plan_file_is(slice_of("")) && !plan_file_is(slice_of("return {}")));
    CHECK(!plan_file_is(slice_of("-- {")) && !plan_file_is(slice_of("[1]")));
}

/* At every length, and with every byte another. */
static void test_damaged(void)
{
    struct slice bytes = seal(NULL, NULL);
    for (size_t size = 0; size < bytes.size - 1; size++) {
        CHECK(!read_plan((struct slice){sealed, size}) && err.code == ERROR_DAMAGED);
        pool_reset(&pool);
    }
    for (size_t i = 0; i < bytes.size - 1; i++) {
        sealed[i] ^= 1;
        CHECK(!read_plan(bytes));
        sealed[i] ^= 1;
        pool_reset(&pool);
    }
    CHECK(read_plan(bytes));
}

static const struct wrong {
    const char *from, *to, *message;
} wrong[] = {
    {"tidelock-plan/2", "tidelock-plan/1",
     "its format is \"tidelock-plan/1\", and this program reads tidelock-plan/2: it is no plan, or "
     "one of another version of tidelock"},
    {"\"format\":\"tidelock-plan/2\",", "",
     "its format is \"\", and this program reads tidelock-plan/2: it is no plan, or one of another "
     "version of tidelock"},
    {"\"seed\":7", "\"seed\":-7", "the plan's \"seed\" must be 0 or more"},
    {"\"seed\":7", "\"seed\":7.5", "the plan's \"seed\" must be there, and of the kind integer"},
    {"\"made\":\"m\",", "", "the plan's \"made\" must be there, and of the kind string"},
    {"[\"a\",\"b\"]", "[\"a\"]",
     "the plan's \"arguments\" must be pairs of texts; number 1 is not"},
    {"\"" DIGEST "\"", "\"0\"", "the plan's \"sources\" must be SHA-256 digests; number 1 is not"},
    {"\"now\":{\"v\":1},", "",
     "the plan's \"observed\" must say identity, operation, input, observe, before and now; number "
     "1 "
     "does not"},
    {"\"seed\":7", "\"failure\":{},\"seed\":7",
     "it shows a run that would be rolled back, and cannot be carried out"},
};

/* What has no members at all can be sealed, and is no plan. */
static void test_empty(void)
{
    struct value members;
    struct value document;
    struct buffer out = {.max = 1 << 10};
    CHECK(value_parse(&members, slice_of("{}"), false, &pool, &err));
    members.object.members = NULL; /* as an object that was never filled has it */
    CHECK(plan_file_seal(&document, &members, &pool, &err) && value_write(&document, &out, &err));
    CHECK(!read_plan(buffer_slice(&out)));
    buffer_clear(&out);
}

static void test_wrong(void)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK(!read_plan(seal(wrong[i].from, wrong[i].to)) && err.code == ERROR_INVALID);
        CHECK_TEXT(err.message, wrong[i].message);
    }
    CHECK(!read_plan(slice_of("[]")) && err.code == ERROR_INVALID);
    CHECK_TEXT(err.message, "a plan is an object");
}

static void test_said(void)
{
    seal(NULL, NULL);
    *strstr(sealed, "p.lua") = 'q';
    CHECK(!read_plan(slice_of(sealed)) && err.code == ERROR_DAMAGED);
    CHECK_TEXT(err.message,
               "the seal is broken: the plan was changed after it was made; plan again");
    CHECK(!read_plan(slice_of("{\"format\":")));
    CHECK(strstr(err.message, "the plan is cut short, or is not as it was written") != NULL);
}

/* Two states for one resource are no plan. */
static void test_twice(void)
{
    struct plan_file planned;
    struct value bound;
    const char *one = "{\"before\":{},\"identity\":\"k\",\"now\":{},\"observe\":{" REQUEST
                      "}," REQUEST "}";
    char both[1024];
    snprintf(both, sizeof both, "\"observed\":[%s,%s,", one, one);
    CHECK(plan_file_read(&planned, seal("\"observed\":[", both), &pool, &err));
    CHECK(!plan_file_bound(&planned, &bound, &pool, &err) && err.code == ERROR_INVALID);
}

static void tear_down(void)
{
    pool_clear(&pool);
}

CHECK_MAIN({"whole", test_whole}, {"is", test_is}, {"damaged", test_damaged}, {"empty", test_empty},
           {"wrong", test_wrong}, {"said", test_said}, {"twice", test_twice},
           {"tear_down", tear_down})

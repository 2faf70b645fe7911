/* What a recording must have of the hours before a rollout that is simulated over it. */
#include "traffic_check.h"

#include <stdio.h>
#include <string.h>

static const char asks[] = "[[{\"count\":true,\"metric\":\"errors\"},"
                           "{\"metric\":\"requests\",\"requests\":true}]]";
static const char one[] = "[{\"alias\":\"live\",\"function\":\"a\",\"type\":\"t\"}]";
static const char two[] = "[{\"alias\":\"live\",\"function\":\"a\",\"type\":\"t\"},"
                          "{\"alias\":\"live\",\"function\":\"b\",\"type\":\"t\"}]";

static struct value came;

static const char *refusal(const char *targets)
{
    struct value list = parse(targets);
    struct value asked = parse(asks);
    CHECK(start(1, NULL));
    bool ok = traffic_check_targets(&traffic, &list, &err) &&
              traffic_preflight(&traffic, &list, &asked, &came, &pool, &err);
    CHECK(ok || err.code == ERROR_INVALID);
    return ok ? "" : err.message;
}

static void test_fine(void)
{
    record_like("requests:service:sum errors:service:sum", 10, (double[]){1000, 1}, 2);
    CHECK_TEXT(refusal(one), "");
    CHECK_TEXT(refusal(two), "");
    record_like("requests:service:sum errors:service:sum", 10, (double[]){1, 0}, 2);
    CHECK_TEXT(refusal(one), "");
}

/* Of a count that has no point at all nobody knows that it would be there. */
static void test_not_there(void)
{
    record_like("requests:service:sum errors:service:sum", 10, (double[]){1000, 1}, 1);
    CHECK_TEXT(refusal(one), "the recording has no \"errors\" of the old version (service) in the "
                             "hours before the rollout: no data in 10 periods");
    record_like("requests:service:sum errors:service:sum", 10, (double[]){0, 0}, 2);
    CHECK_TEXT(refusal(one), "the recording has no \"requests\" of the old version (service) in "
                             "the hours before the rollout: 0 in 10 periods");
    /* So little says nothing of hours. */
    record_like("requests:service:sum errors:service:sum", 9, (double[]){1000, 1}, 1);
    CHECK_TEXT(refusal(one), "");
    record_like("requests:service:sum", 10, (double[]){1000}, 1);
    CHECK(strstr(refusal(one), "the recording has no metric \"errors\""));
}

/* Whose series they are. */
static void test_owners(void)
{
    record_like("requests:service:sum errors:service:sum requests:service:sum@b:test "
                "errors:service:sum@b:test",
                10, (double[]){1000, 1, 1000, 1}, 4);
    CHECK_TEXT(refusal(one), "the recording has \"requests\" (service) of the target \"b:test\", "
                             "which is none of this rollout's: they are called a:live, live, a");
    record_like("requests:service:sum errors:service:sum requests:service:sum@b "
                "errors:service:sum@b",
                10, (double[]){1000, 1, 1000, 1}, 4);
    CHECK_TEXT(refusal(two), "");
    record_like("requests:service:sum errors:service:sum requests:service:sum@b", 10,
                (double[]){1000, 1, 1000}, 3);
    CHECK_TEXT(refusal(two), "the recording has \"requests\" of a target, and \"errors\" of no "
                             "target in particular: they are not of the same requests");
    record_like("requests:baseline:sum requests:canary:sum errors:baseline:sum errors:canary:sum",
                10, (double[]){900, 100, 1, 0}, 4);
    CHECK_TEXT(refusal(one), "");
    CHECK_TEXT(refusal(two), "the recording has one canary's \"errors\", and there are 2 targets: "
                             "a series of each is needed");
}

static void check_came(const char *text)
{
    struct buffer out;
    buffer_init(&out, 1 << 16);
    CHECK(value_write(&came, &out, &err));
    CHECK_TEXT(out.data, text);
    buffer_clear(&out);
}

/* How much there was of each count, whoever asks for it and how often; of both arms where they are
 * told apart. */
static void test_what_came(void)
{
    struct value list = parse(one);
    struct value asked = parse("[[{\"count\":true,\"metric\":\"errors\"},{\"metric\":\"requests\","
                               "\"requests\":true}],[{\"metric\":\"requests\"}]]");
    record_like("requests:service:sum errors:service:sum", 10, (double[]){1000, 1}, 2);
    CHECK(start(1, NULL));
    CHECK(traffic_preflight(&traffic, &list, &asked, &came, &pool, &err));
    check_came(
        "[{\"arm\":\"baseline\",\"metric\":\"errors\",\"of\":0,\"period\":60000,"
        "\"span\":600000,\"sum\":10.0},{\"arm\":\"baseline\",\"metric\":\"requests\",\"of\":0,"
        "\"period\":60000,\"span\":600000,\"sum\":10000.0}]");
    record_like("requests:baseline:sum requests:canary:sum errors:baseline:sum errors:canary:sum",
                10, (double[]){900, 100, 1, 0}, 4);
    CHECK(start(1, NULL));
    asked = parse("[[{\"metric\":\"requests\",\"requests\":true}]]");
    CHECK(traffic_preflight(&traffic, &list, &asked, &came, &pool, &err));
    check_came(
        "[{\"arm\":\"baseline\",\"metric\":\"requests\",\"of\":0,\"period\":60000,"
        "\"span\":600000,\"sum\":9000.0},{\"arm\":\"canary\",\"metric\":\"requests\",\"of\":0,"
        "\"period\":60000,\"span\":600000,\"sum\":1000.0}]");
    record_like("requests:service:sum", 9, (double[]){1000}, 1); /* a moment */
    CHECK(start(1, NULL));
    CHECK(traffic_preflight(&traffic, &list, &asked, &came, &pool, &err));
    CHECK(came.kind == VALUE_NULL);
}

static void tear_down(void)
{
    recording_free(recording);
    pool_clear(&pool);
}

CHECK_MAIN({"fine", test_fine}, {"not_there", test_not_there}, {"owners", test_owners},
           {"what_came", test_what_came}, {"tear_down", tear_down})

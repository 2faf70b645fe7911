/* Traffic: which series answer, when a period is ready, what absence means, what cannot be. The
 * distributions of what is drawn are in traffic_draw_test.c. */
#include "traffic_check.h"

static const char service[] = "requests:service:sum errors:service:sum";
static const char arms[] = "requests:baseline:sum errors:baseline:sum requests:canary:sum "
                           "errors:canary:sum";

static void test_arms_as_recorded(void)
{
    struct buffer text;
    struct sample sample;
    begin_recording(&text, arms);
    for (int id = 1; id <= 4; id++)
        add_point(&text, id, 0, id * 10);
    add_point(&text, 1, 1, 9);
    add_point(&text, 3, 1, 0);
    add_point(&text, 2, 2, 5);
    add_point(&text, 4, 2, 5);
    open_text(&text);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        CHECK(start(seed, NULL));
        sample_minute("errors requests", 0, &sample);
        CHECK(is_value(&sample.baseline[0], 20) && is_value(&sample.baseline[1], 10));
        CHECK(is_value(&sample.canary[0], 40) && is_value(&sample.canary[1], 30));
        /* No errors among some requests are zero, among no requests they are nothing. */
        sample_minute("errors requests", 1, &sample);
        CHECK(is_value(&sample.baseline[0], 0) && is_value(&sample.baseline[1], 9));
        CHECK(is_nothing(&sample.canary[0]) && is_value(&sample.canary[1], 0));
        sample_minute("errors requests", 2, &sample);
        CHECK(is_nothing(&sample.canary[0]) && is_nothing(&sample.baseline[0]));
        CHECK(start(seed, "errors*2"));
        sample_minute("errors requests", 1, &sample);
        CHECK(is_nothing(&sample.canary[0]) && is_value(&sample.canary[1], 0));
    }
    finish();
}

/* Arms of their own go before the service. */
static void test_arms_before_service(void)
{
    struct sample sample;
    record_like("requests:service:sum requests:canary:sum requests:baseline:sum", 1,
                (double[]){1000, 7, 8}, 3);
    CHECK(start(1, NULL));
    sample_minute("requests", 0, &sample);
    CHECK(is_value(&sample.canary[0], 7) && is_value(&sample.baseline[0], 8));
    finish();
}

static void test_companion_rule(void)
{
    struct buffer text;
    struct sample sample;
    begin_recording(&text, service);
    add_point(&text, 1, 0, 1000);
    add_point(&text, 2, 0, 0);
    add_point(&text, 1, 1, 1000);
    add_point(&text, 2, 2, 5);
    add_point(&text, 1, 3, 0);
    add_point(&text, 1, 5, 1000);
    open_text(&text);
    CHECK(start(1, NULL));
    for (int minute = 0; minute < 2; minute++) {
        sample_minute("errors requests", minute, &sample);
        CHECK(is_value(&sample.canary[0], 0) && is_value(&sample.baseline[0], 0));
        CHECK(sample.canary[1].value + sample.baseline[1].value >= 1000);
    }
    for (int minute = 2; minute < 5; minute++) {
        sample_minute("errors requests", minute, &sample);
        for (int k = 0; k < 2; k++)
            CHECK(is_nothing(&sample.canary[k]) && is_nothing(&sample.baseline[k]));
    }
    finish();
}

static void add_word(struct buffer *text, int id, int64_t minute, const char *word)
{
    CHECK(buffer_append_format(text, &err, "{\"s\":%d,\"t\":%lld,\"v\":\"%s\"}\n", id,
                               (long long)minute * MINUTE, word));
}

static bool is_unanswered(const struct reading *reading)
{
    return reading->status == READING_PROVIDER_ERROR;
}

/* A provider that did not answer, for the requests or for what is counted among them. */
static void test_unanswered(void)
{
    struct buffer text;
    struct sample sample;
    begin_recording(&text, arms);
    add_word(&text, 1, 0, "provider error");
    add_point(&text, 3, 0, 30);
    add_word(&text, 4, 0, "provider error");
    add_word(&text, 1, 1, "no data");
    add_word(&text, 3, 1, "no data");
    open_text(&text);
    CHECK(start(1, NULL));
    sample_minute("errors requests", 0, &sample);
    CHECK(is_unanswered(&sample.baseline[0]) && is_unanswered(&sample.baseline[1]));
    CHECK(is_unanswered(&sample.canary[0]) && is_value(&sample.canary[1], 30));
    CHECK(start(1, "crash"));
    sample_minute("errors requests", 0, &sample);
    CHECK(is_unanswered(&sample.canary[0]) && is_nothing(&sample.canary[1]));
    sample_minute("errors requests", 1, &sample);
    for (int k = 0; k < 2; k++)
        CHECK(is_nothing(&sample.canary[k]) && is_nothing(&sample.baseline[k]));
    finish();
}

static void test_unanswered_service(void)
{
    struct buffer text;
    struct sample sample;
    begin_recording(&text, service);
    add_word(&text, 1, 0, "provider error");
    add_point(&text, 2, 0, 5);
    add_point(&text, 1, 1, 1000);
    add_word(&text, 2, 1, "provider error");
    open_text(&text);
    CHECK(start(1, NULL));
    sample_minute("errors requests", 0, &sample);
    for (int k = 0; k < 2; k++)
        CHECK(is_unanswered(&sample.canary[k]) && is_unanswered(&sample.baseline[k]));
    sample_minute("errors requests", 1, &sample);
    CHECK(is_unanswered(&sample.canary[0]) && sample.canary[1].status == READING_VALUE);
    finish();
}

static void test_all_and_nothing(void)
{
    struct sample sample;
    record_like(service, 1, (double[]){1000, 20}, 2);
    CHECK(start(1, NULL));
    share_percent = 0;
    sample_minute("errors requests", 0, &sample);
    CHECK(is_nothing(&sample.canary[0]) && is_nothing(&sample.canary[1]));
    CHECK(is_value(&sample.baseline[0], 20) && is_value(&sample.baseline[1], 1000));
    share_percent = 100; /* in another rollout: what was once asked stays as it was */
    CHECK(start(1, NULL));
    sample_minute("errors requests", 0, &sample);
    CHECK(is_value(&sample.canary[0], 20) && is_value(&sample.canary[1], 1000));
    CHECK(is_nothing(&sample.baseline[0]) && is_nothing(&sample.baseline[1]));
    finish();
}

static bool is_ready(const char *metrics, int64_t minute, int64_t now)
{
    struct sample sample;
    CHECK(sample_of(rule(), metrics, minute, now, &sample));
    return sample.ready;
}

static void test_settle(void)
{
    record_like(service, 3, (double[]){1000, 20}, 2);
    CHECK(start(1, NULL));
    CHECK(!is_ready("requests", 0, MINUTE - 1));
    CHECK(is_ready("requests", 0, MINUTE));
    traffic.options.settle = 90000;
    CHECK(!is_ready("requests", 0, MINUTE + 89999));
    CHECK(is_ready("requests", 0, MINUTE + 90000));
    CHECK(!is_ready("requests", 1, MINUTE + 90000));
    finish();
}

static void test_first_seen(void)
{
    struct buffer text;
    struct sample sample;
    begin_recording(&text, service);
    CHECK(buffer_append_text(&text,
                             "{\"s\":1,\"seen\":200000,\"t\":0,\"v\":100}\n"
                             "{\"s\":1,\"seen\":300000,\"t\":0,\"v\":500}\n"
                             "{\"s\":2,\"t\":0,\"v\":7}\n"
                             "{\"s\":1,\"t\":60000,\"v\":100}\n",
                             &err));
    open_text(&text);
    share_percent = 100;
    CHECK(start(1, NULL));
    traffic.options.settle = 1000;
    CHECK(!is_ready("requests", 0, 200999));
    CHECK(is_ready("requests", 0, 201000));
    /* Errors wait for what tells zero from nothing, asked for or not. */
    CHECK(!is_ready("errors", 0, 200999));
    CHECK(is_ready("errors", 0, 201000));
    CHECK(sample_of(rule(), "requests", 0, 299999, &sample));
    CHECK(is_value(&sample.canary[0], 100));
    CHECK(sample_of(rule(), "requests", 0, 301000, &sample));
    CHECK(is_value(&sample.canary[0], 500));
    CHECK(is_ready("requests", 1, 121000));
    finish();
}

static void test_end(void)
{
    struct sample sample;
    record_like(service, 3, (double[]){1000, 20}, 2);
    CHECK(start(1, NULL));
    CHECK(sample_of(rule(), "requests", 2, 0, &sample) && !sample.ended && !sample.ready);
    CHECK(sample_of(rule(), "requests", 3, 0, &sample) && sample.ended && !sample.ready);
    CHECK(sample_of(rule(), "requests", 99, INT64_C(1) << 40, &sample) && sample.ended);
    finish();
}

/* Who is told that a period is the last one that is there need not ask for the next. */
static void test_last(void)
{
    struct sample sample;
    record_like(service, 3, (double[]){1000, 20}, 2);
    CHECK(start(1, NULL));
    for (int64_t now = MINUTE; now <= 4 * MINUTE; now += MINUTE / 2) {
        for (int64_t minute = 0; minute < 3; minute++) {
            CHECK(sample_of(rule(), "requests errors", minute, now, &sample));
            bool told = sample.ready && sample.last;
            CHECK(sample_of(rule(), "requests errors", minute + 1, now, &sample));
            CHECK(told == (!sample.ready && !sample.ended && now >= (minute + 1) * MINUTE));
        }
    }
    finish();
}

/* Periods begin where the recording's do, also before its first. */
static void test_grid(void)
{
    struct buffer text;
    struct sample sample;
    struct slice name = slice_of("requests");
    begin_recording(&text, service);
    CHECK(buffer_append_text(&text, "{\"s\":1,\"t\":130000,\"v\":100}\n", &err));
    open_text(&text);
    CHECK(start(1, NULL));
    static const int64_t cases[][2] = {{0, 10000},       {10000, 10000},   {10001, 70000},
                                       {130000, 130000}, {130001, 190000}, {129999, 130000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sample_request request = {rule(), &name, 1, cases[i][0], 0, NULL};
        CHECK(traffic_sample(&traffic, &request, 0, &sample, &err));
        CHECK(sample.at == cases[i][1]);
    }
    finish();
}

static void check_refused(const char *metrics, const char *message)
{
    struct sample sample;
    err = (struct error){0};
    CHECK(!sample_of(rule(), metrics, 0, 0, &sample));
    CHECK(err.code == ERROR_INVALID);
    if (!CHECK(strstr(err.message, message) != NULL))
        fprintf(stderr, "%s\n", err.message);
}

static void test_metrics_that_are_not_there(void)
{
    record_like("requests:service:sum load:canary:average", 1, (double[]){1, 1}, 2);
    CHECK(start(1, NULL));
    check_refused("latency", "the recording has no metric \"latency\"; it has requests (service), "
                             "load (canary)");
    check_refused("requests load", "has \"load\" for one arm only, expected both canary and "
                                   "baseline, or service");
    check_refused("", "0 metrics in one sample, expected 1 to 32");
    finish();
}

static void test_targets(void)
{
    struct sample sample;
    struct value other = parse("{\"alias\":\"live\",\"canary\":\"42\",\"function\":\"pay\","
                               "\"type\":\"lambda_alias\"}");
    struct value third = parse("{\"rule\":\"r/2\",\"type\":\"alb_rule\"}");
    record_like("load:service:last load:service:last@r/1 load:service:last@pay:live", 1,
                (double[]){1, 2, 3}, 3);
    CHECK(start(1, NULL));
    sample_minute("load", 0, &sample);
    CHECK(is_value(&sample.canary[0], 2));
    CHECK(sample_of(&other, "load", 0, 1 << 20, &sample) && is_value(&sample.canary[0], 3));
    CHECK(sample_of(&third, "load", 0, 1 << 20, &sample) && is_value(&sample.canary[0], 1));
    finish();
    record_like("load:service:last@r/1 load:service:last@alb_rule", 1, (double[]){2, 5}, 2);
    CHECK(start(1, NULL));
    third = parse("{\"rule\":\"r/2\",\"type\":\"alb_rule\"}");
    CHECK(!sample_of(&third, "load", 0, 1 << 20, &sample));
    CHECK(strstr(err.message, "the recording has no metric \"load\" for this target") != NULL);
    finish();
}

static const char mixed_periods[] =
    "{\"format\":\"tidelock-recording\",\"series\":["
    "{\"arm\":\"service\",\"id\":1,\"metric\":\"requests\",\"period\":60000,\"statistic\":\"sum\"},"
    "{\"arm\":\"service\",\"id\":2,\"metric\":\"load\",\"period\":180000,\"statistic\":\"average\"}"
    ","
    "{\"arm\":\"service\",\"id\":3,\"metric\":\"peak\",\"period\":60000,\"statistic\":\"maximum\"},"
    "{\"arm\":\"service\",\"id\":4,\"metric\":\"low\",\"period\":60000,\"statistic\":\"minimum\"},"
    "{\"arm\":\"service\",\"id\":5,\"metric\":\"mean\",\"period\":60000,\"statistic\":\"average\"},"
    "{\"arm\":\"service\",\"id\":6,\"metric\":\"now\",\"period\":60000,\"statistic\":\"last\"},"
    "{\"arm\":\"service\",\"id\":7,\"metric\":\"l_p99\",\"period\":60000,\"statistic\":\"p99\"}],"
    "\"source\":\"test\",\"version\":1}\n";

static void test_periods_put_together(void)
{
    struct buffer text;
    struct sample sample;
    buffer_init(&text, 1 << 20);
    CHECK(buffer_append_text(&text, mixed_periods, &err));
    for (int minute = 0; minute < 3; minute++) {
        for (int id = 1; id <= 7; id++) {
            if ((id != 2 || minute == 0) && !(minute == 1 && id == 5))
                add_point(&text, id, minute, id * 10 + minute * 2);
        }
    }
    open_text(&text);
    share_percent = 100;
    CHECK(start(1, NULL));
    sample_minute("requests load peak low mean now", 0, &sample);
    static const double expected[] = {36, 20, 34, 40, 52, 64};
    for (size_t i = 0; i < 6; i++)
        CHECK(is_value(&sample.canary[i], expected[i]));
    check_refused("l_p99 load", "percentiles cannot be put together to the 180000 ms");
    finish();
}

static void test_injects_with_nothing_to_act_on(void)
{
    static const char *const cases[][2] = {
        {"latency*2", "nothing to inject into: the recording has no \"latency\" or"},
        {"requests*2", "\"requests\" cannot be injected into: it follows the canary's share"},
        {"load+1%", "a percentage of requests cannot be added to \"load\""},
        {"errors*2@1h",
         "the regression begins 1h after the start, and the recording ends 1m after it"},
    };
    record_like("requests:service:sum errors:service:sum load:service:average", 1,
                (double[]){100, 1, 5}, 3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err = (struct error){0};
        CHECK(!start(1, cases[i][0]));
        CHECK(err.code == ERROR_INVALID);
        if (!CHECK(strstr(err.message, cases[i][1]) != NULL))
            fprintf(stderr, "%s\n", err.message);
    }
    CHECK(start(1, "errors*2 load*3 crash@30s"));
    finish();
}

static const char *ask(const char *effect, int64_t now)
{
    struct value value = parse(effect);
    struct value out;
    struct buffer text;
    struct slice copy = {"", 0};
    if (!traffic_query(&traffic, &value, now, &out, &pool, &err))
        return err.message;
    buffer_init(&text, 1 << 20);
    CHECK(value_write(&out, &text, &err) && pool_copy(&pool, buffer_slice(&text), &copy, &err));
    buffer_clear(&text);
    return copy.data;
}

#define QUERY(metric, arm, from, to)                                                               \
    "{\"arm\":\"" arm "\",\"from\":" from ",\"metric\":\"" metric                                  \
    "\",\"target\":{\"rule\":\"r/1\"},\"to\":" to "}"

static void test_queries(void)
{
    struct buffer text;
    begin_recording(&text, arms);
    for (int minute = 0; minute < 3; minute++) {
        add_point(&text, 1, minute, 900 + minute);
        add_point(&text, 3, minute, 100 + minute);
        if (minute == 1)
            add_point(&text, 4, minute, 5);
    }
    open_text(&text);
    CHECK(start(1, NULL));
    CHECK_TEXT(ask(QUERY("requests", "canary", "0", "120000"), 1 << 20),
               "{\"points\":[{\"at\":0,\"value\":100.0},{\"at\":60000,\"value\":101.0}]}");
    CHECK_TEXT(ask(QUERY("requests", "service", "60000", "60001"), 1 << 20),
               "{\"points\":[{\"at\":60000,\"value\":1002.0}]}");
    CHECK_TEXT(ask(QUERY("errors", "canary", "0", "900000000000000"), 1 << 20),
               "{\"points\":[{\"at\":0,\"value\":0.0},{\"at\":60000,\"value\":5.0},"
               "{\"at\":120000,\"value\":0.0}]}");
    CHECK_TEXT(ask(QUERY("requests", "canary", "0", "900000"), 119999),
               "{\"points\":[{\"at\":0,\"value\":100.0}]}");
    CHECK_TEXT(ask(QUERY("requests", "canary", "500000", "600000"), 1 << 20), "{\"points\":[]}");
    CHECK_TEXT(ask(QUERY("requests", "green", "0", "1"), 0),
               "the arm \"green\" of a metric query is unknown, expected canary, baseline or "
               "service");
    CHECK_TEXT(ask(QUERY("requests", "canary", "5", "1"), 0),
               "a metric query from 5 to 1, expected two rising times");
    CHECK_TEXT(ask("{\"arm\":\"canary\"}", 0), "a metric query needs the name of a \"metric\"");
    CHECK(strstr(ask(QUERY("load", "canary", "0", "1"), 1 << 20), "no metric \"load\"") != NULL);
    finish();
}

/* Of the target that sample_minute samples. */
#define QUERY_RULE(metric, arm, from, to)                                                          \
    "{\"arm\":\"" arm "\",\"from\":" from ",\"metric\":\"" metric                                  \
    "\",\"target\":{\"baseline\":\"blue\",\"canary\":\"green\",\"rule\":\"r/"                      \
    "1\",\"type\":\"alb_rule\"},"                                                                  \
    "\"to\":" to "}"

/* What a watch has sampled is not drawn anew for who asks for the time before, of whichever arm and
 * metric; what is recorded of another target, or was not sampled, is. */
static void test_query_of_what_was_drawn(void)
{
    struct sample sample;
    char drawn[4][64];
    record_like(service, 8, (double[]){1000, 20}, 2);
    CHECK(start(1, NULL));
    for (int minute = 0; minute < 4; minute++) { /* a query looks one period beyond its end */
        sample_minute("errors requests", minute, &sample);
        snprintf(drawn[minute], sizeof drawn[minute], "{\"at\":%d,\"value\":%.1f}", minute * 60000,
                 sample.baseline[1].value);
    }
    char expected[256];
    snprintf(expected, sizeof expected, "{\"points\":[%s,%s,%s]}", drawn[0], drawn[1], drawn[2]);
    shares_asked = 0;
    CHECK_TEXT(ask(QUERY_RULE("requests", "baseline", "0", "180000"), 1 << 20), expected);
    CHECK(strstr(ask(QUERY_RULE("errors", "canary", "0", "180000"), 1 << 20), "120000") != NULL);
    CHECK(shares_asked == 0);
    ask(QUERY_RULE("requests", "baseline", "0", "300000"), 1 << 20);
    CHECK(shares_asked == 2);
    CHECK(start(1, NULL));
    CHECK_TEXT(ask(QUERY_RULE("requests", "baseline", "0", "180000"), 1 << 20), expected);
    CHECK(shares_asked == 2 + 4);
    finish();
}

static void test_query_unanswered(void)
{
    struct buffer text;
    begin_recording(&text, arms);
    add_point(&text, 1, 0, 900);
    add_word(&text, 3, 0, "no data");
    add_point(&text, 1, 1, 900);
    add_word(&text, 3, 1, "provider error");
    open_text(&text);
    CHECK(start(1, NULL));
    CHECK_TEXT(ask(QUERY("requests", "service", "0", "60000"), 1 << 20),
               "{\"points\":[{\"at\":0,\"value\":900.0}]}");
    CHECK_TEXT(ask(QUERY("requests", "service", "0", "120000"), 1 << 20),
               "the metric provider did not answer");
    CHECK_TEXT(ask(QUERY("requests", "baseline", "60000", "120000"), 1 << 20),
               "{\"points\":[{\"at\":60000,\"value\":900.0}]}");
    CHECK_TEXT(ask("{\"arm\":\"canary\",\"from\":0,\"metric\":\"requests\",\"past\":true,"
                   "\"target\":{\"rule\":\"r/1\"},\"to\":120000}",
                   1 << 20),
               "{\"points\":[]}"); /* live it would be asked for again */
    finish();
}

static void test_query_limits(void)
{
    struct buffer text;
    begin_recording(&text, "load:service:average");
    add_point(&text, 1, 0, 1);
    add_point(&text, 1, TRAFFIC_QUERY_MAX - 1, 1);
    add_point(&text, 1, TRAFFIC_QUERY_MAX + 5, 1);
    open_text(&text);
    CHECK(start(1, NULL));
    CHECK_TEXT(ask(QUERY("load", "canary", "0", "900000000"), INT64_C(1) << 50),
               "a metric query over more than 10000 periods");
    CHECK_TEXT(ask(QUERY("load", "canary", "0", "600000000"), INT64_C(1) << 50),
               "{\"points\":[{\"at\":0,\"value\":1.0},{\"at\":599940000,\"value\":1.0}]}");
    CHECK(strstr(ask(QUERY("load", "service", "0", "1"), 0), "\"load\" (average) is no count") !=
          NULL);
    finish();
}

CHECK_MAIN({"arms_as_recorded", test_arms_as_recorded},
           {"arms_before_service", test_arms_before_service},
           {"companion_rule", test_companion_rule}, {"unanswered", test_unanswered},
           {"unanswered_service", test_unanswered_service},
           {"all_and_nothing", test_all_and_nothing}, {"settle", test_settle},
           {"first_seen", test_first_seen}, {"end", test_end}, {"last", test_last},
           {"grid", test_grid}, {"metrics_that_are_not_there", test_metrics_that_are_not_there},
           {"targets", test_targets}, {"periods_put_together", test_periods_put_together},
           {"injects_with_nothing_to_act_on", test_injects_with_nothing_to_act_on},
           {"queries", test_queries}, {"query_of_what_was_drawn", test_query_of_what_was_drawn},
           {"query_unanswered", test_query_unanswered}, {"query_limits", test_query_limits})

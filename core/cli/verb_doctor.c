/* doctor: who we are, where we are, and what can be reached; one paste for a bug report. No secret
 * is printed. */
#include "cli/caller_identity.h"
#include "cli/jailed.h"
#include "cli/planning.h"
#include "cli/verb.h"
#include "script/jail.h"

#include <lua.h>
#include <openssl/crypto.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct option_spec specs[] = {LIVE_POLICY_OPTIONS, SUPERVISOR_OPTIONS};

static void line(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(const char *what, const char *format, ...)
{
    va_list arguments;
    printf("%-20s ", what);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

static void tell_program(void)
{
    struct jail_walls walls;
    jail_probe(&walls);
    line("tidelock", "%s", TIDELOCK_VERSION);
    line("libraries", "%s, %s", LUA_RELEASE, OpenSSL_version(OPENSSL_VERSION));
    line("process", "seccomp %s, Landlock %s", walls.seccomp ? "yes" : "NO",
         walls.landlock ? "yes" : "no");
}

static void tell_surroundings(const struct supervisor *supervisor)
{
    const char *ci = net_ci();
    const struct config *config = &supervisor->config;
    line("terminal", "in %s, out %s, err %s", isatty(0) ? "yes" : "no", isatty(1) ? "yes" : "no",
         isatty(2) ? "yes" : "no");
    line("CI", "%s", ci ? ci : "no");
    line("policies", "locked in%s%s", *jailed_lacks() ? "; " : " behind all walls", jailed_lacks());
    line("config", "%s%s%s%s", *config->path ? config->path : "none",
         *config->team_path ? ", and of the team " : "", config->team_path,
         *config->team_path ? ", which may choose and narrow" : "");
    line("state", "%s%s", supervisor->state.folder,
         state_is_there(&supervisor->state) ? "" : " (not there yet: the first run makes it)");
}

/* --- identity -------------------------------------------------------------------------------- */

static bool tell_identity(struct supervisor *supervisor)
{
    struct error err;
    bool ok = caller_identity_ask(supervisor, &err);
    struct slice arn = supervisor->identity.arn;
    if (ok)
        line("identity", "%.*s", (int)arn.size, arn.data);
    else
        line("identity", "NOT KNOWN: %s", err.message);
    return ok;
}

/* --- endpoints ------------------------------------------------------------------------------- */

enum { URL_MAX = 4096, NAME_MAX_SIZE = 96 };

/* One endpoint, asked for anything: what matters is that it answers. */
struct probe {
    bool done;
    bool reached;
    char text[NET_MESSAGE_MAX + 16];
    int64_t skew; /* ms: the server's clock less ours */
    bool dated;
    const struct net *net;
};

static void read_date(struct probe *probe, const struct net_answer *answer)
{
    enum { SECOND = 1000 };
    for (size_t i = 0; i < answer->header_count; i++) {
        char text[64];
        struct tm when = {0};
        struct slice value = answer->headers[i].value;
        if (answer->headers[i].name.size != 4 ||
            strncasecmp(answer->headers[i].name.data, "date", 4) != 0)
            continue;
        snprintf(text, sizeof text, "%.*s", (int)value.size, value.data);
        if (!strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &when))
            continue;
        probe->skew = (int64_t)timegm(&when) * SECOND - net_now(probe->net);
        probe->dated = true;
    }
}

static void probed(void *context, const struct net_answer *answer)
{
    struct probe *probe = context;
    probe->done = true;
    probe->reached = answer->failure == NET_NONE;
    if (probe->reached)
        snprintf(probe->text, sizeof probe->text, "answers (HTTP %d)", answer->status);
    else
        snprintf(probe->text, sizeof probe->text, "NOT REACHED: %s", answer->message);
    read_date(probe, answer);
}

static bool tell_endpoint(struct supervisor *supervisor, const struct settings_service *service,
                          struct slice region, struct probe *probe)
{
    struct buffer url;
    struct error err;
    buffer_init(&url, URL_MAX);
    *probe = (struct probe){.net = supervisor->net};
    bool ok = settings_endpoint(&supervisor->settings, service, region, &url, &err) &&
              buffer_append_text(&url, "/", &err);
    struct net_request request = {
        .method = slice_of("GET"),
        .url = buffer_slice(&url),
        .ca_bundle = supervisor->io.ca_bundle,
    };
    ok = ok && net_send(supervisor->net, &request, probed, probe, &err) &&
         net_wait_until(supervisor->net, &probe->done, &err);
    line(service->host, "%.*s  %s", (int)url.size, url.data ? url.data : "",
         ok ? probe->text : err.message);
    buffer_clear(&url);
    return ok && probe->reached;
}

static void tell_clock(const struct probe *probe)
{
    enum { SKEW_BAD = 4 * 60 * 1000 }; /* AWS tolerates five minutes */
    line("clock", "%+.1f s against the server's%s", (double)probe->skew / 1000,
         probe->skew > SKEW_BAD || probe->skew < -SKEW_BAD ? ": TOO FAR OFF" : "");
}

static void copy_text(char out[NAME_MAX_SIZE], const struct value *from, const char *member)
{
    struct slice text = value_get_slice(from, member, "");
    snprintf(out, NAME_MAX_SIZE, "%.*s", (int)text.size, text.data);
}

/* Every service of the catalogue, and our clock by the first answer that tells the time. */
static bool tell_endpoints(struct supervisor *supervisor, struct slice region, struct pool *pool)
{
    struct value list;
    struct error err;
    bool ok = true, timed = false;
    if (!host_call(supervisor->host, "aws.catalogue", "endpoints", NULL, 0, &list, pool, &err)) {
        line("endpoints", "%s", err.message);
        return false;
    }
    for (size_t i = 0; i < list.array.count; i++) {
        struct probe probe;
        char host[NAME_MAX_SIZE], variable[NAME_MAX_SIZE], property[NAME_MAX_SIZE];
        copy_text(host, &list.array.items[i], "host");
        copy_text(variable, &list.array.items[i], "variable");
        copy_text(property, &list.array.items[i], "property");
        struct settings_service service = {host, variable, property};
        ok = tell_endpoint(supervisor, &service, region, &probe) && ok;
        if (probe.dated && !timed)
            tell_clock(&probe);
        timed = timed || probe.dated;
    }
    return ok;
}

static bool tell_aws(struct supervisor *supervisor, struct pool *pool)
{
    struct slice region = caller_region(supervisor->caller);
    struct slice profile = buffer_slice(&supervisor->settings.profile);
    line("profile", "%.*s", (int)profile.size, profile.data ? profile.data : "");
    line("region", "%.*s", region.size ? (int)region.size : 4, region.size ? region.data : "NONE");
    if (region.size == 0)
        return false;
    bool known = tell_identity(supervisor);
    return tell_endpoints(supervisor, region, pool) && known;
}

/* --- the metrics of a policy ------------------------------------------------------------------ */

/* What came before the run would have begun. */
struct came {
    struct value preflight; /* null: nothing was asked for */
    struct pool pool;
    struct error err;
};

static void keep_preflight(void *context, enum journal_kind kind, int64_t at,
                           const struct value *body, struct slice line_of_journal)
{
    struct came *came = context;
    const struct value *found = value_get(body, "preflight");
    (void)at;
    (void)line_of_journal;
    if (kind == JOURNAL_BEGIN && found)
        value_copy(&came->preflight, found, &came->pool, &came->err);
}

static bool tell_metrics(struct planning *planning, struct came *came, struct error *err)
{
    struct value text;
    if (came->preflight.kind == VALUE_NULL) {
        line("metrics", "none that is known before the policy acts");
        return true;
    }
    if (!host_call(planning->supervisor.host, "report.preflight", "tell", &came->preflight, 1,
                   &text, &came->pool, err))
        return false;
    printf("%.*s", (int)text.string.size, text.string.data);
    return true;
}

static int examine(struct planning *planning, struct came *came)
{
    struct error err;
    struct engine_result result;
    if (!planning_rehearse(planning, keep_preflight, came, &result, &err) ||
        came->err.code != ERROR_NONE)
        return verb_fail("doctor", came->err.code != ERROR_NONE ? &came->err : &err);
    if (result.outcome == RUN_PROMOTED)
        return tell_metrics(planning, came, &err) ? EXIT_DONE : verb_fail("doctor", &err);
    line("policy", "NOT AS IT SHOULD BE: %s", result.reason);
    return run_outcome_exit(result.outcome);
}

/* Everything that is told without one, and what its judges would find. */
static int run_policy(const struct options *options)
{
    enum { POOL_MAX = 64 << 20 };
    static struct planning planning;
    struct came came = {.preflight = value_null()};
    struct error err;
    pool_init(&came.pool, POOL_MAX);
    planning_init(&planning, options->operands[0]);
    tell_program();
    bool ok = planning_start(&planning, options, &err) &&
              supervisor_read(&planning.supervisor, options, planning.policy, STATE_MAY_BE, &err);
    if (ok)
        tell_surroundings(&planning.supervisor);
    ok = ok && planning_connect(&planning, options, &err);
    int status = ok ? EXIT_TOOL : verb_fail("doctor", &err);
    if (ok && tell_aws(&planning.supervisor, &came.pool))
        status = planning_open(&planning, &err) ? examine(&planning, &came)
                                                : verb_fail("doctor", &err);
    status = supervisor_status(&planning.supervisor, status);
    planning_close(&planning);
    pool_clear(&came.pool);
    return status;
}

static int run(const struct options *options)
{
    enum { POOL_MAX = 1 << 20 };
    static struct supervisor supervisor;
    if (options->operand_count > 0)
        return run_policy(options);
    struct pool pool;
    struct error err;
    pool_init(&pool, POOL_MAX);
    supervisor_init(&supervisor);
    tell_program();
    bool ok = supervisor_read(&supervisor, options, NULL, STATE_MAY_BE, &err);
    if (ok)
        tell_surroundings(&supervisor);
    ok = ok && supervisor_prepare(&supervisor, &err) && supervisor_open(&supervisor, options, &err);
    int status = !ok                            ? verb_fail("doctor", &err)
                 : tell_aws(&supervisor, &pool) ? EXIT_DONE
                                                : EXIT_TOOL;
    status = supervisor_status(&supervisor, status);
    supervisor_close(&supervisor);
    pool_clear(&pool);
    return status;
}

const struct verb verb_doctor = {
    .name = "doctor",
    .operands = "[POLICY]",
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Tells who one is, where, and what can be reached; for a bug report.",
    .more =
        "With POLICY also what the metrics that it is judged by had in the hours before: how many "
        "periods, "
        "how old the newest is, and what was asked for. Exit 2 if it could not be judged by them.",
    .example = "tidelock doctor rollout.lua -p target.canary=43",
};

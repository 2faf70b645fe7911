/* Opens and closes what stands around a live run, and brings signals, requests of people and the
 * end of the policy into the engine. */
#include "cli/supervisor.h"

#include "base/time.h"
#include "cli/options.h"
#include "cli/supervisor_locks.h"
#include "cli/supervisor_stands.h"
#include "cli/terminal.h"
#include "script/child.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

void supervisor_init(struct supervisor *supervisor)
{
    enum { POOL_MAX = 1 << 20 };
    *supervisor = (struct supervisor){.control = {.fd = -1}};
    pool_init(&supervisor->pool, POOL_MAX);
}

bool supervisor_read(struct supervisor *supervisor, const struct options *options,
                     const char *policy, enum state_folder wanted, struct error *err)
{
    if (!config_read(&supervisor->config, options_text(options, "config", NULL), policy, err))
        return false;
    const char *path = options_text(options, "state", supervisor->config.state);
    return state_open(&supervisor->state, path, wanted, err);
}

static void warn(struct profiles_warnings *warnings, const char *message)
{
    (void)warnings;
    terminal_say("%s", message);
}

static bool open_settings(struct supervisor *supervisor, const struct options *options,
                          struct error *err)
{
    static struct profiles_warnings warnings = {warn};
    const char *profile = options_text(options, "profile", NULL);
    struct slice chosen = profile ? slice_of(profile) : supervisor->config.profile;
    system_io_init(&supervisor->io, supervisor->net);
    supervisor->settled = settings_open(&supervisor->settings, &supervisor->io.environment,
                                        &supervisor->io.files, chosen, &warnings, err);
    return supervisor->settled;
}

/* The command line before the operator's file before the environment and the profile. */
static struct slice find_region(const struct supervisor *supervisor, const struct options *options)
{
    const char *given = options_text(options, "region", NULL);
    if (given)
        return slice_of(given);
    return supervisor->config.region.size ? supervisor->config.region
                                          : settings_region(&supervisor->settings);
}

static bool open_caller(struct supervisor *supervisor, const struct options *options,
                        struct error *err)
{
    struct signer_params signer = {supervisor->net, &supervisor->settings,
                                   &supervisor->io.credentials};
    if (!signer_new(&supervisor->signer, &signer, err))
        return false;
    struct sender_params sender = {supervisor->net, supervisor->signer, supervisor->io.ca_bundle};
    if (!sender_new(&supervisor->sender, &sender, err))
        return false;
    struct caller_params params = {
        .net = supervisor->net,
        .host = supervisor->host,
        .sender = supervisor->sender,
        .signer = supervisor->signer,
        .region = find_region(supervisor, options),
        .attempts = settings_get(&supervisor->settings, "AWS_MAX_ATTEMPTS", "max_attempts"),
        .agent = "tidelock/" TIDELOCK_VERSION " ua/2.1 lang/lua#5.4",
        .per_minute = supervisor->config.calls_per_minute,
        .at_a_time = supervisor->config.at_a_time,
        .may_leave = supervisor_may_leave,
        .context = supervisor,
    };
    return caller_new(&supervisor->caller, &params, err);
}

/* --- what the live world asks of us ---------------------------------------------------------- */

static bool begin(void *context, const struct value *targets, const struct value *home,
                  struct error *err)
{
    struct supervisor *supervisor = context;
    supervisor->identity.home = *home;
    bool taken = supervisor_lock(supervisor, targets, err);
    supervisor->locked_out = !taken && err->code == ERROR_CONFLICT;
    return taken;
}

static bool claim(void *context, struct slice identity, struct error *err)
{
    return supervisor_lock_more(context, identity, err);
}

static bool change(void *context, struct slice identity, int64_t record, struct error *err)
{
    struct supervisor *supervisor = context;
    return !supervisor->locks || lock_note_change(supervisor->locks, identity, record, err);
}

static bool is_rolling_back(const struct supervisor *supervisor)
{
    return engine_is_rolling_back(supervisor->engine);
}

/* A policy that is gone is of no interest to a rollback. */
static bool hear_policy(struct supervisor *supervisor, struct event *event, bool *ends)
{
    bool gone = supervisor->policy_gone;
    supervisor->policy_gone = false;
    *event = (struct event){.kind = EVENT_INTERRUPT,
                            .id = INTERRUPT_DEATH,
                            .value = value_text(supervisor->policy_end.message)};
    *ends = true;
    return gone && !is_rolling_back(supervisor);
}

/* ms: `timeout` sends one to us and one to our group, a dying shell's group has one and its death
 * is another. */
enum { SAME_SIGNAL = 1000 };

static const char *signal_name(int number)
{
    return number == SIGINT ? "SIGINT" : number == SIGHUP ? "SIGHUP" : "SIGTERM";
}

/* The first signal is told what happens now, and what the second one does. */
static void answer_signal(struct supervisor *supervisor, int number)
{
    char line[256 + STATE_OPTION_SIZE];
    char where[STATE_OPTION_SIZE];
    supervisor->signalled = true;
    terminal_say("%s: %s; a second signal ends this at once, as things are then",
                 signal_name(number),
                 is_rolling_back(supervisor) ? "the rollback goes on"
                                             : "what the run changed is put back, and it ends");
    snprintf(line, sizeof line,
             "%stidelock: ended by a second signal: not everything may be as it was before; "
             "`tidelock recover %s%s` puts it back",
             terminal_eraser(), supervisor->run, state_option(&supervisor->state, where));
    terminal_plain(line + strlen(terminal_eraser()), sizeof line - strlen(terminal_eraser()));
    net_end_at_signal(supervisor->net, line, SAME_SIGNAL);
}

static bool hear_signal(struct supervisor *supervisor, struct event *event, bool *ends)
{
    int number = net_signal(supervisor->net);
    if (!number || supervisor->signalled)
        return false;
    bool back = is_rolling_back(supervisor);
    if (*supervisor->run)
        answer_signal(supervisor, number);
    else
        supervisor->signal = number;
    *event = (struct event){.kind = EVENT_INTERRUPT, .id = number, .value = value_null()};
    *ends = true;
    return !back;
}

static bool hear_person(struct supervisor *supervisor, struct event *event, bool *ends)
{
    struct error err;
    struct state_asked *asked = &supervisor->asked;
    bool any = false;
    if (supervisor->control.fd < 0)
        return false;
    if (!state_control_next(&supervisor->control, asked, &any, &err))
        terminal_say("%s", err.message);
    if (!any)
        return false;
    size_t count = 0;
    struct member *members = supervisor->asked_members;
    if (asked->approval > 0)
        members[count++] = (struct member){slice_of("approval"), value_integer(asked->approval)};
    members[count++] = (struct member){slice_of("at"), value_integer(asked->at)};
    members[count++] = (struct member){slice_of("by"), value_text(asked->by)};
    if (asked->why[0])
        members[count++] = (struct member){slice_of("why"), value_text(asked->why)};
    *event = (struct event){
        .kind = EVENT_REQUEST,
        .id = asked->request,
        .value = {.kind = VALUE_OBJECT, .object = {members, count}},
    };
    *ends = asked->request == REQUEST_ABORT && !is_rolling_back(supervisor);
    return true;
}

static bool asked(void *context, struct event *event, bool *ends)
{
    return hear_signal(context, event, ends) || hear_policy(context, event, ends) ||
           hear_person(context, event, ends);
}

static void tell(void *context, const char *message)
{
    (void)context;
    terminal_say("%s", message);
}

static bool open_world(struct supervisor *supervisor, struct error *err)
{
    struct live_params params = {
        .net = supervisor->net,
        .host = supervisor->host,
        .caller = supervisor->caller,
        .sender = supervisor->sender,
        .home = &supervisor->identity.home,
        .config = supervisor->config.value,
        .hooks = {begin, claim, change, asked, supervisor_stands, tell, supervisor},
    };
    return live_new(&supervisor->live, &params, err) && engine_new(&supervisor->engine, err);
}

/* Every resource that a run changes is held by some. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

bool supervisor_prepare(struct supervisor *supervisor, struct error *err)
{
    static const char *const modules[] = {"aws.client.run", "metrics.run", "report.timeline"};
    bool ok = (!net_ci() || net_die_with_parent(err)) && net_new(&supervisor->net, err) &&
              host_new(&supervisor->host, err) &&
              host_catalogue(supervisor->host, &supervisor->catalogue, err);
    raise_descriptor_limit();
    for (size_t i = 0; ok && i < sizeof modules / sizeof *modules; i++)
        ok = host_load(supervisor->host, modules[i], err);
    return ok;
}

static void tell_request(void *context, const char *line)
{
    (void)context;
    terminal_say("%s", line);
}

bool supervisor_open(struct supervisor *supervisor, const struct options *options,
                     struct error *err)
{
    if (options_given(options, "verbose"))
        net_tell(supervisor->net, tell_request, NULL);
    return gate_init(&supervisor->gate, supervisor->catalogue, supervisor->host,
                     &supervisor->config, err) &&
           open_settings(supervisor, options, err) && open_caller(supervisor, options, err) &&
           open_world(supervisor, err);
}

void supervisor_close(struct supervisor *supervisor)
{
    if (supervisor->control.fd >= 0)
        state_control_close(&supervisor->control);
    supervisor_stand_down(supervisor);
    lock_release(supervisor->locks);
    engine_free(supervisor->engine);
    live_free(supervisor->live);
    caller_free(supervisor->caller);
    sender_free(supervisor->sender);
    signer_free(supervisor->signer);
    host_catalogue_free(supervisor->catalogue);
    host_free(supervisor->host);
    if (supervisor->settled)
        settings_close(&supervisor->settings);
    if (supervisor->net)
        net_free(supervisor->net);
    config_clear(&supervisor->config);
    pool_clear(&supervisor->pool);
}

bool supervisor_hear(struct supervisor *supervisor, const char *run, struct error *err)
{
    snprintf(supervisor->run, sizeof supervisor->run, "%s", run);
    return state_control_open(&supervisor->state, run, &supervisor->control, err);
}

/* While the policy's process has not answered. */
static bool has_end(void *context)
{
    struct supervisor *supervisor = context;
    supervisor_be_awake(supervisor);
    return live_hear_end(supervisor->live);
}

static void look_at_policy(void *context)
{
    struct supervisor *supervisor = context;
    supervisor->policy_gone = child_is_gone(supervisor->policy, &supervisor->policy_end);
    if (supervisor->policy_gone)
        net_forget(supervisor->net, supervisor);
}

bool supervisor_watch(struct supervisor *supervisor, struct child *policy, struct error *err)
{
    supervisor->policy = policy;
    child_wait_unless(policy, has_end, supervisor);
    return net_watch_fd(supervisor->net, child_descriptor(policy), look_at_policy, supervisor, err);
}

void supervisor_end(struct supervisor *supervisor)
{
    int number = net_ignore_signals(supervisor->net);
    if (number && !supervisor->signalled)
        terminal_say("%s came too late and changes nothing: the run is over", signal_name(number));
}

void supervisor_tell_unrestored(const struct supervisor *supervisor, const char *verb)
{
    char where[STATE_OPTION_SIZE];
    const char *run = supervisor->run;
    state_option(&supervisor->state, where);
    fprintf(stderr,
            "tidelock %s: NOT everything is as it was before: see `tidelock show %s%s`, and "
            "`tidelock recover %s%s` to try again (what somebody else changed it leaves alone: "
            "that is put back by hand)\n",
            verb, run, where, run, where);
}

void supervisor_note_end(struct supervisor *supervisor, enum run_outcome outcome)
{
    struct error err;
    if (supervisor->locks && !lock_note_end(supervisor->locks, run_outcome_name(outcome), &err))
        terminal_say("%s", err.message);
}

int supervisor_status(const struct supervisor *supervisor, int status)
{
    enum { SIGNALLED = 128 };
    return supervisor->signal ? SIGNALLED + supervisor->signal : status;
}

struct reads supervisor_reads(struct supervisor *supervisor)
{
    return (struct reads){supervisor->net, supervisor->caller, supervisor->catalogue,
                          &supervisor->signal};
}

struct engine_params supervisor_params(struct supervisor *supervisor)
{
    return (struct engine_params){
        .world = live_world(supervisor->live),
        .catalogue = &supervisor->gate.front.catalogue,
        .patience = supervisor->config.patience,
        .lateness = supervisor->config.lateness,
    };
}

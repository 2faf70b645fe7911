/* Runs a command line under /bin/sh beside the loop, and ends it when its time is over. */
#include "aws/command.h"

#include "aws/text.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 3, COMPLAINT_MAX = 512, NAME_SHOWN = 200, PIECE = 4096 };

struct stream {
    int fd; /* the end to read; -1 once it is over */
    struct buffer *into;
    bool cut; /* more came than there is room for */
};

struct command {
    struct net *net;
    pid_t process;
    struct stream out, complaint;
    struct buffer said; /* on stderr */
    bool done, ended, late;
};

/* --- starting --- */

/* The signals that the loop holds back, and SIGPIPE, are as usual in the command. */
static bool set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, pipes;
    sigemptyset(&none);
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF) == 0 &&
           posix_spawnattr_setpgroup(attributes, 0) == 0 &&
           posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setsigdefault(attributes, &pipes) == 0;
}

/* Nothing of ours is open in it, sockets and journals least of all. */
static int spawn(struct command *command, const char *line, int out, int complaint)
{
    extern char **environ;
    char *const words[] = {"sh", "-c", (char *)line, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int failed = ENOMEM;
    if (posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, out, 1) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, complaint, 2) == 0 &&
        posix_spawn_file_actions_addclosefrom_np(&actions, 3) == 0 && set_attributes(&attributes))
        failed = posix_spawn(&command->process, "/bin/sh", &actions, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static bool start(struct command *command, const char *line, struct error *err)
{
    int out[2] = {-1, -1};
    int complaint[2] = {-1, -1};
    int failed = pipe2(out, O_CLOEXEC) != 0 || pipe2(complaint, O_CLOEXEC) != 0 ? errno : 0;
    if (failed == 0)
        failed = spawn(command, line, out[1], complaint[1]);
    for (int i = 0; i < 2; i++) {
        int writing = i ? complaint[1] : out[1];
        if (writing >= 0)
            close(writing);
    }
    command->out.fd = out[0];
    command->complaint.fd = complaint[0];
    if (failed != 0)
        return error_set(err, ERROR_IO, "starting the shell: %s", strerror(failed));
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fcntl(complaint[0], F_SETFL, O_NONBLOCK);
    return true;
}

/* --- reading --- */

/* What there is no room for is read all the same, so that the command can end. */
static ssize_t read_piece(struct stream *stream)
{
    char unwanted[PIECE];
    struct error ignored;
    size_t left = stream->into->max - stream->into->size;
    size_t wanted = left < PIECE ? left : PIECE;
    char *room = wanted ? buffer_reserve(stream->into, wanted, &ignored) : NULL;
    ssize_t got = read(stream->fd, room ? room : unwanted, room ? wanted : PIECE);
    if (got <= 0)
        return got;
    stream->cut = stream->cut || !room;
    if (room) {
        stream->into->size += (size_t)got;
        stream->into->data[stream->into->size] = '\0';
    } else {
        explicit_bzero(unwanted, sizeof unwanted);
    }
    return got;
}

/* All that is there now. */
static void drain(struct net *net, struct stream *stream)
{
    ssize_t got = 0;
    while (stream->fd >= 0 && ((got = read_piece(stream)) > 0 || (got < 0 && errno == EINTR)))
        continue;
    if (stream->fd < 0 || (got < 0 && errno == EAGAIN))
        return;
    net_forget(net, stream); /* its end: it would be readable for ever */
    close(stream->fd);
    stream->fd = -1;
}

static struct command *of_stream(struct stream *stream, size_t offset)
{
    return (struct command *)(void *)((char *)stream - offset);
}

static void out_readable(void *context)
{
    drain(of_stream(context, offsetof(struct command, out))->net, context);
}

static void complaint_readable(void *context)
{
    drain(of_stream(context, offsetof(struct command, complaint))->net, context);
}

/* Looks every few milliseconds whether the command has ended, since not every kernel, nor valgrind,
 * has a descriptor for a process. The pipes are no sign of it: what the command left running may
 * hold them open. If there is no room for a timer, the deadline ends it. */
static void look(void *context)
{
    struct command *command = context;
    siginfo_t info = {0};
    struct error ignored;
    if (waitid(P_PID, (id_t)command->process, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == 0) {
        net_timer(command->net, net_now(command->net) + LOOK_MS, look, command, &ignored);
        return;
    }
    drain(command->net, &command->out);
    drain(command->net, &command->complaint);
    command->ended = command->done = true;
}

static void deadline_passed(void *context)
{
    struct command *command = context;
    command->late = command->done = true;
}

/* --- one command from its start to its end --- */

static bool wait_for(struct command *command, int64_t ms, struct error *err)
{
    struct net *net = command->net;
    bool ok = net_watch_fd(net, command->out.fd, out_readable, &command->out, err) &&
              net_watch_fd(net, command->complaint.fd, complaint_readable, &command->complaint,
                           err) &&
              net_timer(net, net_now(net) + ms, deadline_passed, command, err) &&
              net_timer(net, net_now(net) + LOOK_MS, look, command, err) &&
              net_wait_until(net, &command->done, err);
    net_forget(net, command);
    net_forget(net, &command->out);
    net_forget(net, &command->complaint);
    return ok;
}

/* Kills its whole group: a shell's death alone leaves running what it had started. */
static int collect(struct command *command)
{
    int state = 0;
    if (!command->ended)
        kill(-command->process, SIGKILL);
    while (waitpid(command->process, &state, 0) < 0 && errno == EINTR)
        continue;
    return state;
}

static struct slice trim_end(struct slice text)
{
    while (text.size > 0 && strchr(" \t\r\n", text.data[text.size - 1]))
        text.size--;
    return text;
}

/* Messages name the program alone: the words behind it may be secrets. */
static bool judge(const struct command *command, struct slice name, int state, int64_t ms,
                  struct error *err)
{
    char limit[32];
    int width = name.size > NAME_SHOWN ? NAME_SHOWN : (int)name.size;
    struct slice said = trim_end(buffer_slice(&command->said));
    time_format_duration(limit, ms);
    if (command->late)
        return error_set(err, ERROR_IO, "%.*s did not end within %s", width, name.data, limit);
    if (WIFSIGNALED(state))
        return error_set(err, ERROR_IO, "%.*s was killed by signal %d", width, name.data,
                         WTERMSIG(state));
    if (WEXITSTATUS(state) != 0)
        return error_set(err, ERROR_IO, "%.*s failed with exit status %d%s%.*s", width, name.data,
                         WEXITSTATUS(state), said.size ? ": " : "", (int)said.size, said.data);
    return !command->out.cut || error_set(err, ERROR_LIMIT, "%.*s printed more than %zu bytes",
                                          width, name.data, command->out.into->max);
}

bool command_run(struct net *net, const char *command_line, int64_t ms, struct buffer *out,
                 struct error *err)
{
    struct command command = {.net = net, .said = {.max = COMPLAINT_MAX}};
    struct slice rest = slice_of(command_line);
    struct slice name = text_take_word(&rest);
    command.out.into = out;
    command.complaint.into = &command.said;
    bool ok = start(&command, command_line, err);
    if (ok) {
        ok = wait_for(&command, ms, err);
        int state = collect(&command);
        ok = ok && judge(&command, name, state, ms, err);
    }
    if (command.out.fd >= 0)
        close(command.out.fd);
    if (command.complaint.fd >= 0)
        close(command.complaint.fd);
    buffer_clear(&command.said);
    return ok;
}

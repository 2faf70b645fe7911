/* The io to the real outside: files, commands, requests, and keys by way of all of them. */
#include "aws/system_io.h"
#include "net_check.h"

#include <poll.h>
#include <sys/stat.h>

static struct system_io io;
static struct buffer out;

static void open_io(size_t max)
{
    buffer_clear(&out);
    buffer_init(&out, max);
    system_io_init(&io, net);
}

static const char *text(void)
{
    return out.data ? out.data : "";
}

/* --- requests --- */

static bool exchange(const char *url, int *status)
{
    struct credentials_request request = {.method = "PUT", .url = slice_of(url), .timeout = 10000};
    request.headers[request.header_count++] = (struct sigv4_header){slice_of("X-Token"),
                                                                    slice_of("secret")};
    buffer_empty(&out);
    return io.credentials.exchange(&io.credentials, &request, status, &out, &err);
}

static void test_exchange(void)
{
    int status = 0;
    open_io(4096);
    setenv("http_proxy", "http://127.0.0.1:1", 1); /* not for what goes without TLS */
    CHECK(exchange(url_of("http", server.plain, "/echo/./a//b?x=%2F"), &status) && status == 200);
    CHECK_STARTS(text(), "PUT /echo/./a//b?x=%2F HTTP/1.1\r\n");
    CHECK(strstr(text(), "\r\nX-Token: secret\r\n"));
    CHECK(strstr(text(), "\r\nContent-Length: 0\r\n"));
    CHECK(exchange(url_of("http", server.plain, "/status?is=302"), &status) && status == 302);
    CHECK(!exchange("http://127.0.0.1:1/", &status) && err.code == ERROR_IO);
    CHECK_TEXT(err.message, "could not connect to 127.0.0.1:1: Connection refused");
    CHECK(!exchange("nonsense", &status) && err.code == ERROR_INVALID);
    CHECK(!exchange(url_of("http", server.plain, "/big?n=5000"), &status));
    CHECK(strstr(err.message, "is too large: more than 4096 bytes"));
    unsetenv("http_proxy");
}

static void test_bundle(void)
{
    int status = 0;
    open_io(4096);
    CHECK(!exchange(url_of("https", server.tls, "/echo"), &status));
    CHECK(strstr(err.message, "is not trusted"));
    setenv("AWS_CA_BUNDLE", server.ca, 1);
    open_io(4096);
    CHECK(exchange(url_of("https", server.tls, "/echo"), &status) && status == 200);
    unsetenv("AWS_CA_BUNDLE");
}

/* --- time --- */

static void count_up(void *context)
{
    ++*(int *)context;
}

/* While a function waits, the loop goes on. */
static void test_time(void)
{
    int calls = 0;
    open_io(16);
    io.clock_offset = 3600000;
    int64_t before = net_now(net);
    CHECK(net_timer(net, before, count_up, &calls, &err));
    CHECK(net_timer(net, INT64_MAX, count_up, &calls, &err));
    io.credentials.pause(&io.credentials, 5);
    CHECK(net_now(net) >= before + 5 && calls == 1);
    CHECK(io.credentials.now(&io.credentials) >= before + 3600005);
    net_forget(net, &calls);
}

/* --- commands --- */

static bool run(const char *command)
{
    buffer_empty(&out);
    return io.credentials.run(&io.credentials, command, &out, &err);
}

static void test_run(void)
{
    open_io(64);
    CHECK(run("printf '%s-%s' \"a b\" c; echo loud >&2"));
    CHECK_TEXT(text(), "a b-c");
    CHECK(run("cat")); /* there is nothing to read */
    CHECK(out.size == 0);
    CHECK(run("ls /proc/self/fd | tr '\\n' ' '"));
    CHECK_TEXT(text(), "0 1 2 3 ");           /* 3 is the folder that ls reads */
    CHECK(run("(sleep 3 &) ; echo at once")); /* it holds the pipe open */
    CHECK_TEXT(text(), "at once\n");
}

static void test_run_fails(void)
{
    open_io(64);
    CHECK(!run("echo log in first >&2; echo and again >&2; exit 3"));
    CHECK_TEXT(err.message, "echo failed with exit status 3: log in first\nand again");
    CHECK(!run("/does/not/exist --secret xyz"));
    CHECK_STARTS(err.message, "/does/not/exist failed with exit status 127: ");
    CHECK(!run("kill -TERM $$")); /* the loop holds it back, for itself only */
    CHECK_TEXT(err.message, "kill was killed by signal 15");
    CHECK(!run("kill -PIPE $$"));
    CHECK_TEXT(err.message, "kill was killed by signal 13");
    CHECK(!run("yes | head -c 100000") && err.code == ERROR_LIMIT);
    CHECK_TEXT(err.message, "yes printed more than 64 bytes");
    CHECK(!run("yes | head -c 100000 >&2; exit 1") && strlen(err.message) < 600);
    CHECK(!net_wait(net, &err)); /* nothing is left behind */
}

/* With all that it started. The sleeper holds the far end of a pipe; where the machine is so slow
 * that it was not even started, there is nothing to see. */
static void test_run_late(void)
{
    char folder[] = "/tmp/tidelock-io-XXXXXX";
    char path[64], command[128];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/pipe", folder);
    snprintf(command, sizeof command, "exec 9>%s; sleep 60 & echo started; wait", path);
    CHECK(mkfifo(path, 0600) == 0);
    struct pollfd end = {.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    CHECK(end.fd >= 0);
    open_io(64);
    io.command_ms = 60;
    CHECK(!run(command));
    CHECK_TEXT(err.message, "exec did not end within 60ms");
    CHECK(out.size == 0 || (poll(&end, 1, 20000) == 1 && (end.revents & POLLHUP)));
    close(end.fd);
    unlink(path);
    rmdir(folder);
}

/* --- files --- */

static enum settings_file read_file(const char *path)
{
    buffer_empty(&out);
    return io.files.read(&io.files, path, &out, &err);
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "w");
    CHECK(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static void test_files(void)
{
    static const char bytes[5000] = "begin";
    char folder[] = "/tmp/tidelock-io-XXXXXX";
    char path[64];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/file", folder);
    open_io(4999);
    CHECK(read_file(path) == SETTINGS_FILE_ABSENT);
    write_file(path, bytes, 4999);
    CHECK(read_file(path) == SETTINGS_FILE_READ && out.size == 4999);
    CHECK_TEXT(text(), "begin");
    write_file(path, bytes, 5000);
    CHECK(read_file(path) == SETTINGS_FILE_FAILED && err.code == ERROR_LIMIT);
    write_file(path, bytes, 0);
    CHECK(read_file(path) == SETTINGS_FILE_READ && out.size == 0);
    CHECK(read_file(folder) == SETTINGS_FILE_FAILED);
    unlink(path);
    CHECK(mkfifo(path, 0600) == 0 && read_file(path) == SETTINGS_FILE_READ && out.size == 0);
    unlink(path);
    rmdir(folder);
}

/* --- keys by way of all --- */

static void forget_variables(void)
{
    static const char *const names[] = {"AWS_ACCESS_KEY_ID",
                                        "AWS_SECRET_ACCESS_KEY",
                                        "AWS_PROFILE",
                                        "AWS_DEFAULT_PROFILE",
                                        "AWS_WEB_IDENTITY_TOKEN_FILE",
                                        "ACTIONS_ID_TOKEN_REQUEST_URL",
                                        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

static bool load(struct credentials *keys)
{
    struct settings settings;
    open_io(16);
    if (!settings_open(&settings, &io.environment, &io.files, slice_of(""), NULL, &err))
        return false;
    bool found = credentials_load(keys, &settings, &io.credentials, &err);
    settings_close(&settings);
    return found;
}

static void test_keys(void)
{
    static const char config[] =
        "[default]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PID\","
        "\"SecretAccessKey\":\"psecret\"}'\n";
    char path[] = "/tmp/tidelock-config-XXXXXX";
    struct credentials keys;
    forget_variables();
    int fd = mkstemp(path);
    CHECK(fd >= 0 && close(fd) == 0);
    setenv("AWS_CONFIG_FILE", path, 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/does/not/exist", 1);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI",
           url_of("http", server.plain,
                  "/say?words=%7B%22AccessKeyId%22%3A%22CID%22%2C%22SecretAccessKey%22%3A%22c"
                  "secret%22%2C%22Token%22%3A%22t%22%7D"),
           1);
    if (CHECK(load(&keys))) {
        CHECK_TEXT(keys.provider, "container");
        CHECK_TEXT(keys.secret_key.data, "csecret");
        credentials_clear(&keys);
    }
    write_file(path, config, sizeof config - 1);
    if (CHECK(load(&keys))) {
        CHECK_TEXT(keys.provider, "credential_process");
        CHECK_TEXT(keys.access_key.data, "PID");
        credentials_clear(&keys);
    }
    unlink(path);
    buffer_clear(&out);
}

NET_CHECK_MAIN({"exchange", test_exchange}, {"bundle", test_bundle}, {"time", test_time},
               {"run", test_run}, {"run fails", test_run_fails}, {"run late", test_run_late},
               {"files", test_files}, {"keys", test_keys})

#include "aws_fake_io.h"
#include "check.h"

static struct error err;
static struct fake_io fake;
static struct credentials keys;

static const char sts_answer[] =
    "<R><Credentials><AccessKeyId>ROLEID</AccessKeyId><SecretAccessKey>rolesecret</SecretAccessKey>"
    "<SessionToken>roletoken</SessionToken><Expiration>2026-08-24T13:00:00Z</Expiration>"
    "</Credentials><Arn>arn:aws:sts::111122223333:assumed-role/r/s</Arn></R>";
static const char json_answer[] =
    "{\"AccessKeyId\":\"JSONID\",\"SecretAccessKey\":\"json\\/secret\",\"Token\":\"t\\u002b\","
    "\"Expiration\":\"2026-08-24T18:00:00Z\"}";
static const char sts_url[] = "POST https://sts.eu-west-1.amazonaws.com/";
static const char token_url[] = "PUT http://169.254.169.254/latest/api/token";

/* A whole search; false leaves the message in `err`. */
static bool load(const char *profile, const char *const *variables, const char *const *texts,
                 const struct fake_answer *answers)
{
    struct settings settings;
    credentials_clear(&keys);
    fake_io_init(&fake, variables, texts, answers);
    if (!settings_open(&settings, &fake.environment, &fake.files, slice_of(profile), NULL, &err))
        return false;
    bool found = credentials_load(&keys, &settings, &fake.io, &err);
    settings_close(&settings);
    return found;
}

static void test_environment(void)
{
    static const char *const variables[] = {"AWS_ACCESS_KEY_ID",
                                            "id",
                                            "AWS_SECRET_ACCESS_KEY",
                                            "secret",
                                            "AWS_SESSION_TOKEN",
                                            "token",
                                            "AWS_CREDENTIAL_EXPIRATION",
                                            "2026-08-24T12:20:00Z",
                                            "HOME",
                                            "/h",
                                            NULL};
    static const char *const half[] = {"AWS_ACCESS_KEY_ID", "id", "AWS_SECRET_ACCESS_KEY", " ",
                                       NULL};
    static const char *const texts[] = {
        "/h/.aws/credentials", "[a]\naws_access_key_id=aid\naws_secret_access_key=asecret\n", NULL};
    CHECK(load("", variables, texts, NULL));
    CHECK_TEXT(keys.provider, "environment");
    CHECK_TEXT(keys.access_key.data, "id");
    CHECK_TEXT(keys.session_token.data, "token");
    CHECK(keys.expires == fake_now + 20 * 60000);
    CHECK(!load("", half, NULL, NULL));
    CHECK_TEXT(err.message, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
    CHECK(load("a", variables, texts, NULL)); /* chosen: wins over the variables */
    CHECK_TEXT(keys.access_key.data, "aid");
    CHECK(keys.expires == 0);
}

static void test_due(void)
{
    static const struct {
        int64_t minutes;
        enum credentials_due due;
    } rows[] = {{16, CREDENTIALS_FRESH},
                {15, CREDENTIALS_ADVISORY},
                {11, CREDENTIALS_ADVISORY},
                {10, CREDENTIALS_MANDATORY},
                {-1, CREDENTIALS_MANDATORY}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct credentials lasting = {.expires = fake_now + rows[i].minutes * 60000};
        CHECK(credentials_due(&lasting, fake_now) == rows[i].due);
    }
    CHECK(credentials_due(&(struct credentials){0}, fake_now) == CREDENTIALS_FRESH);
}

/* A profile asked for by name that is not there: no other keys are taken in its place. */
static void test_missing_profile(void)
{
    static const char *const variables[] = {
        "AWS_PROFILE", "shp", "HOME", "/h", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c", NULL};
    static const char *const texts[] = {"/h/.aws/config", "[profile ship]\nregion=x\n", NULL};
    CHECK(!load("", variables, texts, NULL));
    CHECK_TEXT(err.message, "there is no profile `shp`");
    CHECK(fake.asked == 0);
}

static void test_role(void)
{
    static const char *const variables[] = {"HOME", "/h", "AWS_REGION", "eu-west-1", NULL};
    static const char *const texts[] = {
        "/h/.aws/config",
        "[default]\nrole_arn=arn:b\nsource_profile=a\nexternal_id=x y\nduration_seconds=900\n"
        "[profile a]\nrole_arn=arn:a\nsource_profile=k\nrole_session_name=me\n"
        "[profile k]\naws_access_key_id=KID\naws_secret_access_key=ksecret\n",
        NULL};
    static const struct fake_answer answers[] = {
        {sts_url, 200, sts_answer}, {sts_url, 200, sts_answer}, {NULL, 0, NULL}};
    CHECK(load("", variables, texts, answers));
    CHECK(fake.asked == 2);
    CHECK_TEXT(fake.bodies[0],
               "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aa&RoleSessionName=me");
    CHECK_TEXT(fake.bodies[1],
               "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ab&RoleSessionName=tidelock-"
               "1787572800000&ExternalId=x%20y&DurationSeconds=900");
    CHECK(strstr(fake.headers[0], "Credential=KID/20260824/eu-west-1/sts/aws4_request"));
    CHECK(!strstr(fake.headers[0], "X-Amz-Security-Token"));
    CHECK(strstr(fake.headers[1], "Credential=ROLEID/"));
    CHECK(strstr(fake.headers[1], "X-Amz-Security-Token: roletoken\n"));
    CHECK_TEXT(keys.secret_key.data, "rolesecret");
    CHECK_TEXT(keys.account.data, "111122223333");
    CHECK(keys.expires == fake_now + 3600000);
}

/* Twice no answer, then a refusal: said without the keys. */
static void test_role_refused(void)
{
    static const char *const variables[] = {"HOME", "/h", "AWS_REGION", "eu-west-1", NULL};
    static const char *const texts[] = {
        "/h/.aws/config",
        "[default]\nrole_arn=arn:a\nsource_profile=default\naws_access_key_id=KID\n"
        "aws_secret_access_key=ksecret\n",
        NULL};
    static const struct fake_answer answers[] = {
        {sts_url, 0, ""},
        {sts_url, 503, ""},
        {sts_url, 403, "<Error><Code>AccessDenied</Code><Message>not you</Message></Error>"},
        {NULL, 0, NULL}};
    static const struct fake_answer empty[] = {{sts_url, 200, "<R/>"}, {NULL, 0, NULL}};
    CHECK(!load("", variables, texts, answers));
    CHECK_TEXT(err.message, "profile `default`: STS refused AssumeRole of arn:a (HTTP 403): "
                            "AccessDenied: not you");
    CHECK(fake.asked == 3 && fake.paused == 300);
    CHECK(!load("", variables, texts, empty));
    CHECK_TEXT(err.message, "profile `default`: STS did not say until when its keys are good");
    CHECK(!load("", variables, texts, NULL));
    CHECK(fake.asked == 3);
}

static void test_region_needed(void)
{
    static const char *const variables[] = {"AWS_WEB_IDENTITY_TOKEN_FILE", "/t", "AWS_ROLE_ARN",
                                            "arn:a", NULL};
    static const char *const texts[] = {"/t", "jwt\n", NULL};
    CHECK(!load("", variables, texts, NULL));
    CHECK_TEXT(err.message, "no region is given, or not a proper one: set AWS_REGION, or `region` "
                            "in the profile (like eu-west-1)");
}

static void test_web_identity(void)
{
    static const char *const variables[] = {"AWS_WEB_IDENTITY_TOKEN_FILE",
                                            "/t",
                                            "AWS_ROLE_ARN",
                                            "arn:a",
                                            "AWS_REGION",
                                            "eu-west-1",
                                            NULL};
    static const char *const texts[] = {"/t", "j/w+t \n", NULL};
    static const struct fake_answer answers[] = {{sts_url, 200, sts_answer}, {NULL, 0, NULL}};
    CHECK(load("", variables, texts, answers));
    CHECK_TEXT(fake.bodies[0],
               "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aa"
               "&RoleSessionName=tidelock-1787572800000&WebIdentityToken=j%2Fw%2Bt");
    CHECK(!strstr(fake.headers[0], "Authorization"));
    CHECK(!load("", variables, NULL, answers));
    CHECK_TEXT(err.message, "reading a token: /t: not there");
}

static void test_github(void)
{
    static const char *const variables[] = {"ACTIONS_ID_TOKEN_REQUEST_URL",
                                            "https://gh/t?v=2",
                                            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                                            "job",
                                            "AWS_ROLE_ARN",
                                            "arn:a",
                                            "AWS_REGION",
                                            "eu-west-1",
                                            NULL};
    static const char *const plain[] = {"ACTIONS_ID_TOKEN_REQUEST_URL",
                                        "http://gh/t",
                                        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                                        "job",
                                        "AWS_ROLE_ARN",
                                        "arn:a",
                                        NULL};
    static const char url[] = "GET https://gh/t?v=2&audience=sts.amazonaws.com";
    static const struct fake_answer answers[] = {{url, 200, "{\"count\":4,\"value\":\"j.w.t\"}"},
                                                 {sts_url, 200, sts_answer},
                                                 {NULL, 0, NULL}};
    static const struct fake_answer refused[] = {{url, 401, "{}"}, {NULL, 0, NULL}};
    static const struct fake_answer empty[] = {{url, 200, "{\"count\":0}"}, {NULL, 0, NULL}};
    CHECK(load("", variables, NULL, answers));
    CHECK(strstr(fake.headers[0], "Authorization: Bearer job\n"));
    CHECK(strstr(fake.bodies[1], "&WebIdentityToken=j.w.t"));
    CHECK_TEXT(keys.access_key.data, "ROLEID");
    CHECK(!load("", variables, NULL, refused));
    CHECK_TEXT(err.message, "GitHub refused the job's token (HTTP 401): does the job have "
                            "`permissions: id-token: write`?");
    CHECK(!load("", variables, NULL, empty));
    CHECK_TEXT(err.message, "GitHub's answer holds no token");
    CHECK(!load("", plain, NULL, answers));
    CHECK(fake.asked == 0);
}

static void test_container(void)
{
    static const char *const variables[] = {"AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                            "http://localhost:81/c",
                                            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                            "unused",
                                            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                            "/t",
                                            NULL};
    static const char *const texts[] = {"/t", "bearer\n", NULL};
    static const char *const lines[] = {"/t", "bearer\r\nEvil: 1", NULL};
    static const struct fake_answer answers[] = {{"GET http://localhost:81/c", 200, json_answer},
                                                 {NULL, 0, NULL}};
    static const struct fake_answer broken[] = {
        {"GET http://localhost:81/c", 200, "{\"SecretAccessKey\":\"abc\""}, {NULL, 0, NULL}};
    CHECK(load("", variables, texts, answers));
    CHECK(strstr(fake.headers[0], "Authorization: bearer\n"));
    CHECK_TEXT(keys.secret_key.data, "json/secret");
    CHECK_TEXT(keys.session_token.data, "t+");
    CHECK(!load("", variables, lines, answers));
    CHECK_TEXT(err.message, "the container's token has more than one line");
    CHECK(fake.asked == 0);
    CHECK(!load("", variables, texts, broken));
    CHECK_TEXT(err.message, "container gave no JSON");
}

/* Where a container's token may go without TLS. */
static void test_container_hosts(void)
{
    static const struct {
        const char *url;
        bool allowed;
    } rows[] = {
        {"https://anywhere.example/c", true},
        {"http://127.0.0.1/c", true},
        {"http://127.1.2.3:80/c", true},
        {"http://[::1]:80/c", true},
        {"http://[fd00:ec2::23]/c", true},
        {"http://169.254.170.23/c", true},
        {"http://anywhere.example/c", false},
        {"http://127.evil.example/c", false},
        {"http://127.0.0.1.1/c", false},
        {"http://127.1/c", false},
        {"http://127.0.0.1.evil.example/c", false},
        {"http://localhost@evil.example/c", false},
        {"http://169.254.170.23.evil/c", false},
        {"http://[::1].evil/c", false},
        {"ftp://localhost/c", false},
        {"http:///c", false},
        {"http://local host/c", false},
        {"localhost", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const variables[] = {"AWS_CONTAINER_CREDENTIALS_FULL_URI", rows[i].url, NULL};
        struct settings settings;
        struct buffer url = {.max = 1000};
        fake_io_init(&fake, variables, NULL, NULL);
        CHECK(settings_open(&settings, &fake.environment, &fake.files, slice_of(""), NULL, &err));
        bool allowed = credentials_container_url(&settings, &url, &err) == CREDENTIALS_FOUND;
        if (!CHECK(allowed == rows[i].allowed))
            fprintf(stderr, "%s\n", rows[i].url);
        settings_close(&settings);
        buffer_clear(&url);
    }
}

/* On a machine that is no instance one lost request ends it. */
static void test_instance(void)
{
    static const char *const none[] = {NULL};
    static const char path[] =
        "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/";
    static const struct fake_answer answers[] = {
        {token_url, 200, "tok"},
        {path, 200, "role\nother"},
        {"GET http://169.254.169.254/latest/meta-data/iam/security-credentials/role", 200,
         json_answer},
        {NULL, 0, NULL}};
    static const struct fake_answer strange[] = {
        {token_url, 200, "tok"}, {path, 200, "<html>"}, {NULL, 0, NULL}};
    CHECK(load("", none, NULL, answers));
    CHECK_TEXT(fake.headers[0], "x-aws-ec2-metadata-token-ttl-seconds: 21600\n");
    CHECK_TEXT(fake.headers[2], "x-aws-ec2-metadata-token: tok\n");
    CHECK_TEXT(keys.provider, "instance");
    CHECK(!load("", none, NULL, NULL));
    CHECK(fake.asked == 1 && fake.paused == 0);
    CHECK(strstr(err.message, "no credentials were found, in none of:\n  environment: "));
    CHECK(!load("", none, NULL, strange));
    CHECK(strstr(err.message, "names no IAM role"));
}

static void test_sso(void)
{
    static const char *const variables[] = {"HOME", "/h", NULL};
    static const char config[] = "[default]\nsso_session=s\nsso_account_id=1\nsso_role_name=r/w\n"
                                 "[sso-session s]\nsso_region=eu-west-1\nsso_start_url=u\n";
    static const char cache[] = "/h/.aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json";
    const char *const texts[] = {
        "/h/.aws/config", config, cache,
        "{\"accessToken\":\"a\\/b\",\"expiresAt\":\"2026-08-24T12:00:01Z\"}", NULL};
    const char *const ended[] = {"/h/.aws/config", config, cache,
                                 "{\"accessToken\":\"a\",\"expiresAt\":\"2026-08-24T12:00:00Z\"}",
                                 NULL};
    static const char url[] = "GET https://portal.sso.eu-west-1.amazonaws.com/federation/"
                              "credentials?role_name=r%2Fw&account_id=1";
    static const struct fake_answer answers[] = {
        {url, 200,
         "{\"roleCredentials\":{\"accessKeyId\":\"i\",\"secretAccessKey\":\"s\","
         "\"sessionToken\":\"t\",\"expiration\":1787576400000}}"},
        {NULL, 0, NULL}};
    static const struct fake_answer over[] = {{url, 401, ""}, {NULL, 0, NULL}};
    CHECK(load("", variables, texts, answers));
    CHECK_TEXT(fake.headers[0], "x-amz-sso_bearer_token: a/b\n");
    CHECK(keys.expires == fake_now + 3600000);
    CHECK_TEXT(keys.account.data, "1");
    CHECK(!load("", variables, ended, answers));
    CHECK_TEXT(err.message, "profile `default`: the SSO session ended at 2026-08-24T12:00:00Z; "
                            "log in with: aws sso login --profile default");
    CHECK(!load("", variables, texts, over));
    CHECK_TEXT(err.message, "profile `default`: the SSO session is over (HTTP 401); log in with: "
                            "aws sso login --profile default");
}

static bool load_process(const char *printed)
{
    static const char *const variables[] = {"HOME", "/h", NULL};
    static const char *const texts[] = {"/h/.aws/config", "[default]\ncredential_process=get it\n",
                                        NULL};
    struct settings settings;
    credentials_clear(&keys);
    fake_io_init(&fake, variables, texts, NULL);
    fake.printed = printed;
    CHECK(settings_open(&settings, &fake.environment, &fake.files, slice_of(""), NULL, &err));
    bool found = credentials_load(&keys, &settings, &fake.io, &err);
    settings_close(&settings);
    return found;
}

static void test_process(void)
{
    CHECK(load_process("{\"Version\":1,\"AccessKeyId\":\"i\",\"SecretAccessKey\":\"s\"}"));
    CHECK(keys.expires == 0 && keys.session_token.size == 0);
    CHECK(!load_process("{\"Version\":2,\"AccessKeyId\":\"i\",\"SecretAccessKey\":\"s\"}"));
    CHECK_TEXT(err.message, "profile `default`: credential_process speaks another version than 1");
    CHECK(!load_process("{\"Version\":1,\"AccessKeyId\":\"i\"}"));
    CHECK(!load_process("{\"Version\":1,\"AccessKeyId\":\"i\",\"SecretAccessKey\":\"s\","
                        "\"Expiration\":\"soon\"}"));
    CHECK_TEXT(err.message,
               "profile `default`: credential_process gave an Expiration that is no time");
    CHECK(!load_process(NULL));
    CHECK_TEXT(err.message, "profile `default`: credential_process: \"get it\" failed");
}

/* The URL, or NULL where it is refused. */
static const char *endpoint_of(const char *const *variables, const char *const *texts,
                               const struct settings_service *service, const char *region)
{
    static char text[200];
    struct settings settings;
    struct buffer url = {.max = sizeof text};
    fake_io_init(&fake, variables, texts, NULL);
    CHECK(settings_open(&settings, &fake.environment, &fake.files, slice_of(""), NULL, &err));
    bool ok = settings_endpoint(&settings, service, slice_of(region), &url, &err);
    snprintf(text, sizeof text, "%.*s", (int)url.size, url.size ? url.data : "");
    settings_close(&settings);
    buffer_clear(&url);
    return ok ? text : NULL;
}

static void test_endpoints(void)
{
    static const char config[] = "[default]\nservices=s\nendpoint_url=http://profile/\n"
                                 "[services s]\necs=\n endpoint_url=http://service//\n";
    static const struct {
        const char *region, *variables[5], *config, *url; /* NULL: refused */
    } rows[] = {
        {"eu-west-1", {NULL}, "", "https://ecs.eu-west-1.amazonaws.com"},
        {"cn-north-1", {NULL}, "", "https://ecs.cn-north-1.amazonaws.com.cn"},
        {"us-isob-east-1", {NULL}, "", "https://ecs.us-isob-east-1.sc2s.sgov.gov"},
        {"us-gov-west-1",
         {"AWS_USE_FIPS_ENDPOINT", "TRUE"},
         "",
         "https://ecs-fips.us-gov-west-1.amazonaws.com"},
        {"eusc-de-east-1",
         {"AWS_USE_DUALSTACK_ENDPOINT", "true"},
         "",
         "https://ecs.eusc-de-east-1.api.amazonwebservices.eu"},
        {"eu-west-1", {NULL}, config, "http://service"},
        {"eu-west-1", {NULL}, "[default]\nendpoint_url=http://profile/\n", "http://profile"},
        {"eu-west-1", {"AWS_ENDPOINT_URL", "http://all"}, config, "http://all"},
        {"",
         {"AWS_ENDPOINT_URL", "http://all", "AWS_ENDPOINT_URL_ECS", "http://ecs"},
         config,
         "http://ecs"},
        {"eu-west-1",
         {"AWS_ENDPOINT_URL", "http://all", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"},
         config,
         "https://ecs.eu-west-1.amazonaws.com"},
        {"", {NULL}, "", NULL},
        {"eu-west-1.evil.example/", {NULL}, "", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *variables[7] = {"HOME", "/h"};
        const char *const texts[] = {"/h/.aws/config", rows[i].config, NULL};
        const struct settings_service ecs = {"ecs", "ECS", "ecs"};
        memcpy(variables + 2, rows[i].variables, sizeof rows[i].variables);
        const char *url = endpoint_of(variables, texts, &ecs, rows[i].region);
        if (rows[i].url)
            CHECK_TEXT(url, rows[i].url);
        else
            CHECK(!url);
    }
}

/* Hosts that are FIPS in GovCloud without saying so, beside one that says so. */
static void test_govcloud(void)
{
    static const struct {
        const char *host, *region;
        bool dual;
        const char *url;
    } rows[] = {
        {"sts", "us-gov-west-1", false, "https://sts.us-gov-west-1.amazonaws.com"},
        {"sts", "us-gov-west-1", true, "https://sts-fips.us-gov-west-1.api.aws"},
        {"sts", "us-east-1", false, "https://sts-fips.us-east-1.amazonaws.com"},
        {"ssm", "us-gov-east-1", false, "https://ssm.us-gov-east-1.amazonaws.com"},
        {"monitoring", "us-gov-east-1", true, "https://monitoring.us-gov-east-1.api.aws"},
        {"elasticloadbalancing", "us-gov-east-1", false,
         "https://elasticloadbalancing.us-gov-east-1.amazonaws.com"},
        {"appconfig", "us-gov-west-1", false, "https://appconfig.us-gov-west-1.amazonaws.com"},
        {"appconfigdata", "us-gov-west-1", false,
         "https://appconfigdata.us-gov-west-1.amazonaws.com"},
        {"lambda", "us-gov-west-1", false, "https://lambda-fips.us-gov-west-1.amazonaws.com"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *variables[] = {"AWS_USE_FIPS_ENDPOINT", "true",
                                   rows[i].dual ? "AWS_USE_DUALSTACK_ENDPOINT" : NULL, "true",
                                   NULL};
        const struct settings_service service = {rows[i].host, "X", "x"};
        CHECK_TEXT(endpoint_of(variables, NULL, &service, rows[i].region), rows[i].url);
    }
}

static void test_region(void)
{
    static const struct {
        const char *variables[7], *region;
    } rows[] = {
        {{"HOME", "/h", NULL}, "c"},
        {{"HOME", "/h", "AWS_DEFAULT_REGION", "b", NULL}, "b"},
        {{"HOME", "/h", "AWS_DEFAULT_REGION", "b", "AWS_REGION", " a ", NULL}, "a"},
    };
    static const char *const texts[] = {"/h/.aws/config", "[default]\nregion = c\n", NULL};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct settings settings;
        fake_io_init(&fake, rows[i].variables, texts, NULL);
        CHECK(settings_open(&settings, &fake.environment, &fake.files, slice_of(""), NULL, &err));
        CHECK(slice_is(settings_region(&settings), rows[i].region));
        settings_close(&settings);
    }
}

static const struct check_test tests[] = {
    {"environment", test_environment},
    {"due", test_due},
    {"missing_profile", test_missing_profile},
    {"role", test_role},
    {"role_refused", test_role_refused},
    {"region_needed", test_region_needed},
    {"web_identity", test_web_identity},
    {"github", test_github},
    {"container", test_container},
    {"container_hosts", test_container_hosts},
    {"instance", test_instance},
    {"sso", test_sso},
    {"process", test_process},
    {"endpoints", test_endpoints},
    {"govcloud", test_govcloud},
    {"region", test_region},
};

int main(int argc, char **argv)
{
    int status = check_main(tests, sizeof tests / sizeof *tests, argc, argv);
    credentials_clear(&keys);
    return status;
}

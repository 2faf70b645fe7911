/* Where the shared files lie, and which profile is meant. */
#include "aws/profiles.h"

/* A variable that is set to nothing counts as not set. */
static struct slice variable(const struct environment *environment, const char *name)
{
    const char *value = environment->get(environment, name);
    return slice_of(value ? value : "");
}

static bool append_home(struct buffer *path, enum profiles_platform platform,
                        const struct environment *environment, struct error *err)
{
    struct slice home = variable(environment, "HOME");
    if (home.size == 0 && platform == PROFILES_WINDOWS)
        home = variable(environment, "USERPROFILE");
    if (home.size > 0 || platform != PROFILES_WINDOWS)
        return buffer_append(path, home, err);
    return buffer_append(path, variable(environment, "HOMEDRIVE"), err) &&
           buffer_append(path, variable(environment, "HOMEPATH"), err);
}

static bool starts_at_home(struct slice path, char separator)
{
    return path.size > 0 && path.data[0] == '~' &&
           (path.size == 1 || path.data[1] == '/' || path.data[1] == separator);
}

static bool append_chosen(struct buffer *path, struct slice chosen, enum profiles_platform platform,
                          const struct environment *environment, struct error *err)
{
    if (!starts_at_home(chosen, platform == PROFILES_WINDOWS ? '\\' : '/'))
        return buffer_append(path, chosen, err);
    return append_home(path, platform, environment, err) &&
           buffer_append(path, (struct slice){chosen.data + 1, chosen.size - 1}, err);
}

bool profiles_locate(struct buffer *path, enum profiles_file file, enum profiles_platform platform,
                     const struct environment *environment, struct error *err)
{
    bool config = file == PROFILES_CONFIG;
    const char *separator = platform == PROFILES_WINDOWS ? "\\" : "/";
    struct slice chosen = variable(environment,
                                   config ? "AWS_CONFIG_FILE" : "AWS_SHARED_CREDENTIALS_FILE");
    buffer_empty(path);
    if (chosen.size > 0)
        return append_chosen(path, chosen, platform, environment, err);
    if (!append_home(path, platform, environment, err))
        return false;
    return path->size == 0 ||
           (buffer_append_text(path, separator, err) && buffer_append_text(path, ".aws", err) &&
            buffer_append_text(path, separator, err) &&
            buffer_append_text(path, config ? "config" : "credentials", err));
}

struct slice profiles_chosen(const struct environment *environment)
{
    struct slice name = variable(environment, "AWS_PROFILE");
    if (name.size == 0)
        name = variable(environment, "AWS_DEFAULT_PROFILE");
    return name.size > 0 ? name : slice_of("default");
}

/* Turns Lua files into one C file, when the program is built: byte arrays and a table
 * {path, data, size} sorted by path (embedded.h).
 *
 *     embed ROOT OUTPUT PATH...     paths from ROOT, sorted
 *
 * The trusted part, lua/, goes in compiled, with its lines for messages: reading it would take a
 * third of the time from a run's start to its first request. What policies read, stdlib/, policies/
 * and the halves of targets that are theirs, stays text: it is loaded in the sandbox, shown to
 * people, and kept in journals. */
#include <lauxlib.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096, BYTES_A_LINE = 24 };

struct bytes {
    FILE *out;
    size_t size;
};

static void write_byte(struct bytes *bytes, unsigned char byte)
{
    fprintf(bytes->out, "%u,%s", byte, ++bytes->size % BYTES_A_LINE == 0 ? "\n" : "");
}

static int write_some(lua_State *L, const void *data, size_t size, void *context)
{
    (void)L;
    for (size_t i = 0; i < size; i++)
        write_byte(context, ((const unsigned char *)data)[i]);
    return ferror(((struct bytes *)context)->out);
}

static void write_compiled(lua_State *L, const char *file, const char *path, struct bytes *bytes)
{
    char *text = NULL;
    size_t size = 0;
    FILE *in = fopen(file, "rb");
    if (in && getdelim(&text, &size, '\0', in) < 0)
        luaL_error(L, "%s cannot be read", file);
    if (!in)
        luaL_error(L, "%s cannot be opened", file);
    fclose(in);
    lua_pushfstring(L, "@%s", path);
    if (luaL_loadbufferx(L, text, strlen(text), lua_tostring(L, -1), "t") != LUA_OK)
        lua_error(L);
    lua_dump(L, write_some, bytes, 0);
    lua_pop(L, 2);
    free(text);
}

static void write_text(lua_State *L, const char *file, struct bytes *bytes)
{
    FILE *in = fopen(file, "rb");
    if (!in)
        luaL_error(L, "%s cannot be opened", file);
    for (int byte; (byte = fgetc(in)) != EOF;)
        write_byte(bytes, (unsigned char)byte);
    fclose(in);
}

static bool is_for_policies(const char *path)
{
    static const char half[] = "policy.lua";
    size_t size = strlen(path);
    return strncmp(path, "lua/", 4) != 0 ||
           (strncmp(path, "lua/targets/", 12) == 0 && size > sizeof half &&
            strcmp(path + size - (sizeof half - 1), half) == 0);
}

/* A zero follows, which the size does not count. */
static size_t write_array(lua_State *L, const char *root, const char *path, int index, FILE *out)
{
    char file[PATH_SIZE];
    struct bytes bytes = {out, 0};
    snprintf(file, sizeof file, "%s/%s", root, path);
    fprintf(out, "static const unsigned char data_%d[] = {\n", index);
    if (is_for_policies(path))
        write_text(L, file, &bytes);
    else
        write_compiled(L, file, path, &bytes);
    fprintf(out, "0};\n");
    return bytes.size;
}

static int write_all(lua_State *L)
{
    int count = (int)lua_tointeger(L, 1) - 3;
    char **arguments = lua_touserdata(L, 2);
    char **paths = arguments + 3;
    size_t *sizes = lua_newuserdatauv(L, (size_t)(count + 1) * sizeof *sizes, 0);
    FILE *out = fopen(arguments[2], "w");
    if (!out)
        return luaL_error(L, "%s cannot be written", arguments[2]);
    fprintf(out, "#include \"host/embedded.h\"\n\n");
    for (int i = 0; i < count; i++)
        sizes[i] = write_array(L, arguments[1], paths[i], i, out);
    fprintf(out, "\nconst struct embedded_file embedded_files[] = {\n");
    for (int i = 0; i < count; i++)
        fprintf(out, "    {\"%s\", data_%d, %zu},\n", paths[i], i, sizes[i]);
    fprintf(out, "};\n\nconst size_t embedded_count = %d;\n", count);
    int failed = ferror(out);
    return fclose(out) == 0 && !failed ? 0 : luaL_error(L, "%s: writing failed", arguments[2]);
}

int main(int count, char **arguments)
{
    lua_State *L = luaL_newstate();
    if (!L || count < 4)
        return EXIT_FAILURE;
    lua_pushcfunction(L, write_all);
    lua_pushinteger(L, count);
    lua_pushlightuserdata(L, arguments);
    bool ok = lua_pcall(L, 2, 0, 0) == LUA_OK;
    if (!ok)
        fprintf(stderr, "embed: %s\n", lua_tostring(L, -1));
    lua_close(L);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

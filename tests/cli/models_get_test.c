/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* models get against a server that behaves well and badly: a correct file, or a clear error and nothing else
 * left but what can be gone on with. */
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/command.h"
#include "support/http_server.h"
#include "support/onnx_write.h"

#define WHOLE "net/net.ini net/net.labels.txt net/net.onnx"
#define PART  "net.onnx.part"

static HttpServer *server;
static char *bytes, *sum, *home;
static gsize n_bytes;

/* ---- what is there ----------------------------------------------------------------------------------- */

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list_into(GPtrArray *names, const char *folder, const char *prefix)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        char *shown = g_strconcat(prefix, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            g_autofree char *below = g_strconcat(shown, "/", NULL);
            list_into(names, path, below);
        }
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR) || *name == '.')
            g_ptr_array_add(names, shown);
        else
            g_free(shown);
    }
}

/* All files, and whatever is hidden, in the user's folder of models. */
static char *left(void)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = g_build_filename(home, "human-eye", "models", NULL);
    list_into(names, folder, "");
    g_ptr_array_sort(names, by_name);
    g_ptr_array_add(names, NULL);
    return g_strjoinv(" ", (char **)names->pdata);
}

static void assert_left(const char *expected)
{
    g_autofree char *found = left();
    g_assert_cmpstr(found, ==, expected);
}

static char *in_models(const char *name)
{
    return g_build_filename(home, "human-eye", "models", name, NULL);
}

static void clear_models(void)
{
    static const char *const names[] = {
        "net/net.ini", "net/net.labels.txt", "net/net.onnx", "net/mine.txt", "net", PART,
        "filler"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = in_models(names[i]);
        g_remove(path);
    }
    assert_left("");
}

static void assert_correct(void)
{
    g_autofree char *path = in_models("net/net.onnx"), *found = NULL;
    gsize n = 0;
    assert_left(WHOLE);
    g_assert_true(g_file_get_contents(path, &found, &n, NULL));
    g_assert_cmpmem(found, n, bytes, n_bytes);
}

/* ---- asking ------------------------------------------------------------------------------------------ */

static char *mirror(const char *kind)
{
    return g_strdup_printf("http://127.0.0.1:%d/%s", http_server_get_port(server), kind);
}

static Answer get(const char *kind, const char *more)
{
    g_autofree char *url = mirror(kind);
    return run("models get net --catalogue cat.ini --timeout 1 --from %s %s", url, more);
}

static void gets(const char *kind)
{
    g_auto(Answer) answer = get(kind, "");
    if (answer.status != 0)
        g_test_fail_printf("%s: %s", kind, answer.err);
    assert_correct();
}

static void fails(const char *kind, const char *words, const char *remains)
{
    g_auto(Answer) answer = get(kind, "--quiet");
    if (answer.status != 1 || !strstr(answer.err, words) || *answer.out)
        g_test_fail_printf("%s: status %d, says: %s", kind, answer.status, answer.err);
    g_assert_cmpint(g_strrstr(answer.err, "\n") - answer.err, ==, strlen(answer.err) - 1);
    g_assert_true(strchr(answer.err, '\n') == g_strrstr(answer.err, "\n"));
    assert_left(remains);
}

/* ---- the tests --------------------------------------------------------------------------------------- */

static void test_good(void)
{
    gets("good");
    g_autofree char *ini = in_models("net/net.ini"), *text = NULL;
    g_assert_true(g_file_get_contents(ini, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "Title=A little net"));
    g_assert_nonnull(strstr(text, "Labels=net.labels.txt"));
    g_assert_nonnull(strstr(text, sum));
    g_auto(Answer) check = run("models check net");
    g_assert_cmpint(check.status, ==, 0);
    g_assert_nonnull(strstr(check.out, "A little net"));
    g_auto(Answer) list = run("models list --catalogue cat.ini");
    g_assert_nonnull(strstr(list.out, "net/net.onnx"));
    g_assert_nonnull(strstr(list.out, "models get other"));
    g_assert_null(strstr(list.out, "models get net"));
    clear_models();
    gets("away");
    clear_models();
}

static void test_existing_is_kept(void)
{
    g_autofree char *mine = in_models("net/mine.txt");
    int before;
    gets("good");
    before = http_server_get_count(server);
    fails("good", "exists already", WHOLE);
    g_assert_cmpint(http_server_get_count(server), ==, before);
    g_assert_true(g_file_set_contents(mine, "a note", -1, NULL));
    g_auto(Answer) again = get("good", "--force");
    g_assert_cmpint(again.status, ==, 0);
    assert_left("net/mine.txt " WHOLE);
    g_auto(Answer) bad = get("wrong", "--force");
    g_assert_cmpint(bad.status, ==, 1);
    assert_left("net/mine.txt " WHOLE);
    clear_models();
}

static void test_cut_is_resumed(void)
{
    int before = http_server_get_count(server);
    gets("cut");
    g_assert_cmpint(http_server_get_count(server), ==, before + 2);
    g_assert_cmpint(http_server_get_range(server), ==, (gint64)n_bytes / 2);
    clear_models();
}

static void test_broken_is_kept(void)
{
    static const char *const kinds[] = {"shut", "stall"};
    static const char *const words[] = {"it ended after", "nothing came for 1 seconds"};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        fails(kinds[i], words[i], PART);
        fails("404", "goes on from there", PART);
        gets("good");
        g_assert_cmpint(http_server_get_range(server), ==, (gint64)n_bytes / 2);
        clear_models();
    }
}

/* A server that cannot resume sends all of it again. */
static void test_without_ranges(void)
{
    fails("shut", "it ended after", PART);
    gets("plain");
    clear_models();
}

static void test_refused(void)
{
    g_autofree char *said =
        g_strdup_printf("its file has %" G_GSIZE_FORMAT " bytes", n_bytes + 100);
    fails("wrong", "its SHA-256 is", "");
    fails("404", "it answers 404 (no such file)", "");
    fails("loop", "redirects more than", "");
    fails("large", said, "");
    fails("unsaid", "it sends more than", "");
    fails("small", "its file has 43 bytes", "");
    fails("local", "rotocol", "");
    fails("silent", ": ", "");
}

/* What another server began does not spoil what this one has. */
static void test_spoilt_part(void)
{
    g_autofree char *part = in_models(PART), *junk = g_malloc0(n_bytes + 7);
    g_assert_true(g_file_set_contents(part, junk, (gssize)n_bytes / 3, NULL));
    gets("good");
    clear_models();
    g_assert_true(g_file_set_contents(part, junk, (gssize)n_bytes, NULL));
    gets("good");
    clear_models();
    g_assert_true(g_file_set_contents(part, junk, (gssize)n_bytes + 7, NULL));
    gets("good");
    clear_models();
}

static void test_mirrors(void)
{
    g_autofree char *none = mirror("404"), *wrong = mirror("wrong"),
                    *good = mirror("good");
    g_auto(Answer) third = run(
        "models get net --catalogue cat.ini --from %s --from %s --from '%s/{stem}/{file}'",
        none, wrong, good);
    g_assert_cmpint(third.status, ==, 0);
    assert_correct();
    clear_models();
    g_auto(Answer) folder = run("models get net --catalogue cat.ini --from served");
    g_assert_cmpint(folder.status, ==, 0);
    assert_correct();
    clear_models();
    g_auto(Answer) all =
        run("models get net --quiet --catalogue cat.ini --from %s --from nowhere", none);
    g_assert_cmpint(all.status, ==, 1);
    g_assert_nonnull(strstr(all.err, "404"));
    g_assert_nonnull(strstr(all.err, "there is no such file"));
    g_auto(Answer) other =
        run("models get net --quiet --catalogue cat.ini --from ftp://example.org");
    g_assert_cmpint(other.status, ==, 1);
    g_assert_nonnull(strstr(other.err, "http, https or file"));
    assert_left("");
}

static void test_catalogues(void)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "[Catalogue] Format"},
        {"[Catalogue]\nFormat=1\n[a]\nFile=a.onnx\nBytes=9\n", "Model.SHA256 is missing"},
        {"[Catalogue]\nFormat=1\n[a]\nFile=../a.onnx\nBytes=9\n", "the name of an .onnx"},
        {"[Catalogue]\nFormat=1\n[.a]\nFile=a.onnx\nBytes=9\n", "cannot be called"},
        {"[Catalogue]\nFormat=1\n[a]\nFile=a.onnx\nBytes=-9\n", "[a] Bytes=-9"},
        {"[Catalogue]\nFormat=1\n[a]\nFile=a.onnx\nBytes=9\nLabels=../x\n",
         "Labels=../x"},
        {"[Catalogue]\nFormat=1\n[a]\nFile=a.onnx\nBytes=9\nInput.Fot=crop\n", "'Fot'"},
        {"[Catalogue]\nFormat=1\n[a]\nFile=a.onnx\nBytes=9\nColour=red\n", "'Colour'"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        put("bad.ini", cases[i].text);
        g_auto(Answer) answer = run("models get a --quiet --catalogue bad.ini");
        if (answer.status != 1 || !strstr(answer.err, cases[i].words))
            g_test_fail_printf("%s: %s", cases[i].text, answer.err);
    }
    g_auto(Answer) absent = run("models get nothing --catalogue cat.ini");
    g_assert_cmpint(absent.status, ==, 1);
    g_assert_nonnull(strstr(absent.err, "it has net, other"));
    drop("bad.ini");
    assert_left("");
}

/* The project's own catalogue is well formed, and its labels are there. */
static void test_own_catalogue(void)
{
    g_autofree char *own =
        g_build_filename(g_getenv("HE_TOP"), "models", "catalogue.ini", NULL);
    g_auto(Answer) list = run("models list --catalogue '%s'", own);
    g_assert_cmpint(list.status, ==, 0);
    g_assert_nonnull(strstr(list.out, "human-eye models get resnet50"));
    g_auto(Answer) nowhere =
        run("models get resnet50 --quiet --catalogue '%s' --from nowhere", own);
    g_assert_cmpint(nowhere.status, ==, 1);
    g_assert_nonnull(
        strstr(nowhere.err, "nowhere/resnet50-v1-12.onnx: there is no such"));
    assert_left("");
}

static GPid start_stalled(void)
{
    g_autofree char *url = mirror("stall"), *part = in_models(PART);
    g_autofree char *program = g_build_filename(g_getenv("HE_BUILD"), "human-eye", NULL);
    g_autofree char *catalogue = at("cat.ini");
    char *const argv[] = {program,  "models", "get",         "net",     "--quiet",
                          "--from", url,      "--catalogue", catalogue, NULL};
    GPid pid;
    g_assert_true(g_spawn_async(NULL, (char **)argv, NULL,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
                                NULL, NULL, &pid, NULL));
    for (int i = 0; i < 500; i++) {
        GStatBuf info;
        if (g_stat(part, &info) == 0 && info.st_size > 0)
            return pid;
        g_usleep(10000);
    }
    g_assert_not_reached();
}

/* One at a time; Ctrl-C leaves what can be gone on with. */
static void test_interrupted(void)
{
    int status = 0;
    GPid pid = start_stalled();
    g_auto(Answer) second = get("good", "--quiet");
    g_assert_cmpint(second.status, ==, 1);
    g_assert_nonnull(strstr(second.err, "another download is at work"));
    kill(pid, SIGINT);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGINT);
    assert_left(PART);
    gets("good");
    clear_models();
}

/* ---- a full disk ------------------------------------------------------------------------------------- */

static gboolean mount_small(const char *folder, int kilobytes)
{
    g_autofree char *line = g_strdup_printf(
        "mount -t tmpfs -o size=%dk none '%s' 2>/dev/null", kilobytes, folder);
    g_mkdir_with_parents(folder, 0700);
    return run_shell(line) == 0;
}

static void unmount(const char *folder)
{
    g_autofree char *line = g_strdup_printf("umount '%s'", folder);
    g_assert_cmpint(run_shell(line), ==, 0);
}

static void fill_disk(void *data)
{
    g_autofree char *path = in_models("filler");
    char block[4096] = "";
    FILE *file = g_fopen(path, "wb");
    (void)data;
    g_assert_nonnull(file);
    setvbuf(file, NULL, _IONBF, 0);
    while (fwrite(block, 1, sizeof block, file) == sizeof block) {
    }
    g_assert_cmpint(errno, ==, ENOSPC);
    fclose(file);
}

static void test_full_disk(void)
{
    g_autofree char *folder = in_models("");
    clear_models();
    if (!mount_small(folder, (int)(n_bytes / 2048))) {
        g_test_skip("no small file system can be mounted here (root can)");
        return;
    }
    fails("good", "there is room for", "");
    unmount(folder);
    g_assert_true(mount_small(folder, (int)(n_bytes / 512)));
    http_server_on_half(server, fill_disk, NULL);
    fails("fill", "No space left", "filler");
    unmount(folder);
    assert_left("");
}

/* ---- what is served ---------------------------------------------------------------------------------- */

static void make_file(void)
{
    g_autofree char *folder = at("served"), *path = at("served/little-net-1.onnx");
    g_autofree float *w = g_new(float, 64 * 3 * 121), *v = g_new(float, 64 * 2);
    OnnxGraph *g = onnx_graph_new("little");
    for (int i = 0; i < 64 * 3 * 121; i++)
        w[i] = (float)(i % 251) / 251 - 0.5f;
    for (int i = 0; i < 64 * 2; i++)
        v[i] = (float)(i % 17) / 17 - 0.5f;
    g_mkdir(folder, 0700);
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 3, 24, 24});
    onnx_init_f32(g, "w", 4, (gint64[]){64, 3, 11, 11}, w);
    onnx_init_f32(g, "v", 2, (gint64[]){64, 2}, v);
    onnx_node(g, "Conv", "x,w", "c");
    onnx_node(g, "Relu", "c", "r");
    onnx_node(g, "GlobalAveragePool", "r", "p");
    onnx_node(g, "Flatten", "p", "f");
    onnx_node(g, "MatMul", "f,v", "y");
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, 2});
    onnx_write(g, 13, path);
    bytes = load("served/little-net-1.onnx", &n_bytes);
    sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, n_bytes);
}

static void make_catalogue(void)
{
    g_autofree char *text = g_strdup_printf(
        "[Catalogue]\nFormat=1\nMirrors=http://127.0.0.1:1/{file}\n"
        "[net]\nFile=little-net-1.onnx\nBytes=%" G_GSIZE_FORMAT
        "\nLabels=served/names.txt\nModel.SHA256=%s\nModel.Title=A little net\n"
        "Model.Licence=MIT\nInput.Fit=crop\n"
        "[other]\nFile=other.onnx\nBytes=1\nModel.SHA256=%s\n",
        n_bytes, sum, sum);
    put("cat.ini", text);
    put("served/names.txt", "left\nright\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_setenv("no_proxy", "*", TRUE);
    command_start();
    home = at("home");
    g_setenv("XDG_DATA_HOME", home, TRUE);
    g_setenv("XDG_CONFIG_HOME", home, TRUE);
    make_file();
    make_catalogue();
    server = http_server_new(bytes, n_bytes);
    g_test_add_func("/cli/models-get/good", test_good);
    g_test_add_func("/cli/models-get/existing", test_existing_is_kept);
    g_test_add_func("/cli/models-get/cut", test_cut_is_resumed);
    g_test_add_func("/cli/models-get/broken", test_broken_is_kept);
    g_test_add_func("/cli/models-get/without-ranges", test_without_ranges);
    g_test_add_func("/cli/models-get/refused", test_refused);
    g_test_add_func("/cli/models-get/spoilt-part", test_spoilt_part);
    g_test_add_func("/cli/models-get/mirrors", test_mirrors);
    g_test_add_func("/cli/models-get/catalogues", test_catalogues);
    g_test_add_func("/cli/models-get/own-catalogue", test_own_catalogue);
    g_test_add_func("/cli/models-get/interrupted", test_interrupted);
    g_test_add_func("/cli/models-get/full-disk", test_full_disk);
    int status = g_test_run();
    http_server_free(server);
    run_shell("rm -rf home served");
    command_end();
    g_free(home);
    g_free(bytes);
    g_free(sum);
    return status;
}

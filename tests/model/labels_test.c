/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Label files, and classes found by what a person types (docs/descriptor.md, "How a class is found"). */
#include <string.h>

#include "core/limits.h"
#include "model/model.h"
#include "tests/support/scratch.h"

/* ---- files ------------------------------------------------------------------------------------------- */

static void assert_labels(const char *text, gssize n, int count,
                          const char *const *expected)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    int found = 0;
    g_auto(GStrv) labels =
        he_labels_read(scratch_write(scratch, "labels.txt", text, n), &found, &error);

    g_assert_no_error(error);
    g_assert_cmpint(found, ==, count);
    for (int i = 0; i < count; i++)
        g_assert_cmpstr(labels[i], ==, expected[i]);
    g_assert_null(labels[count]);
}

static void test_read(void)
{
    assert_labels("cat\ndog", -1, 2, (const char *const[]){"cat", "dog"});
    assert_labels("\xef\xbb\xbf"
                  "cat\r\n dog \r\n\r\n\n",
                  -1, 2, (const char *const[]){"cat", "dog"});
    assert_labels("cat\n\ndog\n", -1, 3, (const char *const[]){"cat", "", "dog"});
    assert_labels(
        "n01440764 tench, Tinca tinca\nn01443537\tgoldfish\nn014 x\nnut\n", -1, 4,
        (const char *const[]){"tench, Tinca tinca", "goldfish", "n014 x", "nut"});
    assert_labels("\xc3\x96l\n", -1, 1, (const char *const[]){"\xc3\x96l"});
}

static void assert_bad_file(const char *text, gssize n, const char *words)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    int found = -7;

    g_assert_null(
        he_labels_read(scratch_write(scratch, "labels.txt", text, n), &found, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL);
    g_assert_nonnull(strstr(error->message, "labels.txt: "));
    g_assert_nonnull(strstr(error->message, words));
    g_assert_cmpint(found, ==, -7);
}

static void test_read_bad(void)
{
    g_autofree char *longest = g_strnfill(HE_MAX_NAME + 1, 'x');
    g_autofree char *most = g_strnfill(HE_MAX_CLASSES + 1, '\n');
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    int found;

    assert_bad_file("", 0, "no labels");
    assert_bad_file("\n\n", -1, "no labels");
    assert_bad_file("cat\nd\xffg\n", -1, "not UTF-8 text, from byte 5");
    assert_bad_file("cat\0dog", 7, "not UTF-8 text, from byte 3");
    assert_bad_file(longest, -1, "line 1: at most 1000000 lines of 4096 bytes");
    assert_bad_file(most, -1, "line 1000001: at most");
    g_assert_null(he_labels_read(scratch_path(scratch, "none"), &found, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
}

/* ---- names --------------------------------------------------------------------------------------------- */

static char *const names[] = {
    "tench, Tinca tinca",
    "Egyptian cat",
    "tiger cat",
    "Cardigan, Cardigan Welsh corgi",
    "crane",
    "cardigan",
    "crane",
    "",
    "hot_dog",
    "hotdog, hot dog, red hot",
    "\xc3\x84pfel",
    "great white shark, white shark, man-eater, man-eating shark, Carcharodon carcharias",
};

static void test_found(void)
{
    static const struct {
        const char *text;
        int index;
    } cases[] = {
        {"Egyptian cat", 1},      {"egyptian_CAT", 1},
        {"  EgyptianCat ", 1},    {"tench", 0},
        {"TINCA tinca", 0},       {"tench, Tinca tinca", 0},
        {"tench,tinca TINCA", 0}, {"Cardigan", 3},
        {"cardigan", 5},          {"cardigan welsh corgi", 3},
        {"hot_dog", 8},           {"hotdog", 9},
        {"hot dog", 9},           {"\xc3\xa4PFEL", 10},
        {"man-eater", 11},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int found = he_labels_find(names, G_N_ELEMENTS(names), cases[i].text, &error);
        g_assert_no_error(error);
        g_assert_cmpint(found, ==, cases[i].index);
    }
}

static void test_not_found(void)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"crane",
         "several classes are called 'crane': crane (4), crane (6); give the number"},
        {"CARDIGAN", "Cardigan, Cardigan Welsh corgi (3), cardigan (5)"},
        {"HOT DOG", "hot_dog (8), hotdog, hot dog, red hot (9)"},
        {"cat",
         "no class is called 'cat'; the nearest: Egyptian cat (1), tiger cat (2), "},
        {"egyptain cat", "the nearest: Egyptian cat (1), "},
        {"tensh", "the nearest: tench, Tinca tinca (0), "},
        {"shark", "great white shark"},
        {"Egyptian", "no class is called 'Egyptian'; the nearest: Egyptian cat (1), "},
        {"", "expected the number or the name of a class"},
        {"   ", "expected the number or the name of a class"},
        {"\xff\xfe", "no class is called"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int found = he_labels_find(names, G_N_ELEMENTS(names), cases[i].text, &error);
        g_assert_cmpint(found, ==, -1);
        g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].words));
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
    }
}

/* Five names at most, however many are near or equal; and it stays quick with very many. */
static void test_many(void)
{
    int n = 100000;
    g_auto(GStrv) labels = g_new0(char *, n + 1);
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();
    int seconds = g_getenv("HE_VALGRIND") ? 100 : 5;

    for (int i = 0; i < n; i++)
        labels[i] = g_strdup_printf("thing number %d of many, synonym %d", i, i);
    g_assert_cmpint(he_labels_find(labels, n, "SYNONYM 99999", &error), ==, 99999);
    g_assert_cmpint(he_labels_find(labels, n, "thing nomber 500 of many", &error), ==,
                    -1);
    g_assert_nonnull(
        strstr(error->message, "thing number 500 of many, synonym 500 (500)"));
    g_assert_null(strstr(error->message, "(99999)"));
    g_assert_cmpint(g_get_monotonic_time() - start, <, seconds * G_USEC_PER_SEC);
    g_clear_error(&error);
    for (int i = 0; i < n; i++)
        strcpy(labels[i], "same");
    g_assert_cmpint(he_labels_find(labels, n, "same", &error), ==, -1);
    g_assert_nonnull(strstr(error->message, "same (4), ...; give the number"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/labels/read", test_read);
    g_test_add_func("/model/labels/read-bad", test_read_bad);
    g_test_add_func("/model/labels/found", test_found);
    g_test_add_func("/model/labels/not-found", test_not_found);
    g_test_add_func("/model/labels/many", test_many);
    return g_test_run();
}

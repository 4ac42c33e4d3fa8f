/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A plug-in for the tests, compiled for each GIMP. Its one procedure does what `text` says:
 *   nothing    what an idle plug-in is; the most memory it took, in KiB
 *   host       the memory that GIMP takes, in KiB
 *   read       reads the layer once, in bands of rows; seconds
 *   dump FILE  writes the stored numbers: bytes where they are 8 bits, else floats
 *   against FILE  their largest difference from those bytes
 *   fill FILE  stores what those bytes are in the layer's own precision: the same numbers in every run, as GIMP's
 *              step from 8 bits would not make them; 0 if they are not those of such a layer
 * and returns that number. */
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugin/gimp/compat.h"
#include "plugin/gimp/stored.h"

#define NAME "plug-in-human-eye-probe"
#define BAND 256

/* Of all of BUFFER, rows as FORMAT. */
static void read_rows(GeglBuffer *buffer, const Babl *format)
{
    const int width = gegl_buffer_get_width(buffer);
    const int height = gegl_buffer_get_height(buffer);
    const gsize row = (gsize)width * (gsize)babl_format_get_bytes_per_pixel(format);
    g_autofree guint8 *rows = g_malloc(row * BAND);

    for (int y = 0; y < height; y += BAND) {
        const GeglRectangle rect = {0, y, width, MIN(BAND, height - y)};

        gegl_buffer_get(buffer, &rect, 1.0, format, rows, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
    }
}

/* Of all of BUFFER, *N bytes; g_free. */
static char *stored_numbers(GeglBuffer *buffer, gsize *n)
{
    const Babl *rows = he_gimp_stored_rows(gegl_buffer_get_format(buffer));
    const GeglRectangle *all = gegl_buffer_get_extent(buffer);
    const gsize n_numbers = (gsize)all->width * (gsize)all->height *
                            (gsize)babl_format_get_n_components(rows);
    float *floats = g_new0(float, n_numbers);
    guint8 *bytes = (guint8 *)floats;

    he_gimp_stored_read(buffer, all, 1.0, floats, NULL);
    *n = n_numbers * sizeof(float);
    if (babl_format_get_type(rows, 0) != babl_type("u8"))
        return (char *)floats;
    for (gsize i = 0; i < n_numbers; i++)
        bytes[i] = (guint8)(floats[i] * 255 + 0.5f);
    *n = n_numbers;
    return (char *)bytes;
}

static void dump(GeglBuffer *buffer, const char *name)
{
    gsize n;
    g_autofree char *numbers = stored_numbers(buffer, &n);

    g_file_set_contents(name, numbers, (gssize)n, NULL);
}

/* The largest difference from bytes that were dumped. */
static double against(GeglBuffer *buffer, const char *name)
{
    gsize n, n_dumped;
    g_autofree char *numbers = stored_numbers(buffer, &n);
    g_autofree char *dumped = NULL;
    int most = 0;

    if (!g_file_get_contents(name, &dumped, &n_dumped, NULL) || n != n_dumped)
        return G_MAXUINT8;
    for (gsize i = 0; i < n; i++)
        most = MAX(most, ABS((int)(guint8)numbers[i] - (int)(guint8)dumped[i]));
    return most;
}

/* BYTE / 255; of linear light, its square: what the curve of a space would make of it hangs on who calculates. */
static double number_of_byte(guint8 byte, gboolean is_linear)
{
    const double v = byte / 255.0;

    return is_linear ? v * v : v;
}

/* FALSE: the bytes are not those of such a layer. */
static gboolean fill(GeglBuffer *buffer, const char *name)
{
    const Babl *native = gegl_buffer_get_format(buffer);
    const GeglRectangle *all = gegl_buffer_get_extent(buffer);
    const gsize n_pixels = (gsize)all->width * (gsize)all->height;
    const gsize n_components = (gsize)babl_format_get_n_components(native);
    const gsize n_colours = n_components - (babl_format_has_alpha(native) != 0);
    const gsize n = n_pixels * n_components;
    g_autofree char *bytes = NULL;
    g_autofree double *numbers = g_new(double, n);
    g_autofree float *floats = g_new(float, n);
    g_autofree char *rows = g_new(char, n * sizeof(double));
    gsize n_bytes;

    if (!g_file_get_contents(name, &bytes, &n_bytes, NULL) || n_bytes != n)
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        numbers[i] = number_of_byte((guint8)bytes[i], he_gimp_stored_is_linear(native) &&
                                                          i % n_components < n_colours);
        floats[i] = (float)numbers[i];
    }
    if (babl_format_get_type(native, 0) == babl_type("double"))
        memcpy(rows, numbers, n * sizeof(double));
    else
        he_gimp_stored_encode(native, floats, rows, n_pixels);
    gegl_buffer_set(buffer, all, 0, native, rows, GEGL_AUTO_ROWSTRIDE);
    gegl_buffer_flush(buffer);
    return TRUE;
}

/* The number after NAME in what the kernel says of PROCESS. */
static double status_of(const char *process, const char *name)
{
    g_autofree char *path = g_build_filename("/proc", process, "status", NULL);
    g_autofree char *text = NULL;
    const char *at = NULL;

    if (g_file_get_contents(path, &text, NULL, NULL))
        at = strstr(text, name);
    return at ? g_ascii_strtod(at + strlen(name), NULL) : 0;
}

static double host_memory(void)
{
    g_autofree char *parent = g_strdup_printf("%d", (int)getppid());

    return status_of(parent, "VmRSS:");
}

static double probe(HeGimpDrawable drawable, const char *text)
{
    const gint64 start = g_get_monotonic_time();
    GeglBuffer *buffer;
    double number = -1;

    gegl_init(NULL, NULL);
    if (g_str_equal(text, "nothing"))
        return status_of("self", "VmHWM:");
    if (g_str_equal(text, "host"))
        return host_memory();
    buffer = gimp_drawable_get_buffer(drawable);
    if (g_str_equal(text, "read"))
        read_rows(buffer, babl_format("R'G'B'A float"));
    else if (g_str_has_prefix(text, "dump "))
        dump(buffer, text + strlen("dump "));
    else if (g_str_has_prefix(text, "against "))
        number = against(buffer, text + strlen("against "));
    else if (g_str_has_prefix(text, "fill "))
        number = fill(buffer, text + strlen("fill "));
    g_object_unref(buffer);
    return number >= 0 ? number
                       : (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
}

/* What keeps GTK in the program, as ours has it. */
GType he_probe_type(void);
GType he_probe_type(void)
{
    return GIMP_TYPE_PREVIEW_AREA;
}

#if GIMP_CHECK_VERSION(2, 99, 0)

G_DECLARE_FINAL_TYPE(HeProbe, he_probe, HE, PROBE, GimpPlugIn)

struct _HeProbe {
    GimpPlugIn parent;
};

G_DEFINE_TYPE(HeProbe, he_probe, GIMP_TYPE_PLUG_IN)

GIMP_MAIN(he_probe_get_type())

static GimpValueArray *run(GimpProcedure *procedure, GimpRunMode mode G_GNUC_UNUSED,
                           GimpImage *image G_GNUC_UNUSED, GimpDrawable **drawables,
                           GimpProcedureConfig *config, gpointer data G_GNUC_UNUSED)
{
    GimpValueArray *values =
        gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);
    g_autofree char *text = NULL;

    g_object_get(config, "text", &text, NULL);
    GIMP_VALUES_SET_DOUBLE(values, 1, probe(drawables[0], text));
    return values;
}

static GList *query_procedures(GimpPlugIn *plug_in G_GNUC_UNUSED)
{
    return g_list_append(NULL, g_strdup(NAME));
}

static GimpProcedure *create_procedure(GimpPlugIn *plug_in, const gchar *name)
{
    GimpProcedure *procedure = gimp_image_procedure_new(
        plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);

    gimp_procedure_set_image_types(procedure, "*");
    gimp_procedure_add_string_argument(procedure, "text", "text", NULL, "nothing",
                                       G_PARAM_READWRITE);
    gimp_procedure_add_double_return_value(procedure, "number", "number", NULL, 0,
                                           G_MAXDOUBLE, 0, G_PARAM_READWRITE);
    return procedure;
}

static void he_probe_class_init(HeProbeClass *klass)
{
    GIMP_PLUG_IN_CLASS(klass)->query_procedures = query_procedures;
    GIMP_PLUG_IN_CLASS(klass)->create_procedure = create_procedure;
}

static void he_probe_init(HeProbe *self G_GNUC_UNUSED)
{
}

#else

static void query(void)
{
    static const GimpParamDef arguments[] = {
        {GIMP_PDB_INT32, (gchar *)"run-mode", (gchar *)""},
        {GIMP_PDB_IMAGE, (gchar *)"image", (gchar *)""},
        {GIMP_PDB_DRAWABLE, (gchar *)"drawable", (gchar *)""},
        {GIMP_PDB_STRING, (gchar *)"text", (gchar *)""},
    };
    static const GimpParamDef values[] = {
        {GIMP_PDB_FLOAT, (gchar *)"number", (gchar *)""}};

    gimp_install_procedure(NAME, "", "", "", "", "", NULL, "*", GIMP_PLUGIN,
                           G_N_ELEMENTS(arguments), G_N_ELEMENTS(values), arguments,
                           values);
}

static void run(const gchar *name G_GNUC_UNUSED, gint n_arguments G_GNUC_UNUSED,
                const GimpParam *arguments, gint *n_values, GimpParam **values)
{
    static GimpParam answer[2] = {{.type = GIMP_PDB_STATUS}, {.type = GIMP_PDB_FLOAT}};

    answer[0].data.d_status = GIMP_PDB_SUCCESS;
    answer[1].data.d_float =
        probe(arguments[2].data.d_drawable, arguments[3].data.d_string);
    *n_values = G_N_ELEMENTS(answer);
    *values = answer;
}

const GimpPlugInInfo PLUG_IN_INFO = {NULL, NULL, query, run};

MAIN()

#endif

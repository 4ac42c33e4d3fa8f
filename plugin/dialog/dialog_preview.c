/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The preview: the picture with the answer over it, as the layer will look. */
#include <glib/gi18n.h>

#include "plugin/dialog/dialog_parts.h"

static void allocated(GtkWidget *area G_GNUC_UNUSED,
                      GtkAllocation *allocation G_GNUC_UNUSED, HeDialog *dialog)
{
    he_dialog_preview_draw(dialog);
}

void he_dialog_preview_fit(HeDialog *dialog)
{
    he_gimp_thumbnail_clear(&dialog->thumbnail);
    he_gimp_thumbnail_init(&dialog->thumbnail, &dialog->job->place,
                           HE_DIALOG_PREVIEW_SIDE);
    dialog->has_picture = FALSE;
    gtk_widget_set_size_request(dialog->preview, dialog->thumbnail.width,
                                dialog->thumbnail.height);
}

GtkWidget *he_dialog_preview_new(HeDialog *dialog)
{
    GtkWidget *frame = gtk_frame_new(NULL);
    GtkWidget *middle = he_box_new(GTK_ORIENTATION_HORIZONTAL, 0);

    dialog->preview = gimp_preview_area_new();
    he_dialog_preview_fit(dialog);
    g_signal_connect(dialog->preview, "size-allocate", G_CALLBACK(allocated), dialog);
    gtk_frame_set_shadow_type(GTK_FRAME(frame), GTK_SHADOW_IN);
    gtk_container_add(GTK_CONTAINER(frame), dialog->preview);
    gtk_box_pack_start(GTK_BOX(middle), frame, TRUE, FALSE, 0);
    gtk_widget_set_size_request(middle, HE_DIALOG_PREVIEW_SIDE, -1);
    return middle;
}

void he_dialog_preview_draw(HeDialog *dialog)
{
    HeGimpThumbnail *thumbnail = &dialog->thumbnail;
    g_autofree guint8 *rgba = NULL;

    if (!dialog->has_picture)
        return;
    rgba = g_malloc((gsize)thumbnail->width * (gsize)thumbnail->height * 4);
    if (he_gimp_thumbnail_render(thumbnail, &dialog->job->place, dialog->outcome, rgba,
                                 NULL))
        gimp_preview_area_draw(GIMP_PREVIEW_AREA(dialog->preview), 0, 0, thumbnail->width,
                               thumbnail->height, GIMP_RGBA_IMAGE, rgba,
                               thumbnail->width * 4);
}

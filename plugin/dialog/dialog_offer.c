/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a session can be asked: the methods that fit it, and the stages of its network. */
#include "plugin/dialog/dialog_parts.h"

static char **list_stages(HeSession *session)
{
    GPtrArray *stages = g_ptr_array_new();
    int n = 0;
    HeLayer *layers = he_session_list_layers(session, &n, NULL);

    for (int i = 0; layers && i < n; i++)
        if (layers[i].stage)
            g_ptr_array_add(stages, g_strdup(layers[i].stage));
    if (layers)
        he_layers_free(layers, n);
    g_ptr_array_add(stages, NULL);
    return (char **)g_ptr_array_free(stages, FALSE);
}

void he_dialog_offer_init(HeDialogOffer *offer, HeSession *session)
{
    const HeMethodInfo *methods = he_methods_list(&offer->n_refusals);

    offer->refusals = g_new0(char *, (gsize)offer->n_refusals + 1);
    for (int i = 0; i < offer->n_refusals; i++) {
        char *why = he_method_refusal(session, methods[i].id);

        offer->refusals[i] = why ? why : g_strdup("");
    }
    offer->stages = list_stages(session);
}

void he_dialog_offer_clear(HeDialogOffer *offer)
{
    g_strfreev(offer->refusals);
    g_strfreev(offer->stages);
    *offer = (HeDialogOffer){0};
}

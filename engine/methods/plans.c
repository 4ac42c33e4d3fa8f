/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The plans of a session: made as questions come, kept with the input that they last saw, within bounds. */
#include <string.h>

#include "core/os.h"
#include "methods/session.h"

#define MAX_PLANS  4
#define ROOM_TIMES 3                 /* times the weights, */
#define ROOM_MORE  ((gsize)16 << 20) /* and some, for small networks */

/* A plan, what it was made for, and the input whose values it holds. */
typedef struct {
    HePlan *plan;
    HeWants wants;
    char *names; /* owned copies behind `wants`: the key */
    guint64 serial;
} Kept;

static void key_list(GString *key, const char *const *list, char mark)
{
    for (; *list; list++)
        g_string_append_printf(key, "%c%s\n", mark, *list);
}

/* Two questions with one key are answered by one plan. */
static char *key_new(const HeTensor *shape, const HeWants *wants)
{
    GString *key = g_string_new(NULL);
    g_autofree char *text = he_tensor_shape_text(shape);
    g_string_append_printf(key, "%s\n", text);
    key_list(key, wants->values, 'v');
    key_list(key, wants->gradients, 'g');
    key_list(key, wants->targets, 't');
    return g_string_free(key, FALSE);
}

static gboolean list_covers(const char *const *have, const char *const *want)
{
    for (; *want; want++)
        if (!g_strv_contains(have, *want))
            return FALSE;
    return TRUE;
}

static void kept_free(gpointer data)
{
    Kept *kept = data;
    he_plan_free(kept->plan);
    g_free(kept->names);
    g_free(kept);
}

GPtrArray *he_plans_new(void)
{
    return g_ptr_array_new_with_free_func(kept_free);
}

HePlan *he_session_compile(HeSession *session, const HeTensor *shape,
                           const HeWants *wants, gboolean is_survey, const HeTask *task,
                           GError **error)
{
    HePlanContext context = {.onnx = session->model->onnx,
                             .input = session->input,
                             .shape = shape,
                             .layout = session->model->descriptor.layout,
                             .held = session->model->held,
                             .n_held = session->model->n_held,
                             .precision = session->precision,
                             .kernels = session->kernels,
                             .pool = session->pool,
                             .store = session->packed,
                             .keeps_nodes = is_survey};
    HeWanted wanted = {wants->values, wants->gradients, wants->targets};
    return he_plan_new(&context, &wanted, task, error);
}

gsize he_session_get_arena_bytes(const HeSession *session)
{
    gsize bytes = 0;
    for (guint i = 0; i < session->plans->len; i++) {
        const Kept *kept = g_ptr_array_index(session->plans, i);
        bytes += he_plan_get_arena_bytes(kept->plan);
    }
    return bytes;
}

/* A plan that already holds this input's values and all that is wanted. */
static HePlan *find_answered(HeSession *session, const HeInput *input,
                             const HeWants *wants)
{
    for (guint i = 0; i < session->plans->len; i++) {
        const Kept *kept = g_ptr_array_index(session->plans, i);
        if (kept->serial == input->serial &&
            list_covers(kept->wants.values, wants->values) &&
            list_covers(kept->wants.gradients, wants->gradients) &&
            list_covers(kept->wants.targets, wants->targets))
            return kept->plan;
    }
    return NULL;
}

static Kept *find_kept(HeSession *session, const char *key)
{
    for (guint i = 0; i < session->plans->len; i++) {
        Kept *kept = g_ptr_array_index(session->plans, i);
        if (g_str_equal(kept->names, key))
            return kept;
    }
    return NULL;
}

/* Points the copies of the wanted names into one string that lives as long as the plan. */
static void own_names(Kept *kept, const HeWants *wants)
{
    const char *const *from[] = {wants->values, wants->gradients, wants->targets};
    const char **to[] = {kept->wants.values, kept->wants.gradients, kept->wants.targets};
    for (guint l = 0; l < G_N_ELEMENTS(from); l++)
        for (int i = 0; from[l][i]; i++)
            to[l][i] = g_intern_string(from[l][i]);
}

static Kept *keep(HeSession *session, const HeInput *input, const HeWants *wants,
                  char *key, const HeTask *task, GError **error)
{
    g_autofree char *owned = key;
    HePlan *plan = he_session_compile(session, &input->tensor, wants, FALSE, task, error);
    if (!plan)
        return NULL;
    if (session->plans->len >= MAX_PLANS)
        g_ptr_array_remove_index(session->plans, 0);
    Kept *kept = g_new0(Kept, 1);
    kept->plan = plan;
    kept->names = g_steal_pointer(&owned);
    own_names(kept, wants);
    g_ptr_array_add(session->plans, kept);
    return kept;
}

/* ---- room ------------------------------------------------------------------------------------------- */

gsize he_session_get_memory(const HeSession *session)
{
    gsize bytes = he_packed_store_get_bytes(session->packed);
    for (guint i = 0; i < session->plans->len; i++)
        bytes += he_plan_get_memory(((Kept *)g_ptr_array_index(session->plans, i))->plan);
    return bytes;
}

static gboolean has_room(const HeSession *session, const HePlan *plan)
{
    gsize most = ROOM_TIMES * he_plan_get_weight_bytes(plan) + ROOM_MORE;
    return he_session_get_memory(session) + he_plan_get_growth(plan) <= most;
}

/* Before KEPT runs: those that have not run for the longest time give up their values, which are soon made anew, until
 * all hold at most a few times the weights and ROOM_MORE, that of the first to KEPT if it fits; and their packed weights
 * where KEPT could not keep its own beside them, as those are bounded too. KEPT becomes the newest. */
static void make_room(HeSession *session, Kept *kept)
{
    GPtrArray *plans = session->plans;
    guint at;
    if (g_ptr_array_find(plans, kept, &at))
        g_ptr_array_insert(plans, -1, g_ptr_array_steal_index(plans, at));
    he_plan_find_packed(kept->plan);
    for (guint i = 0; i + 1 < plans->len && !he_plan_can_pack(kept->plan); i++)
        he_plan_forget_packed(((Kept *)g_ptr_array_index(plans, i))->plan);
    gboolean is_given = FALSE;
    for (guint i = 0; i + 1 < plans->len && !has_room(session, kept->plan); i++) {
        Kept *older = g_ptr_array_index(plans, i);
        he_plan_hand_over(older->plan, kept->plan);
        is_given = is_given || he_plan_get_memory(older->plan) > 0;
        he_plan_forget_values(older->plan);
        older->serial = 0;
    }
    if (is_given)
        he_os_give_back_memory();
}

/* ---- runs ----------------------------------------------------------------------------------------- */

HePlan *he_session_run(HeSession *session, const HeInput *input, const HeWants *wants,
                       const HeTask *task, GError **error)
{
    HePlan *answered = find_answered(session, input, wants);
    if (answered)
        return answered;
    const HeWants *expected = session->expected;
    if (expected && list_covers(expected->values, wants->values) &&
        list_covers(expected->gradients, wants->gradients) &&
        list_covers(expected->targets, wants->targets))
        wants = expected;
    char *key = key_new(&input->tensor, wants);
    Kept *kept = find_kept(session, key);
    if (kept)
        g_free(key);
    else
        kept = keep(session, input, wants, key, task, error);
    if (!kept)
        return NULL;
    make_room(session, kept);
    kept->serial = 0;
    if (!he_plan_forward(kept->plan, &input->tensor, task, error))
        return NULL;
    kept->serial = input->serial;
    return kept->plan;
}

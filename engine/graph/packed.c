/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A table of what is packed, by key; see packed.h. */
#include "graph/packed.h"

#include "core/alloc.h"

struct HePackedStore {
    GHashTable *all; /* GBytes -> HePacked */
    gsize bytes;
};

HePackedStore *he_packed_store_new(void)
{
    HePackedStore *store = g_new0(HePackedStore, 1);
    store->all = g_hash_table_new(g_bytes_hash, g_bytes_equal);
    return store;
}

void he_packed_store_free(HePackedStore *store)
{
    if (!store)
        return;
    g_hash_table_unref(store->all);
    g_free(store);
}

gsize he_packed_store_get_bytes(const HePackedStore *store)
{
    return store->bytes;
}

HePacked *he_packed_find(HePackedStore *store, GBytes *key)
{
    HePacked *packed = g_hash_table_lookup(store->all, key);
    if (packed)
        packed->n_users++;
    return packed;
}

HePacked *he_packed_new(HePackedStore *store, GBytes *key, gsize bytes)
{
    void *data = he_alloc(bytes, 1, "packed weights", NULL);
    if (!data)
        return NULL;
    HePacked *packed = g_new(HePacked, 1);
    *packed = (HePacked){data, bytes, g_bytes_ref(key), store, 1};
    g_hash_table_insert(store->all, packed->key, packed);
    store->bytes += bytes;
    return packed;
}

void he_packed_give_back(HePacked *packed)
{
    if (!packed || --packed->n_users > 0)
        return;
    g_hash_table_remove(packed->store->all, packed->key);
    packed->store->bytes -= packed->bytes;
    g_bytes_unref(packed->key);
    he_free(packed->data);
    g_free(packed);
}

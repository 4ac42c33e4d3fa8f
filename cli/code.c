/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Huffman's codes: depths in the tree by Moffat, Katajainen, "In-place calculation of minimum-redundancy codes",
 * 1995; what is longer than allowed is made shorter at the cost of others until Kraft's sum is 1 again. */
#include <stdlib.h>

#include "cli/code.h"

static int by_frequency(const void *a, const void *b)
{
    guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;
    return (x > y) - (x < y);
}

/* A[0..n-1], rising: how often; becomes the depths in Huffman's tree, falling. */
static void find_depths(guint64 *a, int n)
{
    int root = 0, leaf = 2, next, used, free_, depth;
    if (n <= 1) {
        a[0] = 1;
        return;
    }
    a[0] += a[1];
    for (next = 1; next < n - 1; next++) {
        guint64 sum = leaf >= n || a[root] < a[leaf] ? a[root] : a[leaf];
        if (leaf >= n || a[root] < a[leaf])
            a[root++] = (guint64)next;
        else
            leaf++;
        if (leaf >= n || (root < next && a[root] < a[leaf])) {
            sum += a[root];
            a[root++] = (guint64)next;
        } else {
            sum += a[leaf++];
        }
        a[next] = sum;
    }
    a[n - 2] = 0;
    for (next = n - 3; next >= 0; next--)
        a[next] = a[a[next]] + 1;
    for (free_ = 1, used = 0, depth = 0, root = n - 2, next = n - 1; free_ > 0;
         free_ = 2 * used, depth++, used = 0) {
        for (; root >= 0 && a[root] == (guint64)depth; root--)
            used++;
        for (; free_ > used; free_--)
            a[next--] = (guint64)depth;
    }
}

/* How many codes have each length, none of more than MOST bits. */
static void limit(int *count, int most)
{
    guint32 sum = 0;
    for (int i = 1; i <= most; i++)
        sum += (guint32)count[i] << (most - i);
    for (; sum > 1u << most; sum--) {
        int i = most - 1;
        while (count[i] == 0)
            i--;
        count[most]--;
        count[i]--;
        count[i + 1] += 2;
    }
}

/* The canonical codes of these lengths. */
static void set_codes(int n, const int *count, int most, const guint8 *length,
                      guint16 *code)
{
    guint32 next[CLI_CODE_BITS + 2] = {0};
    for (int bits = 1; bits <= most; bits++)
        next[bits + 1] = (next[bits] + (guint32)count[bits]) << 1;
    for (int s = 0; s < n; s++) {
        guint32 bits = next[length[s]]++, turned = 0;
        for (int b = 0; b < length[s]; b++)
            turned |= (bits >> b & 1) << (length[s] - 1 - b);
        code[s] = (guint16)turned;
    }
}

void cli_code_find(const guint32 *often, int n, int most, guint8 *length, guint16 *code)
{
    guint64 order[CLI_CODE_SYMBOLS], depth[CLI_CODE_SYMBOLS] = {0};
    int count[CLI_CODE_BITS + 1] = {0}, n_used = 0;
    for (int s = 0; s < n; s++) {
        length[s] = 0;
        if (often[s])
            order[n_used++] = (guint64)often[s] << 16 | (guint64)s;
    }
    qsort(order, (gsize)n_used, sizeof *order, by_frequency);
    for (int i = 0; i < n_used; i++)
        depth[i] = order[i] >> 16;
    find_depths(depth, n_used);
    for (int i = 0; i < n_used; i++)
        count[MIN(depth[i], (guint64)most)]++;
    if (n_used > 1)
        limit(count, most);
    for (int bits = most, i = 0; bits > 0; bits--)
        for (int k = 0; k < count[bits]; k++)
            length[order[i++] & 0xffff] = (guint8)bits;
    set_codes(n, count, most, length, code);
}

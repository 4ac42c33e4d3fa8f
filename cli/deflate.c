/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Deflate, RFC 1951, with literals and runs of the last byte (distance 1): several times as fast as a search,
 * and of a photograph behind Paeth's filter, whose repeats are chance, no larger. zlib's Z_RLE finds the same
 * runs in three times the time.
 *
 *   block:  tokens (a literal, or 256 + length of a run) -> how often -> code lengths -> the shorter of a block with
 *           these codes and one with the bytes as they are */
#include <string.h>

#include "cli/code.h"
#include "cli/deflate.h"

#define BLOCK      ((gsize)1 << 15) /* bytes; a block of bytes as they are holds 65535 */
#define LEAST_RUN  3
#define MOST_RUN   258
#define N_LITERALS CLI_CODE_SYMBOLS /* and lengths, and the block's end */
#define END        256
#define N_LENGTHS  19 /* code lengths' own symbols */

typedef struct {
    guint8 *out;
    guint64 bits; /* the lowest first */
    int n_bits;
} Writer;

typedef struct {
    guint32 often[N_LITERALS];
    guint16 code[N_LITERALS]; /* its bits turned round */
    guint8 length[N_LITERALS];
} Codes;

/* Some 50 bits may be added before they are flushed, which writes 8 bytes of which the last ones come again. */
static inline void add(Writer *w, guint32 bits, int n)
{
    w->bits |= (guint64)bits << w->n_bits;
    w->n_bits += n;
}

static inline void flush(Writer *w)
{
    guint64 bits = GUINT64_TO_LE(w->bits);
    memcpy(w->out, &bits, sizeof bits);
    w->out += w->n_bits / 8;
    w->bits >>= w->n_bits & ~7;
    w->n_bits &= 7;
}

/* At most 32 bits. */
static inline void put(Writer *w, guint32 bits, int n)
{
    add(w, bits, n);
    flush(w);
}

static void end_byte(Writer *w)
{
    for (; w->n_bits > 0; w->n_bits -= 8, w->bits >>= 8)
        *w->out++ = (guint8)w->bits;
    w->n_bits = 0;
    w->bits = 0;
}

static void find_codes(Codes *codes, int n, int most)
{
    cli_code_find(codes->often, n, most, codes->length, codes->code);
}

/* ---- a block ------------------------------------------------------------------------------------------- */

/* Lengths of runs: the symbol, and bits that follow it. */
static int run_symbol(int length, int *n_extra)
{
    int at = length - LEAST_RUN, group;
    *n_extra = 0;
    if (length == MOST_RUN)
        return 285;
    if (at < 8)
        return 257 + at;
    group = g_bit_nth_msf((gulong)at, -1) - 2;
    *n_extra = group;
    return 261 + 4 * group + (at >> group & 3);
}

typedef struct {
    Codes literals, lengths;
    guint8 symbol[N_LITERALS + 2],
        extra[N_LITERALS + 2]; /* code lengths, runs of them folded */
    int n_symbols, n_literals;
    gsize n_tokens;
    guint16 token[BLOCK];
} Block;

static void add_token(Block *block, guint16 token, int symbol)
{
    block->token[block->n_tokens++] = token;
    block->literals.often[symbol]++;
}

/* Whether a run begins at IN + I: these three and the one before are the same. */
static inline gboolean is_run(const guint8 *in, gsize i)
{
    guint32 four;
    memcpy(&four, in + i - 1, sizeof four);
    return four == (four << 8 | four >> 24);
}

/* Bytes FROM .. PAST - 1 of IN. */
static void find_tokens(Block *block, const guint8 *in, gsize from, gsize past)
{
    block->n_tokens = 0;
    memset(block->literals.often, 0, sizeof block->literals.often);
    block->literals.often[END] = 1;
    for (gsize i = from; i < past;) {
        if (i > 0 && i + LEAST_RUN <= past && is_run(in, i)) {
            gsize run = LEAST_RUN, most = MIN(past - i, MOST_RUN);
            int n_extra;
            while (run < most && in[i + run] == in[i])
                run++;
            add_token(block, (guint16)(256 + run), run_symbol((int)run, &n_extra));
            i += run;
        } else {
            add_token(block, in[i], in[i]);
            i++;
        }
    }
}

static void add_length(Block *block, int symbol, int extra)
{
    block->symbol[block->n_symbols] = (guint8)symbol;
    block->extra[block->n_symbols++] = (guint8)extra;
    block->lengths.often[symbol]++;
}

/* The code lengths in their own code: 16 repeats the last one 3 to 6 times, 17 and 18 a zero 3 to 138 times. */
static void fold_lengths(Block *block)
{
    guint8 all[N_LITERALS + 2];
    int n = N_LITERALS;
    while (n > 257 && block->literals.length[n - 1] == 0)
        n--;
    block->n_literals = n;
    memcpy(all, block->literals.length, (gsize)n);
    all[n++] = 1; /* distances 1 and 2: one code alone is not liked everywhere */
    all[n++] = 1;
    block->n_symbols = 0;
    memset(block->lengths.often, 0, sizeof block->lengths.often);
    for (int i = 0; i < n;) {
        int run = 1;
        while (i + run < n && all[i + run] == all[i])
            run++;
        if (all[i] == 0 && run >= 3) {
            run = MIN(run, 138);
            add_length(block, run < 11 ? 17 : 18, run - (run < 11 ? 3 : 11));
        } else if (i > 0 && all[i] == all[i - 1] && run >= 3) {
            run = MIN(run, 6);
            add_length(block, 16, run - 3);
        } else {
            run = 1;
            add_length(block, all[i], 0);
        }
        i += run;
    }
}

static const guint8 length_order[N_LENGTHS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                               11, 4,  12, 3, 13, 2, 14, 1, 15};

static int extra_bits(int symbol)
{
    return symbol == 16 ? 2 : symbol == 17 ? 3 : symbol == 18 ? 7 : 0;
}

static void put_header(const Block *block, gboolean is_final, Writer *w)
{
    int n = N_LENGTHS;
    while (n > 4 && block->lengths.length[length_order[n - 1]] == 0)
        n--;
    put(w, is_final ? 5 : 4, 3);
    put(w, (guint32)block->n_literals - 257, 5);
    put(w, 1, 5);
    put(w, (guint32)n - 4, 4);
    for (int i = 0; i < n; i++)
        put(w, block->lengths.length[length_order[i]], 3);
    for (int i = 0; i < block->n_symbols; i++) {
        int s = block->symbol[i];
        put(w, block->lengths.code[s], block->lengths.length[s]);
        put(w, block->extra[i], extra_bits(s));
    }
}

static gsize count_bits(const Block *block)
{
    gsize n = 14 + 3 + 3 * N_LENGTHS;
    for (int i = 0; i < block->n_symbols; i++)
        n += (gsize)(block->lengths.length[block->symbol[i]] +
                     extra_bits(block->symbol[i]));
    for (int s = 0; s < N_LITERALS;
         s++) /* 6: the most that follow a length, and a distance */
        n += (gsize)block->literals.often[s] *
             (gsize)(block->literals.length[s] + (s > END ? 6 : 0));
    return n;
}

static inline void add_code(const Codes *codes, int symbol, Writer *w)
{
    add(w, codes->code[symbol], codes->length[symbol]);
}

static void put_run(const Codes *codes, int length, Writer *w)
{
    int n_extra, symbol = run_symbol(length, &n_extra);
    add_code(codes, symbol, w);
    add(w, (guint32)(length - LEAST_RUN) & ((1u << n_extra) - 1), n_extra);
    put(w, 0, 1); /* the distance */
}

static void put_tokens(const Block *block, Writer *to)
{
    const Codes *codes = &block->literals;
    const guint16 *token = block->token, *past = token + block->n_tokens;
    Writer w = *to;
    while (token < past) {
        if (past - token >= 3 && (token[0] | token[1] | token[2]) < 256) {
            for (int i = 0; i < 3; i++)
                add_code(codes, token[i], &w);
            flush(&w);
            token += 3;
        } else if (*token < 256) {
            put(&w, codes->code[*token], codes->length[*token]);
            token++;
        } else {
            put_run(codes, *token++ - 256, &w);
        }
    }
    put(&w, codes->code[END], codes->length[END]);
    *to = w;
}

static void put_stored(const guint8 *in, gsize n, gboolean is_final, Writer *w)
{
    put(w, (guint32)is_final, 3);
    end_byte(w);
    put(w, (guint32)n | (guint32)(~n & 0xffff) << 16, 32);
    if (n)
        memcpy(w->out, in, n);
    w->out += n;
}

gsize cli_deflate_bound(gsize n)
{
    return n + (n / BLOCK + 3) * 8;
}

gsize cli_deflate(const guint8 *in, gsize n, gboolean is_last, guint8 *out)
{
    Block *block = g_new(Block, 1);
    Writer w = {.out = out};
    for (gsize i = 0; i < n; i += BLOCK) {
        gsize part = MIN(n - i, BLOCK);
        gboolean is_final = is_last && i + part == n;
        find_tokens(block, in, i, i + part);
        find_codes(&block->literals, N_LITERALS, CLI_CODE_BITS);
        fold_lengths(block);
        find_codes(&block->lengths, N_LENGTHS, 7);
        if (count_bits(block) < part * 8) {
            put_header(block, is_final, &w);
            put_tokens(block, &w);
        } else {
            put_stored(in + i, part, is_final, &w);
        }
    }
    if (!is_last)
        put_stored(NULL, 0, FALSE, &w);
    end_byte(&w);
    g_free(block);
    return (gsize)(w.out - out);
}

# SPDX-License-Identifier: LGPL-3.0-or-later
# babl chooses among its ways from one format to another by a race at run time, within a tolerance. Whatever it
# would choose, exact or coarse, an image with a profile gets the same layer.
HE_PROBE=yes
. "$HE_TOP/tests/gimp/lib.sh"
for tolerance in 0.0000001 0.1; do
    rm -rf "$profile" "$work/cache"
    export BABL_TOLERANCE=$tolerance
    console "$here/ways.scm" >"$work/out"
    mkdir "$work/$tolerance"
    mv "$work"/*.layer "$work/$tolerance" || { cat "$work/out"; exit 1; }
done
n=0
for words in 'wide, cam' 'wide, saliency'; do
    n=$((n + 1))
    cmp "$work/0.0000001/$words.layer" "$work/0.1/$words.layer" >"$work/said" 2>&1 || printf 'not '
    echo "ok $n - the same by every way: $words"
    sed 's/^/# /' "$work/said"
done
echo "1..$n"

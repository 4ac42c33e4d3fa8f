# SPDX-License-Identifier: LGPL-3.0-or-later
# Both majors of GIMP make the same layers, byte for byte. One GIMP at a time is there: each run keeps its
# layers in $HE_TWINS, and is held against what the other's left (tools/test-gimp3 runs both).
. "$HE_TOP/tests/gimp/lib.sh"
if [ -z "${HE_TWINS:-}" ]; then
    echo '1..0 # SKIP HE_TWINS names no folder'
    exit 0
fi
console "$here/twins.scm" >"$work/out"
grep -q '^1\.\.' "$work/out" || { cat "$work/out"; exit 1; }
mkdir -p "$HE_TWINS/gimp$HE_GIMP"
other=$HE_TWINS/gimp$((5 - HE_GIMP))

n=0
for picture in "$work"/*.png; do
    n=$((n + 1))
    name=$(basename "$picture" .png)
    convert "$picture" -depth 8 "rgba:$HE_TWINS/gimp$HE_GIMP/$name" 2>/dev/null
    if [ ! -e "$other/$name" ]; then
        echo "ok $n - $name # SKIP the other GIMP has left none"
    elif cmp -s "$HE_TWINS/gimp$HE_GIMP/$name" "$other/$name"; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name: $(cmp -l "$HE_TWINS/gimp$HE_GIMP/$name" "$other/$name" | wc -l) bytes differ"
    fi
done
made=$(grep -c '^ok' "$work/out")
n=$((n + 1))
if [ "$made" = $((n - 1)) ]; then echo "ok $n - all were made"; else echo "not ok $n - $((n - 1)) of $made"; fi
echo "1..$n"

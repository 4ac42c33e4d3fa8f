# SPDX-License-Identifier: LGPL-3.0-or-later
# Many runs in one GIMP: its memory does not grow by more than the runs of an empty plug-in make it, no
# buffers leak, nothing is said that the empty plug-in does not say too. HE_RUNS: how many; GIMP 2.10 fills
# its caches in the first 30, so that memory is looked at from 100 on.
HE_PROBE=yes
. "$HE_TOP/tests/gimp/lib.sh"

runs=${HE_RUNS:-9}

# What GIMP and the plug-in said, without numbers, and without what GIMP 3 says of any plug-in now and then
# when both come to their end at once; runs_of WHAT: leaves it in $work/said-WHAT.
runs_of() {
    printf '(define runs %s)\n(define what "%s")\n' "$runs" "$1" >"$work/repeated.scm"
    cat "$here/repeated.scm" >>"$work/repeated.scm"
    console "$work/repeated.scm" >"$work/out-$1"
    sed 's/[0-9][0-9]*/N/g; /gimp_flush(): error: Broken pipe/d' "$work/log" | sort -u >"$work/said-$1"
    sed -n 's/^# grown by \([0-9.-]*\)$/\1/p' "$work/out-$1"
}
empty=$(runs_of nothing)
ours=$(runs_of explain)
sed '/^1\.\./d' "$work/out-explain"
n=$(grep -cE '^(not )?ok ' "$work/out-explain" || true)

check() {
    n=$((n + 1))
    if [ "$1" = 1 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}
echo "# KiB: $ours, with an empty plug-in $empty"
if [ "$runs" -ge 100 ]; then
    check "$((${ours:-999999} - ${empty:-0} < 4096))" 'GIMP has not grown'
fi
grep -iE 'leak|stray' "$work/said-explain" >"$work/leaks" && sed 's/^/# /' "$work/leaks"
check "$([ ! -s "$work/leaks" ] && echo 1)" 'no buffer has leaked'
comm -13 "$work/said-nothing" "$work/said-explain" >"$work/more"
sed 's/^/# /' "$work/more"
check "$([ ! -s "$work/more" ] && echo 1)" 'no word more than with an empty plug-in'
echo "1..$n"

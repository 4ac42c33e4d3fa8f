# SPDX-License-Identifier: LGPL-3.0-or-later
# GIMP's Cancel kills the plug-in. Whenever that comes, the image is as it was, or holds a complete result, and
# GIMP has no complaint about undo. HE_KILLS: how many random moments (HE_SEED: which).
. "$HE_TOP/tests/gimp/lib.sh"
kills=${HE_KILLS:-6}
seed=${HE_SEED:-$(date +%s)}
echo "# HE_SEED=$seed"

# wait_for FILE: the script has written it; ends with the test.
wait_for() {
    until [ -e "$work/$1" ]; do
        [ -d "$work" ] || exit
        sleep 0.02
    done
}
# Kills the plug-in that this test's GIMP has started for call number $1, $2 seconds after the call began,
# unless the call was quicker.
kill_call() {
    wait_for "calling-$1"
    sleep "$2"
    [ ! -e "$work/called-$1" ] || return 0
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/exe" 2>/dev/null)" != "$plugins/human-eye/human-eye" ] ||
            kill -9 "${process#/proc/}" 2>/dev/null || true
    done
}
# Call 0 is left alone; it says how long a call takes.
killer() {
    wait_for called-0
    took=$(cat "$work/called-0")
    i=0
    perl -e 'srand $ARGV[0]; printf "%.3f\n", rand($ARGV[2]) for 1 .. $ARGV[1]' "$seed" "$kills" "$took" |
        while read -r delay; do
            i=$((i + 1))
            kill_call $i "$delay"
        done
}
killer &
trap 'kill $! 2>/dev/null || true; rm -rf "$work"' EXIT
{
    echo "(define n-kills $kills)"
    cat "$here/killed.scm"
} >"$work/killed.scm"
console "$work/killed.scm" >"$work/out"
sed '/^1\.\./d' "$work/out"
grep -q '^1\.\.' "$work/out" || exit 1
n=$(grep -cE '^(not )?ok ' "$work/out")
if grep -iE 'undo|inconsistent' "$work/log"; then no='not '; else no=; fi
echo "${no}ok $((n + 1)) - GIMP says nothing about undo"
echo "1..$((n + 1))"

# SPDX-License-Identifier: LGPL-3.0-or-later
# A layer of 20,000 x 12,000 pixels (HE_LARGE says another size): the plug-in takes at most 256 MiB more than
# an idle one, and at most twice the time that it takes to read the layer once in bands. Takes minutes, so
# only `make test-long` asks for it.
if [ -z "${HE_LARGE:-}" ]; then
    echo '1..0 # SKIP HE_LARGE names no size'
    exit 0
fi
HE_PROBE=yes
. "$HE_TOP/tests/gimp/lib.sh"

# The most memory that the plug-in took, in KiB, in $work/most: read again and again while it runs.
watch() {
    exec perl -e '
        my ($program, $out, $most) = (@ARGV, 0);
        while (1) {
            for my $process (glob "/proc/[0-9]*") {
                next unless (readlink("$process/exe") // "") eq $program;
                while (open my $file, "<", "$process/status") {
                    $_ = do { local $/; <$file> };
                    last unless /VmHWM:\s*(\d+)/;
                    if ($1 > $most) { $most = $1; open my $o, ">", $out; print $o $most }
                    select undef, undef, undef, 0.02;
                }
            }
            select undef, undef, undef, 0.05;
        }' "$plugins/human-eye/human-eye" "$work/most"
}
watch &
trap 'kill $! 2>/dev/null || true; rm -rf "$work"' EXIT
echo "(define width ${HE_LARGE%x*}) (define height ${HE_LARGE#*x})" >"$work/large.scm"
cat "$here/large.scm" >>"$work/large.scm"
console "$work/large.scm" >"$work/out"
sed '/^1\.\./d' "$work/out"
grep -q '^1\.\.' "$work/out" || exit 1
n=$(grep -cE '^(not )?ok ' "$work/out")
idle=$(sed -n 's/^# idle: \([0-9]*\).*/\1/p' "$work/out")
most=$(cat "$work/most")
echo "# $most KiB, $((most - idle)) more than the idle plug-in"
if [ $((most - idle)) -le $((256 * 1024)) ]; then no=; else no='not '; fi
echo "${no}ok $((n + 1)) - at most 256 MiB above the idle plug-in"
echo "1..$((n + 1))"

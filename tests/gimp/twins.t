# SPDX-License-Identifier: LGPL-3.0-or-later
# Both majors of GIMP make the same layers: byte for byte in 8 bits, within 1e-5 in float, within one step of 16
# bits and of a half; and refuse in the same words. One GIMP at a time is there: each run keeps what it made in
# $HE_TWINS, and is held against what the other's left (tools/test-gimp3 runs both).
HE_PROBE=yes
. "$HE_TOP/tests/gimp/lib.sh"
if [ -z "${HE_TWINS:-}" ]; then
    echo '1..0 # SKIP HE_TWINS names no folder'
    exit 0
fi
export work
printf 'no network' >"$work/wrong.onnx"
head -c 100000 "$HE_TOP/models/efficientnet-lite0/efficientnet-lite0.onnx" >"$work/short.onnx"
console "$here/twins.scm" >"$work/out"
grep -q '^1\.\.' "$work/out" || { cat "$work/out"; exit 1; }
# What a refusal says between GIMP's own words, whatever the folder.
perl -pi -e 's/^.*? failed(?: on invalid input arguments)?: //; s/ \([^()]* : \d+\)\s*$//; s/\Q$ENV{work}\E/WORK/g' "$work"/words*.twin
mkdir -p "$HE_TWINS/gimp$HE_GIMP"
mv "$work"/*.twin "$HE_TWINS/gimp$HE_GIMP"
other=$HE_TWINS/gimp$((5 - HE_GIMP))

# furthest TYPE A B: the largest difference of two files of numbers (C: bytes, f: floats).
furthest() {
    perl -e 'my ($type, @names) = @ARGV; local $/;
        my ($a, $b) = map { open my $f, "<:raw", $_ or die; <$f> } @names;
        length $a == length $b && length $a or print("sizes differ") and exit;
        print(0), exit if $a eq $b;
        my $most = 0; my @a = unpack "$type*", $a; my @b = unpack "$type*", $b;
        for (0 .. $#a) { my $d = abs($a[$_] - $b[$_]); $most = $d unless $d <= $most } print $most' "$@"
}

n=0
sed -nE 's/^(not )?ok [0-9]* - //p' "$work/out" >"$work/names"
while read -r words; do
    n=$((n + 1))
    file="gimp$HE_GIMP/$words.twin"
    case "$words" in
    bytes* | profile* | words*) type=C; most=0 ;;
    short*) type=f; most=0.0000154 ;;
    half*) type=f; most=0.000489 ;;
    float*) type=f; most=0.00001 ;;
    esac
    if [ ! -s "$HE_TWINS/$file" ]; then
        echo "not ok $n - $words: no layer"
    elif [ ! -e "$other/$words.twin" ]; then
        echo "ok $n - $words # SKIP the other GIMP has left none"
    else
        far=$(furthest $type "$HE_TWINS/$file" "$other/$words.twin" 2>&1)
        if perl -e 'exit !($ARGV[0] =~ /^[\d.e-]+$/ && $ARGV[0] <= $ARGV[1])' "$far" $most; then
            echo "ok $n - $words"
            [ "$far" = 0 ] || echo "# at most $far apart"
        else
            echo "not ok $n - $words: $far apart"
        fi
    fi
done <"$work/names"
echo "1..$n"

# SPDX-License-Identifier: LGPL-3.0-or-later
# The plug-in's new layer is exactly what `human-eye explain --as layer` writes for the same picture.
. "$HE_TOP/tests/gimp/lib.sh"

# PICTURE METHOD GRADIENT
cases="rgb cam positive
rgb saliency absolute
rgb guided-backprop positive
rgb saliency signed
rgba cam positive
rgba saliency negative
grey cam positive
grey guided-backprop absolute
deep cam positive
tall saliency positive"

convert "$HE_TOP/tests/images/chelsea.png" -strip -resize 50% "$work/rgb.png"
convert "$work/rgb.png" \( +clone -fill black -colorize 100 -fill white \
    -draw 'circle 110,75 110,5' -blur 0x12 -colorspace gray \) \
    -alpha off -compose CopyOpacity -composite "$work/rgba.png"
convert "$work/rgb.png" -colorspace gray "$work/grey.png"
convert "$work/rgb.png" -depth 16 -evaluate add 100 "$work/deep.png"
convert "$work/rgb.png" -crop 61x149+90+0 +repage "$work/tall.png"

cat >"$work/same.scm" <<'END'
(define (make picture method gradient)
  (let* ((image (load-picture (string-append he-work "/" picture ".png")))
         (options (string-append "gradient=" gradient))
         (layer (result-layer (explain image (active image) method "285" options)))
         (file (string-append he-work "/" picture "." method "." gradient ".gimp.png")))
    (file-png-save2 RUN-NONINTERACTIVE image layer file file 0 1 0 0 0 0 0 0 1)
    (ok #t file)
    (gimp-image-delete image)))
END
echo "$cases" | sed 's/\([^ ]*\) \([^ ]*\) \([^ ]*\)/(make "\1" "\2" "\3")/' >>"$work/same.scm"
console "$work/same.scm" >"$work/made"
grep '^#' "$work/made" || true

# furthest A B: the largest difference of two pictures in levels of 8 bits, over premultiplied RGBA.
furthest() {
    for file in "$1" "$2"; do
        convert "$file" -strip -depth 8 -background black -alpha background "rgba:$file.raw" || return
    done
    perl -e 'local $/; open A, $ARGV[0]; open B, $ARGV[1]; binmode A; binmode B; my ($a, $b) = (<A>, <B>);
        length $a == length $b && length $a or print("sizes differ") and exit;
        my $most = 0; my @a = unpack "C*", $a; my @b = unpack "C*", $b;
        for (0 .. $#a) { my $d = abs($a[$_] - $b[$_]); $most = $d if $d > $most } print $most' \
        "$1.raw" "$2.raw"
}

n=0
echo "$cases" | {
    while read -r picture method gradient; do
        n=$((n + 1))
        what="$picture.$method.$gradient"
        colors=
        [ "$picture" != grey ] || colors='--colormap grey'
        # shellcheck disable=SC2086
        "$HE_BUILD/human-eye" explain "$work/$picture.png" -o "$work/$what.cli.png" --quiet \
            --as layer --class 285 --method "$method" --gradient "$gradient" $colors || true
        far=$(furthest "$work/$what.gimp.png" "$work/$what.cli.png" 2>&1 || true)
        case "$far" in
        0 | 1) echo "ok $n - $what" ;;
        *) echo "not ok $n - $what differs by $far" ;;
        esac
    done
    echo "1..$n"
}

#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# The README's examples for GIMP: the Script-Fu call, and the run without a window (demo/demo.scm).
# shellcheck disable=SC2016 # backquotes are Markdown's
. "$HE_TOP/tests/gimp/lib.sh"

block() {
    awk -v start='```'"$1" '$0 == "```" {inside = 0} inside; $0 == start {inside = 1}' \
        "$HE_TOP/README.md"
}

# ---- the call, on the coffee --------------------------------------------------------------------------
{
    echo '(define image (load-picture (string-append photographs "coffee.png")))'
    echo '(define drawable (active image))'
    echo '(define result'
    block scheme
    echo ')'
    echo '(is (caddr result) "espresso" "README: the class that was asked for")'
    echo '(is (length result) 6 "README: six values come back")'
    echo '(is (length (layers image)) 2 "README: a new layer")'
} >"$work/readme.scm"
console "$work/readme.scm" >"$work/out"
sed '/^1\.\./d' "$work/out"
n=$(grep -cE '^(not )?ok ' "$work/out") || true

# The demo speaks 2.10's Script-Fu.
if [ "$HE_GIMP" != 2 ]; then
    echo "1..$n"
    exit 0
fi

# ---- without a window, line by line as written ---------------------------------------------------------
real=$(command -v gimp-console)
mkdir -p "$work/bin" "$work/there/folder"
cat >"$work/bin/gimp-console" <<END
#!/bin/sh
exec timeout 300 $real --gimprc $gimprc "\$@" </dev/null
END
chmod +x "$work/bin/gimp-console"
ln -s "$HE_TOP/demo" "$work/there/demo"
cp "$HE_TOP/tests/images/chelsea.png" "$work/there/photo.png"
line=$(block sh | grep '^gimp-console ')
(cd "$work/there" && PATH="$work/bin:$PATH" sh -c "$line" >"$work/log" 2>&1) || true

result() {
    n=$((n + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        echo "# got $2, wanted $3"
        sed 's/^/# /' "$work/log"
    fi
}
there() {
    [ -s "$work/there/folder/$1" ] && echo yes || echo no
}
result "README: the demo's layers" "$(there demo.xcf)" yes
result "README: the demo's sheet" "$(there demo.png)" yes
result "README: the demo names three layers" "$(grep -c 'Egyptian cat' "$work/there/folder/demo.txt")" 3
echo "1..$n"

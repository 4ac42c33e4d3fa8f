#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# The README's examples for GIMP: the Script-Fu call, and the run without a window (demo/demo.scm).
# shellcheck disable=SC2016 # backquotes are Markdown's
. "$HE_TOP/tests/gimp/lib.sh"

block() {
    awk -v start='```'"$1" '$0 == "```" {inside = 0} inside; $0 == start {inside = 1}' \
        "$HE_TOP/README.md"
}

# ---- the calls, on the coffee -------------------------------------------------------------------------
# call CALL: a script that makes it and looks at what it returns.
call() {
    cat <<END
(let* ((image (load-picture (string-append photographs "coffee.png")))
       (drawable (active image))
       (result $1))
  (is (caddr result) "espresso" "README: the class that was asked for")
  (is (length result) 6 "README: six values come back")
  (is (length (layers image)) 2 "README: a new layer")
  (gimp-image-delete image))
END
}
if [ "$HE_GIMP" = 3 ]; then
    echo '(define plug-in-human-eye-cam gimp3-cam)' >"$work/readme.scm"
    call "$(block scheme | grep '#:')" >>"$work/readme.scm"
    line=$(block sh | grep '^gimp-console .* --quit')
else
    call "$(block scheme | grep RUN-)" >"$work/readme.scm"
    line=$(block sh | grep '^gimp-console .*gimp-quit')
fi
console "$work/readme.scm" >"$work/out"
sed '/^1\.\./d' "$work/out"
n=$(grep -cE '^(not )?ok ' "$work/out") || true

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

# SPDX-License-Identifier: LGPL-3.0-or-later
# The dialog of the models under Xvfb, by keys alone: download, check, stop, remove, add, replace, close.
# Screenshots of every step: $HE_BUILD/screenshots/gimp$HE_GIMP.
. "$HE_TOP/tests/gimp/lib.sh"
. "$HE_TOP/tests/gimp/keys.sh"
. "$HE_TOP/tests/gimp/models.sh"
trap 'set +e; kill $server 2>/dev/null; kill -9 $gimp 2>/dev/null; kill $xvfb 2>/dev/null; rm -rf "$work"' EXIT
n=0

# check NAME COMMAND...: one test, which may come true a little later.
check() {
    name=$1
    shift
    n=$((n + 1))
    if until_true "$@"; then echo "ok $n - $name"; else echo "not ok $n - $name"; fi
}
gone() {
    [ ! -e "$1" ]
}

# Without a window manager keys go where the pointer is, once a question has been answered.
xdotool mousemove 640 450
gui "$here/manager.scm"
until_true dialog '^Models$'
window=$(dialog '^Models$' | head -1)
xdotool windowfocus "$window"
until_true still "$window"
shot "$window" m1-opened

keys Down alt+d
check 'Download: the network' test -s "$user_models/little/little.onnx"
check 'Download: its descriptor' grep -q 'Title=A little network' "$user_models/little/little.ini"
until_true still "$window"
shot "$window" m2-downloaded

keys End alt+d
check 'Download: what comes' test -s "$user_models/slow.onnx.part"
sleep 1
shot "$window" m3-coming
keys alt+s
until_true still "$window"
check 'Stop: what came is kept' test -s "$user_models/slow.onnx.part"
check 'Stop: nothing else is left' sh -c "[ -z \"\$(find '$user_models' -name '.slow*')\" ]"
shot "$window" m4-stopped

keys Home Down Return
until_true still "$window"
shot "$window" m5-checked

# asked NAME KEY...: the question comes, is answered, and goes.
asked() {
    sleep 1
    shot root "$1"
    shift
    keys "$@"
    until_true still "$window"
}
keys alt+r
asked m6-remove Escape
check 'Remove: not when asked and refused' test -s "$user_models/little/little.onnx"
keys alt+r
asked m7-remove alt+r
check 'Remove: all of it' gone "$user_models/little"

# choose SHOT: through the file chooser, by its entry; the folder is the user's own.
choose() {
    keys alt+a
    until_true dialog 'Add a Model'
    chooser=$(dialog 'Add a Model' | head -1)
    xdotool windowfocus "$chooser"
    until_true still "$chooser"
    keys ctrl+l
    sleep 1
    xdotool type --delay 60 mine.onnx
    sleep 1
    shot root "$1"
    keys Return
    until_true no_dialog 'Add a Model'
}
choose m8-choosing
check 'Add: the network' test -s "$user_models/mine/mine.onnx"
until_true still "$window"
shot "$window" m9-added

touch "$work/before"
choose m10-choosing
asked m11-replace alt+r
check 'Add: replaces when told so' test "$user_models/mine/mine.ini" -nt "$work/before"

keys alt+c
until_true no_dialog '^Models$'
tests=$((n + 1))
gui_end | sed "/^1\.\./d; s/ok 1 /ok $tests /"
rm -f "$widgets/Add a Model" # GTK's own
mnemonics
echo "1..$tests"

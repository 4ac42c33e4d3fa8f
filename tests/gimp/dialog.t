# SPDX-License-Identifier: LGPL-3.0-or-later
# The dialogs under Xvfb, by keys alone: search a class, change the type of gradient, OK, one undo, repeat;
# reset, help, cancel; another method on a layer. Screenshots of every step: $HE_BUILD/screenshots/gimp$HE_GIMP.
. "$HE_TOP/tests/gimp/lib.sh"
for need in gimp Xvfb xdotool import; do
    command -v "$need" >/dev/null || { echo "1..0 # SKIP no $need"; exit 0; }
done
shots=$HE_BUILD/screenshots/gimp$HE_GIMP
mkdir -p "$shots"

Xvfb -displayfd 3 -screen 0 1280x900x24 3>"$work/display" >/dev/null 2>&1 &
xvfb=$!
gimp=
trap 'kill -9 $gimp 2>/dev/null; kill $xvfb 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ ! -s "$work/display" ] || break; sleep 0.1; done
DISPLAY=:$(cat "$work/display")
export DISPLAY

script "$here/dialog.scm"
# shellcheck disable=SC2086 # options
gimp -n -d -f -s --gimprc "$gimprc" ${batch#--quit} -b "(load \"$work/run.scm\")" >"$work/log" 2>&1 &
gimp=$!

# until COMMAND...: waits for it, a minute at most.
until_true() {
    for _ in $(seq 300); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.2
    done
    echo "# waited in vain: $*"
    return 1
}
dialog() {
    xdotool search --onlyvisible --name "$1"
}
no_dialog() {
    ! dialog "$1"
}
# The plug-in's dialog has no other sign of being ready than that it stands still.
still() {
    a=$(import -window "$1" rgba:- | cksum)
    sleep 0.6
    [ "$a" = "$(import -window "$1" rgba:- | cksum)" ]
}
shot() {
    import -window "$1" "$shots/$2.png"
}
keys() {
    for key in "$@"; do
        xdotool key "$key"
        sleep 0.15
    done
}
# step NAME: the script reached it.
reached() {
    [ -e "$work/$1" ]
}

# ---- What Does It See
until_true dialog 'What Does It See'
window=$(dialog 'What Does It See' | head -1)
xdotool windowfocus "$window"
until_true still "$window"
shot "$window" 1-opened
xdotool type --delay 40 lynx
until_true still "$window"
shot "$window" 2-searched
keys Return
until_true still "$window"
shot "$window" 3-class
keys alt+g Down Down
until_true still "$window"
shot "$window" 4-gradient
keys alt+i
xdotool key ctrl+a
xdotool type 42
keys Tab
until_true still "$window"
shot "$window" 5-opacity
keys alt+o
until_true reached layer-made
sleep 1
shot root 6-layer
image=$(dialog 'coffee|chelsea|Untitled' | head -1) # GIMP 3 does not name it after the file
xdotool windowfocus "$image"
sleep 0.5
keys ctrl+z
until_true reached undone

# ---- Saliency: Reset, then Cancel at once
until_true dialog 'Saliency Map'
window=$(dialog 'Saliency Map' | head -1)
xdotool windowfocus "$window"
until_true still "$window"
shot "$window" 7-saliency
keys alt+r
until_true still "$window"
keys alt+b Down
keys alt+h
until_true dialog 'Saliency Map'
sleep 0.5
shot root 8-help
keys Escape
sleep 0.3
xdotool windowfocus "$window"
keys alt+c
until_true no_dialog 'Saliency Map'
until_true reached cancelled

# ---- another method, on a layer of the network
until_true dialog 'What Does It See'
window=$(dialog 'What Does It See' | head -1)
xdotool windowfocus "$window"
until_true still "$window"
keys alt+t Down Down
until_true still "$window"
keys alt+l Down Down Down
until_true still "$window"
shot "$window" 9-stage
keys alt+o

until_true grep -q '^1\.\.' "$work/tap"
cat "$work/tap"
grep -q '^1\.\.' "$work/tap" || sed 's/^/# /' "$work/log"

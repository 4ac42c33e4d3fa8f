# SPDX-License-Identifier: LGPL-3.0-or-later
# The dialogs under Xvfb, by keys alone: search a class, change the type of gradient, OK, one undo, repeat;
# reset, help, cancel; another method on a layer. Then by the mouse alone: a class, a type of gradient, save
# these settings, reset, load them, OK. No letter may be the key of two widgets of a window. Screenshots of
# every step: $HE_BUILD/screenshots/gimp$HE_GIMP.
. "$HE_TOP/tests/gimp/lib.sh"
. "$HE_TOP/tests/gimp/keys.sh"

gui "$here/dialog.scm"

# ---- What Does It See
title='What Does It See'
until_true dialog "$title"
window=$(dialog "$title" | head -1)
xdotool windowfocus "$window"
answered
shot "$window" 1-opened
preview seen-1
xdotool type --delay 40 lynx
answered
shot "$window" 2-searched
keys Return
answered
shot "$window" 3-class
near=$(rows)
keys alt+g Down Down
answered
shot "$window" 4-gradient
keys alt+i
xdotool key ctrl+a
xdotool type 42
keys Tab
answered
shot "$window" 5-opacity
preview seen-2
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
rm -f "$widgets/$title"
until_true still "$window"
keys alt+f
xdotool type --delay 40 espresso
keys Return
answered
far=$(rows)
keys alt+t Down Down
until_true still "$window"
keys alt+l Down Down Down
until_true still "$window"
shot "$window" 9-stage
keys alt+o

# ---- which picture: the visible one and no selection, by Reset the layer again, and back; then a selection
# beside the layer: the layer is refused, and what was asked before holds
# open STEP: once the script has reached it.
open() {
    until_true reached "$1"
    rm -f "$widgets/$title"
    until_true dialog "$title"
    window=$(dialog "$title" | head -1)
    xdotool windowfocus "$window"
    until_true still "$window"
    answered
}
# area: what the preview shows, in pixels.
area() {
    sed -n 's/^.* preview //p' "$widgets/$title"
}
says() {
    grep -q "$1" "$widgets/$title"
}
open selected
method=$(row Method:)
shot "$window" 13-selection
areas=$(area)
keys alt+x Down
answered
keys alt+e Down Down
answered
areas="$areas $(area)"
keys alt+r
answered
areas="$areas $(area)"
keys alt+x Down
answered
keys alt+e Down Down
answered
shot "$window" 14-visible
keys alt+o
open beside
keys alt+u Down
answered
keys alt+e Up Up
answered
areas="$areas $(area)"
keys alt+x Up
if until_true says 'The selection does not touch the layer'; then refused=0; else refused=1; fi
shot "$window" 15-refused
areas="$areas $(area)"
keys alt+o
open grey
keys alt+o

# ---- Saliency, by the mouse
until_true reached mouse
title='Saliency Map'
until_true dialog "$title"
window=$(dialog "$title" | head -1)
rm -f "$widgets/$title"
until_true test -s "$widgets/$title"
until_true still "$window"
click list 0 -23
answered
preview seen-3
click 'Type of gradient:'
sleep 0.5
xdotool mousemove_relative 0 26
sleep 0.3
xdotool click 1
answered
preview seen-4
click 'Save Settings'
shot "$window" 10-mouse
click Reset
until_true still "$window"
shot "$window" 11-reset
click 'Load Saved Settings'
until_true still "$window"
shot "$window" 12-loaded
click OK

gui_end >"$work/out"
sed '/^1\.\./d' "$work/out"
grep -q '^1\.\.' "$work/out" || exit 1
tests=$(grep -cE '^(not )?ok ' "$work/out")
# check TEXT NUMBER...: the numbers hold (test's words).
check() {
    text=$1
    shift
    tests=$((tests + 1))
    if [ "$@" ]; then echo "ok $tests - $text ($1)"; else echo "not ok $tests - $text: $*"; fi
}
check 'a class of the best is chosen where it stands, under the best' "$near" = '0 3'
check 'a class from far down is chosen in view, under the best' "$far" = '0 5'
check 'the dialog opens with the last method' "$method" = 2
check 'the preview is of the picture that is asked for' "$areas" = \
    '120x200 360x239 120x200 80x200 80x200'
check 'a picture that is not to be had: the status says why' "$refused" = 0
check 'the preview changes with class, type of gradient and opacity' "$(apart seen-1 seen-2)" -ge 20
check 'the preview changes with the type of gradient' "$(apart seen-3 seen-4)" -ge 20
check 'the layer over the photograph is what the preview showed' "$(apart seen-2 layer)" -le 20
check '... and the photograph alone is not' "$(apart seen-2 photograph)" -ge 50
menu=$(sed 's/^. 0 0 //; s/\.\.\.$//' "$widgets/menu" | paste -sd /)
check 'the menu begins with the plain door' "$menu" = \
    'What Does It See/Class Activation Map/Guided Backpropagation/Models/Saliency Map'
mnemonics
echo "1..$tests"

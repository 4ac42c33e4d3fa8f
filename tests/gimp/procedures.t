# SPDX-License-Identifier: LGPL-3.0-or-later
# What GIMP knows of the plug-in: procedures, arguments, results, menu, icons; and `classify`.
. "$HE_TOP/tests/gimp/lib.sh"
console "$here/procedures.scm" >"$work/out"
sed '/^1\.\./d' "$work/out"
grep -q '^1\.\.' "$work/out" || exit 1
n=$(grep -c '^[no]' "$work/out" || true)

check() {
    n=$((n + 1))
    echo "$1 $n - $2"
}
for icon in human-eye human-eye-cam human-eye-saliency human-eye-guided-backprop; do
    if grep -q "icons/$icon.svg\"" "$profile/pluginrc"; then
        check ok "$icon.svg is registered"
    else
        check 'not ok' "$icon.svg is registered"
    fi
done
menus=$(grep -cE 'menu-path "<Image>/Filters/(Menus/)?Human Eye(/|/Menus)?"' "$profile/pluginrc" || true)
if [ "$menus" = 5 ]; then check ok 'five entries in the menu'; else check 'not ok' "$menus entries"; fi
echo "1..$n"

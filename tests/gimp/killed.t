# SPDX-License-Identifier: LGPL-3.0-or-later
# GIMP's Cancel kills the plug-in. Whenever that comes, the image is as it was.
. "$HE_TOP/tests/gimp/lib.sh"

# Kills the plug-in that this test's GIMP has started, some time after it began to compute.
killer() {
    for delay in 0.3 0.6 0.9; do
        until [ -e "$work/calling-$delay" ]; do sleep 0.05; done
        sleep "$delay"
        for process in /proc/[0-9]*; do
            [ "$(readlink "$process/exe" 2>/dev/null)" != "$plugins/human-eye/human-eye" ] ||
                kill -9 "${process#/proc/}"
        done
    done
}
killer &
console "$here/killed.scm"

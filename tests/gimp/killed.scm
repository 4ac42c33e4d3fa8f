; SPDX-License-Identifier: LGPL-3.0-or-later
; See killed.t. A picture large enough that the plug-in is still busy when it is killed.

(define image (load-picture (string-append photographs "coffee.png")))
(gimp-image-scale image 6000 4000)
(define photograph (active image))
(gimp-image-clean-all image)

(for-each
  (lambda (delay)
    (close-output-port (open-output-file (string-append he-work "/calling-" delay)))
    (ok (> (string-length (error-of (lambda () (saliency image photograph "" "" "")))) 0)
        (string-append "killed after " delay " s: the call fails"))
    (is (layers image) (list photograph) (string-append "killed after " delay " s: no half-made layer"))
    (is (car (gimp-image-is-dirty image)) FALSE
        (string-append "killed after " delay " s: nothing to undo")))
  '("0.3" "0.6" "0.9"))
(gimp-image-delete image)

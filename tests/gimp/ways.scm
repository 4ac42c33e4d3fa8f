; SPDX-License-Identifier: LGPL-3.0-or-later
; See ways.t. The file's own numbers, which GIMP takes as they are.

(define (keep words profile method)
  (let ((image (load-picture (string-append photographs "chelsea.png"))))
    (gimp-image-set-color-profile-from-file
      image (string-append "file://" he-top "/tests/gimp/data/" profile))
    (probe image (result-layer (explain image (active image) method "285" "kernels=plain"))
           (string-append "dump " he-work "/" words ".layer"))
    (gimp-image-delete image)))

(keep "wide, cam" "wide.icc" "cam")
(keep "wide, saliency" "wide.icc" "saliency")

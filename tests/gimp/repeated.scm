; SPDX-License-Identifier: LGPL-3.0-or-later
; See repeated.t, which says how many `runs` of `what`. Memory is compared after two fifths of them, when GIMP has
; loaded what it needs, and at the end.

(define (run-once i)
  (let* ((image (load-picture (string-append photographs "chelsea.png"))) (layer (active image)))
    (cond ((string=? what "nothing") (probe image layer "nothing"))
          ((= (modulo i 3) 0) (saliency image layer "" "" ""))
          ((= (modulo i 3) 1) (cam image layer "top3" ""))
          (else (cam image layer "" "source=visible")))
    (gimp-image-delete image)))
(define (host-memory)
  (let* ((image (car (gimp-image-new 8 8 RGB)))
         (layer (car (gimp-layer-new image 8 8 RGB-IMAGE "" 100 LAYER-MODE-NORMAL))))
    (gimp-image-insert-layer image layer 0 0)
    (let ((kib (probe image layer "host")))
      (gimp-image-delete image)
      kib)))

(define before 0)
(let loop ((i 0))
  (if (= i (quotient (* 2 runs) 5)) (set! before (host-memory)))
  (if (< i runs) (begin (run-once i) (loop (+ i 1)))))
(tap-line "# grown by " (inexact->exact (round (- (host-memory) before))))
(is (cadr (gimp-image-list)) (vector) "no image is left")

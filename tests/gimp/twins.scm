; SPDX-License-Identifier: LGPL-3.0-or-later
; See twins.t. Each case takes its picture as it stands in the file: what GIMP itself scales or converts may
; differ between its majors.

(define (twin words picture before call)
  (let* ((image (load-picture (string-append photographs picture)))
         (photograph (active image))
         (file (string-append he-work "/" words ".png")))
    (before image photograph)
    (let ((layer (result-layer (call image photograph))))
      (file-png-save2 RUN-NONINTERACTIVE image layer file file 0 1 0 0 0 0 0 0 1))
    (ok #t words)
    (gimp-image-delete image)))
(define (as-it-is image photograph) #t)
(define (with-selection image photograph)
  (gimp-image-select-ellipse image CHANNEL-OP-REPLACE 120 40 200 180))
(define (with-offsets image photograph) (gimp-layer-set-offsets photograph 33 -21))
(define (in-a-group image photograph)
  (let ((folder (car (gimp-layer-group-new image))))
    (gimp-image-insert-layer image folder 0 0)
    (gimp-image-reorder-item image photograph folder 0)))

; Plain kernels: the same numbers on every machine.
(define (ask method class options)
  (lambda (image photograph)
    (explain image photograph method class (string-append "kernels=plain " options))))

(twin "cam" "chelsea.png" as-it-is (ask "cam" "285" ""))
(twin "cam-signed" "chelsea.png" as-it-is (ask "cam" "285" "gradient=signed"))
(twin "cam-full" "coffee.png" as-it-is (ask "cam" "" "alpha=full colormap=viridis"))
(twin "cam-selection" "chelsea.png" with-selection (ask "cam" "285" ""))
(twin "cam-shown" "chelsea.png" with-selection (ask "cam" "285" "selection=show"))
(twin "cam-visible" "chelsea.png" with-offsets (ask "cam" "285" "source=visible"))
(twin "cam-group" "chelsea.png" in-a-group (ask "cam" "285" ""))
(twin "saliency" "chelsea.png" as-it-is (ask "saliency" "285" ""))
(twin "guided" "chelsea.png" as-it-is (ask "guided-backprop" "285" ""))

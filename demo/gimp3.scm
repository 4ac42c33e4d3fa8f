; SPDX-License-Identifier: LGPL-3.0-or-later
; What demo.scm says to GIMP 3.0.

(define (load-image file) (car (gimp-file-load RUN-NONINTERACTIVE file)))
(define (save-image image file) (gimp-file-save RUN-NONINTERACTIVE image file))
(define (first-layer image) (vector-ref (car (gimp-image-get-layers image)) 0))
(define (image-width image) (car (gimp-image-get-width image)))
(define (image-height image) (car (gimp-image-get-height image)))

; The network's own answer; every other argument at the method's own default.
; Each call returns (layer class-index class-name score probability recipe).
(define (explain-all image layer)
  (map
    (lambda (procedure) (procedure #:image image #:drawables (vector layer)))
    (list plug-in-human-eye-cam plug-in-human-eye-saliency plug-in-human-eye-guided-backprop)))

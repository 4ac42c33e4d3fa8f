; SPDX-License-Identifier: LGPL-3.0-or-later
; What demo.scm says to GIMP 2.10.

(define (load-image file) (car (gimp-file-load RUN-NONINTERACTIVE file file)))
(define (save-image image file)
  (gimp-file-save RUN-NONINTERACTIVE image (first-layer image) file file))
(define (first-layer image) (vector-ref (cadr (gimp-image-get-layers image)) 0))
(define (image-width image) (car (gimp-image-width image)))
(define (image-height image) (car (gimp-image-height image)))

; The network's own answer; every other argument at the method's own default.
; Each call returns (layer class-index class-name score probability recipe).
(define (explain-all image layer)
  (list
    (plug-in-human-eye-cam RUN-NONINTERACTIVE image layer "" "" "" -1 "" "")
    (plug-in-human-eye-saliency RUN-NONINTERACTIVE image layer "" "" "" "" -1 "" "")
    (plug-in-human-eye-guided-backprop RUN-NONINTERACTIVE image layer "" "" "" "" -1 "" "")))

; SPDX-License-Identifier: LGPL-3.0-or-later
; Explains one photograph by three methods, through the plug-in, as any script can.
; For GIMP 2.10: (human-eye-demo "photograph.png" "folder") writes into the folder
;   demo.xcf   the photograph with a layer from each method
;   demo.png   the photograph and the three results side by side
;   demo.txt   the layers' names

; The network's own answer; every other argument at the method's own default.
; Each call returns (layer class-index class-name score probability recipe).
(define (explain-all image drawable)
  (list
    (plug-in-human-eye-cam RUN-NONINTERACTIVE image drawable "" "" "" -1 "" "")
    (plug-in-human-eye-saliency RUN-NONINTERACTIVE image drawable "" "" "" "" -1 "" "")
    (plug-in-human-eye-guided-backprop RUN-NONINTERACTIVE image drawable "" "" "" "" -1 "" "")))

; A flat copy of the image in which, of LAYERS, only SHOWN is visible (-1: none).
(define (flat-copy image layers shown)
  (for-each
    (lambda (layer) (gimp-item-set-visible layer (if (= layer shown) TRUE FALSE)))
    layers)
  (let ((copy (car (gimp-image-duplicate image))))
    (gimp-image-flatten copy)
    copy))

; The flat copies side by side, two in a row.
(define (make-sheet image layers)
  (let* ((width (car (gimp-image-width image)))
         (height (car (gimp-image-height image)))
         (gap (quotient width 60))
         (sheet (car (gimp-image-new (+ width width gap) (+ height height gap) RGB)))
         (place 0))
    (for-each
      (lambda (shown)
        (let* ((copy (flat-copy image layers shown))
               (flat (car (gimp-image-get-active-drawable copy)))
               (tile (car (gimp-layer-new-from-drawable flat sheet))))
          (gimp-image-insert-layer sheet tile 0 0)
          (gimp-layer-set-offsets tile
            (* (modulo place 2) (+ width gap))
            (* (quotient place 2) (+ height gap)))
          (gimp-image-delete copy)
          (set! place (+ place 1))))
      (cons -1 layers))
    (gimp-context-set-background '(255 255 255))
    (gimp-image-flatten sheet)
    sheet))

(define (human-eye-demo photograph folder)
  (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE photograph photograph)))
         (results (explain-all image (car (gimp-image-get-active-drawable image))))
         (layers (map car results))
         (sheet (make-sheet image layers))
         (png (string-append folder "/demo.png"))
         (xcf (string-append folder "/demo.xcf"))
         (names (open-output-file (string-append folder "/demo.txt"))))
    (for-each
      (lambda (layer)
        (display (car (gimp-item-get-name layer)) names)
        (newline names))
      layers)
    (close-output-port names)
    (file-png-save-defaults RUN-NONINTERACTIVE sheet
      (car (gimp-image-get-active-drawable sheet)) png png)
    (gimp-item-set-visible (car layers) TRUE)
    (gimp-item-set-visible (caddr layers) FALSE)
    (gimp-xcf-save 0 image (car (gimp-image-get-active-drawable image)) xcf xcf)
    (gimp-image-delete sheet)
    (gimp-image-delete image)))

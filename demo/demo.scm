; SPDX-License-Identifier: LGPL-3.0-or-later
; Explains one photograph by three methods, through the plug-in, as any script can, in GIMP 2.10 and 3.0:
; gimp2.scm and gimp3.scm hold what the two spell differently, the plug-in's calls among it.
; (human-eye-demo "photograph.png" "folder") writes into the folder
;   demo.xcf   the photograph with a layer from each method
;   demo.png   the photograph and the three results side by side
;   demo.txt   the layers' names
(load (string-append "demo/gimp" (substring (car (gimp-version)) 0 1) ".scm"))

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
  (let* ((width (image-width image))
         (height (image-height image))
         (gap (quotient width 60))
         (sheet (car (gimp-image-new (+ width width gap) (+ height height gap) RGB)))
         (place 0))
    (for-each
      (lambda (shown)
        (let* ((copy (flat-copy image layers shown))
               (tile (car (gimp-layer-new-from-drawable (first-layer copy) sheet))))
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
  (let* ((image (load-image photograph))
         (layers (map car (explain-all image (first-layer image))))
         (sheet (make-sheet image layers))
         (names (open-output-file (string-append folder "/demo.txt"))))
    (for-each
      (lambda (layer)
        (display (car (gimp-item-get-name layer)) names)
        (newline names))
      layers)
    (close-output-port names)
    (save-image sheet (string-append folder "/demo.png"))
    (gimp-item-set-visible (car layers) TRUE)
    (gimp-item-set-visible (caddr layers) FALSE)
    (save-image image (string-append folder "/demo.xcf"))
    (gimp-image-delete sheet)
    (gimp-image-delete image)))

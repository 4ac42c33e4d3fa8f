; SPDX-License-Identifier: LGPL-3.0-or-later
; See methods.t. Each result is taken away again, so that every call finds the same image. The class is one
; that parts of the picture speak for and others against.

(define gradients '("positive" "negative" "absolute" "signed"))

; (words, image) for every kind; all of the same small photograph of a cat.
(define (kinds)
  (define (make words alpha grey precision indexed)
    (let ((image (small-picture "chelsea.png")))
      (if (> alpha 0) (gimp-layer-add-alpha (active image)))
      (if (> grey 0) (gimp-image-convert-grayscale image))
      (if (not (= precision PRECISION-U8-GAMMA)) (gimp-image-convert-precision image precision))
      (if (> indexed 0)
          (gimp-image-convert-indexed image CONVERT-DITHER-NONE CONVERT-PALETTE-GENERATE 255
                                      FALSE FALSE ""))
      (list words image)))
  (list (make "RGB, 8-bit" 0 0 PRECISION-U8-GAMMA 0)
        (make "RGBA, 8-bit" 1 0 PRECISION-U8-GAMMA 0)
        (make "grey, 8-bit" 0 1 PRECISION-U8-GAMMA 0)
        (make "indexed" 0 0 PRECISION-U8-GAMMA 1)
        (make "indexed with alpha" 1 0 PRECISION-U8-GAMMA 1)
        (make "RGB, 16-bit" 0 0 PRECISION-U16-GAMMA 0)
        (make "RGBA, 16-bit linear" 1 0 PRECISION-U16-LINEAR 0)
        (make "grey, 16-bit" 0 1 PRECISION-U16-GAMMA 0)
        (make "RGB, 32-bit float" 0 0 PRECISION-FLOAT-GAMMA 0)
        (make "RGBA, 32-bit float linear" 1 0 PRECISION-FLOAT-LINEAR 0)
        (make "grey with alpha, 32-bit float linear" 1 1 PRECISION-FLOAT-LINEAR 0)))

(define (wanted-type image)
  (let ((base (car (gimp-image-base-type image))))
    (cond ((= base GRAY) GRAYA-IMAGE)
          ((= base INDEXED) INDEXEDA-IMAGE)
          (else RGBA-IMAGE))))

; Mean, deviation, median of a drawable: quick, and no pixel changes unnoticed but by chance.
(define (sum-of layer channel) (gimp-drawable-histogram layer channel 0 1))

(define (check words image call title wanted-mode wanted-opacity)
  (let* ((photograph (active image))
         (before (sum-of photograph HISTOGRAM-VALUE))
         (result (call image photograph))
         (layer (result-layer result))
         (faults '()))
    (define (want good what) (if (not good) (set! faults (cons what faults))))
    (want (= (length (layers image)) 2) "two layers")
    (want (= (car (layers image)) layer) "the result is on top")
    (want (has-text? (name layer) title) (string-append "its name: " (name layer)))
    (want (= (mode layer) wanted-mode) "its mode")
    (want (near? (opacity layer) wanted-opacity 0.5) "its opacity")
    (want (equal? (offsets layer) (offsets photograph)) "its place")
    (want (equal? (size layer) (size photograph)) "its size")
    (want (= (type layer) (wanted-type image)) "its type")
    (want (equal? (sum-of photograph HISTOGRAM-VALUE) before) "the photograph is unchanged")
    (want (= (active image) photograph) "the photograph is active")
    (want (= (result-class result) 967) "class 967")
    (want (string=? (result-name result) "espresso") "espresso")
    (want (< 0 (result-probability result) 1) "probability")
    (want (string=? (recipe-of layer) (result-recipe result)) "the recipe is in the layer")
    (want (> (cadr (sum-of layer HISTOGRAM-ALPHA)) 0) "it is not flat")
    (gimp-image-remove-layer image layer)
    (is faults '() (string-append title ": " words))))

(define (check-kind words image)
  (for-each
    (lambda (gradient)
      (let ((is-signed (string=? gradient "signed"))
            (label (string-append words ", " gradient)))
        (check label image
               (lambda (i l) (cam i l "967" (string-append "gradient=" gradient)))
               "CAM" LAYER-MODE-NORMAL (if is-signed 80 60))
        (check label image (lambda (i l) (saliency i l "967" gradient ""))
               "Saliency" (if is-signed LAYER-MODE-NORMAL LAYER-MODE-SCREEN) (if is-signed 80 100))
        (check label image (lambda (i l) (guided i l "967" gradient ""))
               "Guided Backpropagation" LAYER-MODE-NORMAL (if is-signed 80 100))))
    gradients)
  (gimp-image-delete image))

(for-each (lambda (kind) (check-kind (car kind) (cadr kind))) (kinds))

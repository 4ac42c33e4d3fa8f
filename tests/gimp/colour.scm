; SPDX-License-Identifier: LGPL-3.0-or-later
; See colour.t. data/make_profiles.py made the profiles. A picture is converted and then explained; its twin
; is explained and then converted, by GIMP itself: both end with the same numbers.

(define (profile-uri name) (string-append "file://" he-top "/tests/gimp/data/" name))
(define (convert-to profile)
  (lambda (image)
    (gimp-image-convert-color-profile-from-file image (profile-uri profile)
                                                COLOR-RENDERING-INTENT-RELATIVE-COLORIMETRIC FALSE)))
(define (assign profile)
  (lambda (image) (gimp-image-set-color-profile-from-file image (profile-uri profile))))
(define (precision number)
  (lambda (image)
    (if (not (= (car (gimp-image-get-precision image)) number))
        (gimp-image-convert-precision image number))))
(define (grey image) (gimp-image-convert-grayscale image))
(define (do-steps image steps) (for-each (lambda (step) (step image)) steps))

; Probability, and what LOOK says of the layer in 8 bits, with BEFORE done before the explanation and AFTER after
; it. Part of a photograph: one that GIMP makes smaller is another from run to run.
(define (outcome before after look)
  (let ((image (load-picture (string-append photographs "coffee.png"))))
    (gimp-image-crop image 240 240 180 60)
    (do-steps image before)
    (let ((result (cam image (active image) "espresso" "alpha=full")))
      (do-steps image after)
      ((precision PRECISION-U8-GAMMA) image)
      (let ((found (list (result-probability result) (look image (result-layer result)))))
        (gimp-image-delete image)
        found))))
(define (look-at what)
  (lambda (image layer) (probe image layer (string-append what " " he-work "/layer"))))

; 8 bits of another space round the picture itself, and so what is believed: BELIEF and LEVELS are how far
; the two may be apart. Stored numbers are compared: what 3.0 says of a pixel is in sRGB, where one level of another
; space may be many.
(define (check words first steps belief levels)
  (let* ((converted (outcome (append first steps) '() (look-at "dump")))
         (twin (outcome first steps (look-at "against")))
         (far (abs (- (car converted) (car twin))))
         (distance (cadr twin)))
    (if (not (ok (<= far belief) (string-append words ": the network sees the same picture")))
        (tap-line "# " (car converted) " and " (car twin)))
    (if (not (ok (<= distance levels) (string-append words ": the layer has the same colours")))
        (tap-line "# they differ by " distance))))

; Near black one level of the wide space is several of sRGB's.
(check "wide gamut, 8-bit" '() (list (convert-to "wide.icc")) 0.05 10)
(check "wide gamut, 16-bit" (list (precision PRECISION-U16-GAMMA)) (list (convert-to "wide.icc")) 0.001 1)
(check "wide gamut, float" (list (precision PRECISION-FLOAT-GAMMA)) (list (convert-to "wide.icc")) 0.001 1)
(check "wide gamut, float, linear" (list (precision PRECISION-FLOAT-GAMMA))
       (list (convert-to "wide.icc") (precision PRECISION-FLOAT-LINEAR)) 0.001 1)
(check "wide gamut, 16-bit, linear" (list (precision PRECISION-U16-GAMMA))
       (list (convert-to "wide.icc") (precision PRECISION-U16-LINEAR)) 0.001 1)
(check "wide gamut, half" (list (precision PRECISION-HALF-GAMMA)) (list (convert-to "wide.icc")) 0.002 2)
(check "wide gamut, double" (list (precision PRECISION-DOUBLE-GAMMA)) (list (convert-to "wide.icc")) 0.001 1)
(check "a linear profile, 16-bit" (list (precision PRECISION-U16-GAMMA)) (list (convert-to "linear.icc"))
       0.001 1)
(check "a profile of tables, float" (list (precision PRECISION-FLOAT-GAMMA)) (list (convert-to "table.icc"))
       0.001 2)
(check "grey with another gamma" (list grey (precision PRECISION-U16-GAMMA))
       (list (convert-to "grey.icc")) 0.001 1)
(check "grey with another gamma, linear" (list grey (precision PRECISION-FLOAT-GAMMA))
       (list (convert-to "grey.icc") (precision PRECISION-FLOAT-LINEAR)) 0.001 1)
(check "linear without a profile" (list (precision PRECISION-U16-GAMMA))
       (list (precision PRECISION-FLOAT-LINEAR)) 0.001 1)

; The profile matters: the same numbers under another profile are another picture.
(let ((plain (outcome '() '() (look-at "dump")))
      (assigned (outcome (list (assign "wide.icc")) '() (look-at "dump"))))
  (ok (> (abs (- (car plain) (car assigned))) 0.0005) "the same numbers in another space differ"))

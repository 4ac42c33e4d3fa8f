; SPDX-License-Identifier: LGPL-3.0-or-later
; See procedures.t. Scripts count arguments and results by position: these lists never change.

(define (check-lists procedure arguments results)
  (is (argument-names procedure) (append (list "run-mode" "image" (if (= gimp-major 2) "drawable" "drawables")) arguments)
      (string-append procedure " takes"))
  (is (result-names procedure) results (string-append procedure " returns")))

(define layer-results '("layer" "class-index" "class-name" "score" "probability" "recipe"))
(check-lists "plug-in-human-eye-cam"
             '("model" "class" "colormap" "opacity" "blend" "options") layer-results)
(check-lists "plug-in-human-eye-saliency"
             '("model" "class" "gradient" "colormap" "opacity" "blend" "options") layer-results)
(check-lists "plug-in-human-eye-guided-backprop"
             '("model" "class" "gradient" "colormap" "opacity" "blend" "options") layer-results)
(check-lists "plug-in-human-eye-explain"
             '("method" "model" "class" "gradient" "layer" "colormap" "opacity" "blend" "options")
             layer-results)
(check-lists "plug-in-human-eye-classify" '("model" "top" "options")
             (if (= gimp-major 2)
                 '("n-indices" "indices" "n-names" "names" "n-probabilities" "probabilities"
                   "n-scores" "scores")
                 '("indices" "names" "probabilities" "scores")))
(is (argument-names "plug-in-human-eye-models") '("run-mode" "action" "name" "settings")
    "plug-in-human-eye-models takes")
(is (result-names "plug-in-human-eye-models")
    (if (= gimp-major 2) '("n-names" "names" "report") '("names" "report"))
    "plug-in-human-eye-models returns")

; ---- classify

(define image (small-picture "coffee.png"))
(define photograph (active image))
(define (classify top) (plug-in-human-eye-classify RUN-NONINTERACTIVE image photograph "" top ""))

(let ((answer (classify 0)))
  (is (map (lambda (i) (list-ref answer i)) '(0 2 4 6)) '(5 5 5 5) "classify: five answers unless told")
  (is (car (list-ref answer 3)) "espresso" "classify: the best first")
  (is (vector-ref (list-ref answer 1) 0) 967 "classify: its index")
  (ok (< 0.2 (vector-ref (list-ref answer 5) 0) 1) "classify: its probability")
  (ok (apply > (vector->list (list-ref answer 7))) "classify: scores fall"))
(is (length (list-ref (classify 3) 3)) 3 "classify: as many as asked for")
(is (car (classify 5000)) 1000 "classify: never more than there are")
(is (layers image) (list photograph) "classify: changes nothing")
(ok (has-text? (error-of (lambda () (classify -2))) (if (= gimp-major 2) "top" "-2")) "classify: a negative number is refused")
(gimp-image-delete image)

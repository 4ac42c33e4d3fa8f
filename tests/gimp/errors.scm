; SPDX-License-Identifier: LGPL-3.0-or-later
; See errors.t.

(define image (small-picture "coffee.png"))
(define photograph (active image))
(define before (print-of photograph))
(define images-before (car (gimp-image-list)))

; CALL fails, saying all of PARTS; the image stays as it was.
(define (refused call parts words)
  (let ((said (error-of call)) (missing '()))
    (for-each
      (lambda (part) (if (not (has-text? said part)) (set! missing (cons part missing))))
      parts)
    (is (list missing (if (= (string-length said) 0) "no error" said))
        (list '() (if (= (string-length said) 0) "an error" said))
        words)
    (is (list (length (layers image)) (active image) (equal? (print-of photograph) before)
              (car (gimp-image-list)))
        (list (if (= group 0) 1 2) photograph #t images-before)
        (string-append words ": the image is as it was"))))
(define group 0)

(define (call-explain method model class gradient layer colormap opacity blend options)
  (lambda ()
    (plug-in-human-eye-explain RUN-NONINTERACTIVE image photograph method model class gradient
                               layer colormap opacity blend options)))

(refused (call-explain "" "nosuch" "" "" "" "" -1 "" "") '("nosuch") "a model that is nowhere")
(refused (call-explain "" (string-append he-work "/wrong.onnx") "" "" "" "" -1 "" "")
         '("wrong.onnx") "a file that is no model")
(refused (call-explain "" (string-append he-work "/short.onnx") "" "" "" "" -1 "" "")
         '("short.onnx") "a truncated model")
(refused (call-explain "" "" "expresso" "" "" "" -1 "" "") '("expresso" "espresso")
         "an unknown class offers the nearest names")
(refused (call-explain "" "" "1000" "" "" "" -1 "" "") '("1000") "an index past the last class")
(refused (call-explain "camm" "" "" "" "" "" -1 "" "") '("camm" "cam") "an unknown method")
(refused (call-explain "" "" "" "upward" "" "" -1 "" "") '("gradient" "upward" "positive")
         "an unknown type of gradient")
(refused (call-explain "" "" "" "" "" "rainbow" -1 "" "") '("colormap" "rainbow" "turbo")
         "an unknown color map")
; GIMP 3 checks the range itself, in its own words.
(refused (call-explain "" "" "" "" "" "" 101 "" "") (if (= gimp-major 2) '("opacity" "101") '("101" "100"))
         "an opacity above 100")
(refused (call-explain "" "" "" "" "" "" -1 "glow" "") '("blend" "glow" "screen")
         "an unknown blend mode")
(refused (call-explain "" "" "" "" "nosuchlayer" "" -1 "" "") '("nosuchlayer") "an unknown layer")
(refused (call-explain "" "" "" "" "" "" -1 "" "colour=red") '("colour") "an unknown option")
(refused (call-explain "" "" "" "" "" "" -1 "" "class='") '("options") "a quote that never ends")
(refused (lambda () (cam image photograph "" "method=saliency"))
         '("method" "plug-in-human-eye-explain") "another method than the procedure's")

; 2.10 gives one layer at a time.
(if (= gimp-major 3)
    (refused (lambda () (cam-of-several image (vector photograph photograph)))
             '("One layer" "2 are selected") "several layers"))

; ---- what has no pixels to explain

(gimp-image-select-rectangle image CHANNEL-OP-REPLACE 0 0 10 10)
(define far (car (gimp-layer-new image 20 20 RGB-IMAGE "far" 100 LAYER-MODE-NORMAL)))
(gimp-image-insert-layer image far 0 0)
(gimp-layer-set-offsets far 50 50)
(gimp-image-set-active-layer image photograph)
(set! group 1)
(refused (lambda () (cam image far "" "")) '("selection") "a selection beside the layer")
(gimp-selection-none image)
(gimp-image-remove-layer image far)

(define folder (car (gimp-layer-group-new image)))
(gimp-image-insert-layer image folder 0 0)
(gimp-image-set-active-layer image photograph)
(refused (lambda () (cam image folder "" "")) '("layer group") "a layer group")
(gimp-image-remove-layer image folder)
(set! group 0)

(define channel (car (gimp-channel-new image 20 20 "c" 50 '(0 0 0))))
(gimp-image-insert-channel image channel 0 0)
(gimp-image-set-active-layer image photograph)
(refused (lambda () (cam image channel "" "")) '("channel") "a channel")
(gimp-image-remove-channel image channel)
(gimp-image-set-active-layer image photograph)

(define result (cam image photograph "" ""))
(set! group 1)
(refused (lambda () (cam image (result-layer result) "" "")) '("explanation" "photograph")
         "a result of its own")
(gimp-image-delete image)

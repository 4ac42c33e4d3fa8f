; SPDX-License-Identifier: LGPL-3.0-or-later
; See dialog.t: it presses the keys; this side opens the dialogs and looks at what came of them.

(define (reached step) (close-output-port (open-output-file (string-append he-work "/" step))))

; Waits until the user's undo has left N layers: half a minute at most.
(define (wait-for-layers image n)
  (let ((end (+ (realtime) 30)))
    (let loop ()
      (cond ((= (length (layers image)) n) #t)
            ((> (realtime) end) #f)
            (else (loop))))))

(define image (load-picture (string-append photographs "chelsea.png")))
(define photograph (active image))
(gimp-image-clean-all image)
(gimp-display-new image)
(define before (print-of photograph))

(define result
  (plug-in-human-eye-explain RUN-INTERACTIVE image photograph "" "" "" "" "" "" -1 "" ""))
(define layer (result-layer result))
(is (layers image) (list layer photograph) "OK: one new layer above the photograph")
(is (result-name result) "lynx" "OK: the class that was searched for")
(ok (has-text? (name layer) "lynx") "OK: its name is in the layer's")
(ok (has-text? (result-recipe result) "\"absolute\"") "OK: the type of gradient that was chosen")
(is (round (opacity layer)) 42.0 "OK: the opacity that was typed")
(is (active image) photograph "OK: the photograph stays active")
(is (equal? (print-of photograph) before) #t "OK: the photograph's pixels")
(is (car (gimp-image-is-dirty image)) TRUE "OK: the image has changed")
(define made (print-of layer))
; What the image shows, in he-work.
(define (keep-visible file)
  (let* ((copy (car (gimp-image-duplicate image)))
         (seen (car (gimp-image-merge-visible-layers copy CLIP-TO-IMAGE)))
         (path (string-append he-work "/" file)))
    (file-png-save2 RUN-NONINTERACTIVE copy seen path path 0 1 0 0 0 0 0 0 1)
    (gimp-image-delete copy)))
(keep-visible "layer.png")

(reached "layer-made")
(ok (wait-for-layers image 1) "one undo takes the layer away")
(is (layers image) (list photograph) "... and leaves the photograph")
(keep-visible "photograph.png")
(is (car (gimp-image-is-dirty image)) FALSE "... and nothing else to undo")
(reached "undone")

(define again
  (plug-in-human-eye-explain RUN-WITH-LAST-VALS image photograph "" "" "" "" "" "" -1 "" ""))
(is (print-distance made (print-of (result-layer again))) 0
    "repeat: the same pixels with the last values")
(is (result-recipe again) (result-recipe result) "repeat: the same recipe")
(is (round (opacity (result-layer again))) 42.0 "repeat: the same opacity")
(gimp-image-remove-layer image (result-layer again))

(define said
  (error-of
    (lambda ()
      (plug-in-human-eye-saliency RUN-INTERACTIVE image photograph "" "" "" "" -1 "" ""))))
(is (layers image) (list photograph) "Cancel: nothing new in the image")
(is (equal? (print-of photograph) before) #t "Cancel: the photograph's pixels")
(reached "cancelled")

(let ((layer (result-layer
               (plug-in-human-eye-explain RUN-INTERACTIVE image photograph "" "" "" "" "" "" -1 ""
                                          ""))))
  (ok (has-text? (name layer) "Grad-CAM of stage3") "another method and a layer of the network"))
(gimp-image-clean-all image)

; ---- which picture: the layer stands beside the image's right third

(define (remove-results)
  (for-each (lambda (layer)
              (if (not (equal? layer photograph)) (gimp-image-remove-layer image layer)))
            (layers image)))
(remove-results)
(gimp-layer-set-offsets photograph -151 0)
(define (explain-here)
  (plug-in-human-eye-explain RUN-INTERACTIVE image photograph "" "" "" "" "" "" -1 ""
                             "source=visible"))
(define (place layer) (append (offsets layer) (size layer)))

(gimp-image-select-rectangle image CHANNEL-OP-REPLACE 100 50 120 200)
(reached "selected")
(let ((layer (result-layer (plug-in-human-eye-explain RUN-INTERACTIVE image photograph "" "" "" "" ""
                                                      "" -1 "" ""))))
  (is (place layer) '(0 0 451 300) "the visible picture, without regard to the selection")
  (is (position image layer) 0 "... on top"))

(gimp-image-select-rectangle image CHANNEL-OP-REPLACE 320 50 80 200)
(reached "beside")
(let ((layer (result-layer (explain-here))))
  (is (length (layers image)) 2 "the result before is replaced")
  (is (place layer) '(320 50 80 200) "where the selection is, of the visible picture"))
(gimp-selection-none image)
(remove-results)

; ---- a grey picture's only color map is not what the next picture in colour gets

(define grey (small-picture "chelsea.png"))
(gimp-image-convert-grayscale grey)
(gimp-display-new grey)
(reached "grey")
(define (recipe-with mode image layer)
  (result-recipe (plug-in-human-eye-explain mode image layer "" "" "" "" "" "" -1 "" "")))
(ok (has-text? (recipe-with RUN-INTERACTIVE grey (active grey)) "\"colormap\": \"grey\"")
    "grey: the color map")
(gimp-image-clean-all grey)
(ok (has-text? (recipe-with RUN-WITH-LAST-VALS image photograph) "\"colormap\": \"turbo\"")
    "... and that of the next picture")
(remove-results)
(gimp-image-clean-all image)

; By the mouse: what was saved before Reset and loaded after it is what OK asks.
(reached "mouse")
(let* ((result (plug-in-human-eye-saliency RUN-INTERACTIVE image photograph "" "" "" "" -1 "" ""))
       (recipe (result-recipe result)))
  (ok (not (= (result-class result) 285)) "mouse: the class that was clicked on")
  (ok (has-text? recipe "\"gradient\": \"signed\"") "mouse: the type of gradient that was clicked on"))
(gimp-image-clean-all image)

; SPDX-License-Identifier: LGPL-3.0-or-later
; The tests are written in GIMP 2.10's Script-Fu. This is what GIMP 3.0 spells otherwise, by 2.10's names;
; the plug-in itself is called as 3.0 wants it, by the names of its arguments.

(define gimp-major 3)

; ---- lists: 2.10 puts a count before them

(define (counted answer) (list (vector-length (car answer)) (car answer)))
(define gimp3-layers gimp-image-get-layers)
(define (gimp-image-get-layers image) (counted (gimp3-layers image)))
(define gimp3-children gimp-item-get-children)
(define (gimp-item-get-children item) (counted (gimp3-children item)))
(define (gimp-image-list) (counted (gimp-get-images)))
(define gimp3-pixel gimp-drawable-get-pixel)
(define (gimp-drawable-get-pixel layer x y)
  (let ((bytes (car (gimp3-pixel layer x y)))) (list (length bytes) (list->vector bytes))))

; ---- several layers may be selected

(define (gimp-image-get-active-drawable image)
  (let ((drawables (car (gimp-image-get-selected-drawables image))))
    (list (if (= (vector-length drawables) 1) (vector-ref drawables 0) -1))))
(define (gimp-image-set-active-layer image layer)
  (gimp-image-set-selected-layers image (vector layer)))

; ---- other names, another order

(define gimp-image-width gimp-image-get-width)
(define gimp-image-height gimp-image-get-height)
(define gimp-image-base-type gimp-image-get-base-type)
(define gimp-drawable-width gimp-drawable-get-width)
(define gimp-drawable-height gimp-drawable-get-height)
(define gimp-drawable-offsets gimp-drawable-get-offsets)
(define gimp3-layer-new gimp-layer-new)
(define (gimp-layer-new image width height type name opacity mode)
  (gimp3-layer-new image name width height type opacity mode))
(define (gimp-layer-group-new image) (gimp-group-layer-new image ""))
(define gimp3-channel-new gimp-channel-new)
(define (gimp-channel-new image width height name opacity color)
  (gimp3-channel-new image name width height opacity color))
(define gimp3-load gimp-file-load)
(define (gimp-file-load mode file name) (gimp3-load mode file))
(define (gimp-xcf-save dummy image layer file name)
  (gimp-file-save RUN-NONINTERACTIVE image file))
; 3.0 exports images, not layers, and flattens a layer that is not opaque.
(define (file-png-save2 mode image layer file name . options)
  (let* ((width (car (gimp-drawable-get-width layer)))
         (height (car (gimp-drawable-get-height layer)))
         (alone (car (gimp-image-new-with-precision width height (car (gimp-image-get-base-type image))
                                                    (car (gimp-image-get-precision image)))))
         (copy (car (gimp-layer-new-from-drawable layer alone))))
    (gimp-image-insert-layer alone copy 0 0)
    (gimp-layer-set-offsets copy 0 0)
    (gimp-layer-set-opacity copy 100)
    (gimp-layer-set-mode copy LAYER-MODE-NORMAL)
    (file-png-export #:run-mode mode #:image alone #:file file #:save-transparent TRUE)
    (gimp-image-delete alone)))

(define PRECISION-U8-GAMMA PRECISION-U8-NON-LINEAR)
(define PRECISION-U16-GAMMA PRECISION-U16-NON-LINEAR)
(define PRECISION-U32-GAMMA PRECISION-U32-NON-LINEAR)
(define PRECISION-HALF-GAMMA PRECISION-HALF-NON-LINEAR)
(define PRECISION-FLOAT-GAMMA PRECISION-FLOAT-NON-LINEAR)
(define PRECISION-DOUBLE-GAMMA PRECISION-DOUBLE-NON-LINEAR)

(define (path-of uri) (substring uri 7 (string-length uri)))
(define gimp3-set-profile gimp-image-set-color-profile-from-file)
(define (gimp-image-set-color-profile-from-file image uri) (gimp3-set-profile image (path-of uri)))
(define gimp3-convert-profile gimp-image-convert-color-profile-from-file)
(define (gimp-image-convert-color-profile-from-file image uri intent compensation)
  (gimp3-convert-profile image (path-of uri) intent compensation))

; ---- what is registered, read in GIMP's own notes of it

(define (notes-of procedure)
  (let ((port (open-input-file (string-append he-work "/profile/pluginrc"))))
    (define (find-definition parts)
      (cond ((null? parts) #f)
            ((and (pair? (car parts)) (eq? (caar parts) 'proc-def)
                  (string=? (cadr (car parts)) procedure))
             (car parts))
            (else (find-definition (cdr parts)))))
    (define (skip-line) (if (not (char=? (read-char port) #\newline)) (skip-line)))
    (define (skip-comments) (if (char=? (peek-char port) #\#) (begin (skip-line) (skip-comments))))
    (skip-comments)
    (let loop ((form (read port)))
      (if (eof-object? form)
          '()
          (or (and (pair? form) (find-definition (cdr form))) (loop (read port)))))))

; Names of arguments and results, in this order, after the numbers of both.
(define (registered procedure)
  (let loop ((parts (notes-of procedure)) (counts '()) (names '()))
    (cond ((null? parts) (list counts (reverse names)))
          ((number? (car parts)) (loop (cdr parts) (cons (car parts) counts) names))
          ((and (pair? (car parts)) (eq? (caar parts) 'proc-arg))
           (loop (cdr parts) counts (cons (list-ref (car parts) 4) names)))
          (else (loop (cdr parts) counts names)))))
(define (take-names names n) (if (= n 0) '() (cons (car names) (take-names (cdr names) (- n 1)))))
(define (argument-names procedure)
  (let ((notes (registered procedure))) (take-names (cadr notes) (cadr (car notes)))))
(define (result-names procedure)
  (let ((notes (registered procedure))) (list-tail (cadr notes) (cadr (car notes)))))

; ---- the plug-in, by the names of its arguments

(define gimp3-explain plug-in-human-eye-explain)
(define (plug-in-human-eye-explain mode image layer method model class gradient stage colormap opacity
                                   blend options)
  (gimp3-explain #:run-mode mode #:image image #:drawables (vector layer) #:method method
                 #:model model #:class class #:gradient gradient #:layer stage #:colormap colormap
                 #:opacity opacity #:blend blend #:options options))
(define gimp3-cam plug-in-human-eye-cam)
(define (plug-in-human-eye-cam mode image layer model class colormap opacity blend options)
  (gimp3-cam #:run-mode mode #:image image #:drawables (vector layer) #:model model #:class class
             #:colormap colormap #:opacity opacity #:blend blend #:options options))
(define gimp3-saliency plug-in-human-eye-saliency)
(define (plug-in-human-eye-saliency mode image layer model class gradient colormap opacity blend options)
  (gimp3-saliency #:run-mode mode #:image image #:drawables (vector layer) #:model model
                  #:class class #:gradient gradient #:colormap colormap #:opacity opacity
                  #:blend blend #:options options))
(define gimp3-guided plug-in-human-eye-guided-backprop)
(define (plug-in-human-eye-guided-backprop mode image layer model class gradient colormap opacity blend
                                           options)
  (gimp3-guided #:run-mode mode #:image image #:drawables (vector layer) #:model model #:class class
                #:gradient gradient #:colormap colormap #:opacity opacity #:blend blend
                #:options options))
(define gimp3-classify plug-in-human-eye-classify)
(define (plug-in-human-eye-classify mode image layer model top options)
  (let* ((answer (gimp3-classify #:run-mode mode #:image image #:drawables (vector layer)
                                 #:model model #:top top #:options options))
         (n (vector-length (car answer))))
    (list n (car answer) n (cadr answer) n (caddr answer) n (cadddr answer))))
(define gimp3-models plug-in-human-eye-models)
(define (plug-in-human-eye-models mode action name settings)
  (let ((answer (gimp3-models #:run-mode mode #:action action #:name name #:settings settings)))
    (cons (length (car answer)) answer)))
(define (cam-of-several image layers)
  (gimp3-cam #:run-mode RUN-NONINTERACTIVE #:image image #:drawables layers))

; ---- the tests' own plug-in

(define (probe image layer text)
  (car (plug-in-human-eye-probe #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (vector layer)
                                #:text text)))

; SPDX-License-Identifier: LGPL-3.0-or-later
; TAP from Script-Fu into he-work/tap, pictures to explain, and short words for what is in an image.
; Loaded by lib.sh, which defines he-top and he-work.

(define tap-count 0)
(define tap-port (open-output-file (string-append he-work "/tap")))

(define (tap-line . parts)
  (for-each (lambda (part) (display part tap-port)) parts)
  (newline tap-port))

(define (ok good name)
  (set! tap-count (+ tap-count 1))
  (tap-line (if good "ok " "not ok ") tap-count " - " name)
  good)

(define (is got wanted name)
  (if (not (ok (equal? got wanted) name))
      (begin (display "#      got: " tap-port) (write got tap-port) (newline tap-port)
             (display "#   wanted: " tap-port) (write wanted tap-port) (newline tap-port))))

(define (tap-end)
  (tap-line "1.." tap-count)
  (close-output-port tap-port))

(define (near? a b tolerance) (<= (abs (- a b)) tolerance))

(define (has-text? text part)
  (let ((n (string-length text)) (m (string-length part)))
    (let loop ((i 0))
      (cond ((> (+ i m) n) #f)
            ((string=? (substring text i (+ i m)) part) #t)
            (else (loop (+ i 1)))))))

; ---- errors ----------------------------------------------------------------------------------------

(define last-error "")
(define *error-hook*
  (lambda words
    (set! last-error (if (and (pair? words) (string? (car words))) (car words) "?"))
    (apply throw words)))

; The message of the error that CALL ends with; "" when it does not.
(define (error-of call)
  (set! last-error "")
  (catch #f (call))
  last-error)

; ---- pictures --------------------------------------------------------------------------------------

(define photographs (string-append he-top "/tests/images/"))

(define (load-picture file)
  (car (gimp-file-load RUN-NONINTERACTIVE file file)))

; A photograph at a quarter of its size.
(define (small-picture file)
  (let ((image (load-picture (string-append photographs file))))
    (gimp-image-scale image (quotient (car (gimp-image-width image)) 4)
                      (quotient (car (gimp-image-height image)) 4))
    image))

(define (active image) (car (gimp-image-get-active-drawable image)))

; ---- what is in an image ------------------------------------------------------------------------------

(define (layers image) (vector->list (cadr (gimp-image-get-layers image))))
(define (children group) (vector->list (cadr (gimp-item-get-children group))))
(define (name item) (car (gimp-item-get-name item)))
(define (parent item) (car (gimp-item-get-parent item)))
(define (position image item) (car (gimp-image-get-item-position image item)))
(define (offsets layer) (gimp-drawable-offsets layer))
(define (size layer) (list (car (gimp-drawable-width layer)) (car (gimp-drawable-height layer))))
(define (mode layer) (car (gimp-layer-get-mode layer)))
(define (opacity layer) (car (gimp-layer-get-opacity layer)))
(define (type layer) (car (gimp-drawable-type layer)))
(define (pixel layer x y) (vector->list (cadr (gimp-drawable-get-pixel layer x y))))
(define (recipe-of item) (caddr (car (gimp-item-get-parasite item "human-eye-recipe"))))

; Pixels of a drawable on a grid that meets every row and column sooner or later.
(define (print-of layer)
  (let ((w (car (size layer))) (h (cadr (size layer))))
    (let loop ((i 0) (print '()))
      (if (= i 150)
          print
          (loop (+ i 1) (cons (pixel layer (modulo (* i 37) w) (modulo (* i 53) h)) print))))))

; The largest difference of two prints.
(define (print-distance a b)
  (let ((most 0))
    (for-each
      (lambda (p q)
        (for-each (lambda (u v) (set! most (max most (abs (- u v))))) p q))
      a b)
    most))

; ---- calls: what a result holds ----------------------------------------------------------------------

(define result-layer car)
(define result-class cadr)
(define result-name caddr)
(define result-score cadddr)
(define (result-probability result) (list-ref result 4))
(define (result-recipe result) (list-ref result 5))

(define (cam image layer class options)
  (plug-in-human-eye-cam RUN-NONINTERACTIVE image layer "" class "" -1 "" options))
(define (saliency image layer class gradient options)
  (plug-in-human-eye-saliency RUN-NONINTERACTIVE image layer "" class gradient "" -1 "" options))
(define (guided image layer class gradient options)
  (plug-in-human-eye-guided-backprop RUN-NONINTERACTIVE image layer "" class gradient "" -1 ""
                                     options))
(define (explain image layer method class options)
  (plug-in-human-eye-explain RUN-NONINTERACTIVE image layer method "" class "" "" "" -1 ""
                             options))

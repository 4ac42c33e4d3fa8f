; SPDX-License-Identifier: LGPL-3.0-or-later
; See the script beside it, which says width and height.

(define rounds 7)
(define (seconds) (let ((now (gettimeofday))) (+ (car now) (/ (cadr now) 1000000.0))))
(define (seconds-of call)
  (let ((start (seconds))) (call) (- (seconds) start)))
(define (insert x sorted)
  (if (or (null? sorted) (<= x (car sorted)))
      (cons x sorted)
      (cons (car sorted) (insert x (cdr sorted)))))
(define (sort values)
  (if (null? values) '() (insert (car values) (sort (cdr values)))))
(define (median values) (list-ref (sort values) (quotient rounds 2)))

(define image (load-picture (string-append photographs "coffee.png")))
(gimp-image-scale image width height)
(define layer (active image))
(gimp-layer-add-alpha layer)

(define calls
  (list
    (list "gaussian blur" (lambda () (plug-in-gauss RUN-NONINTERACTIVE image layer 20 20 0)))
    (list "cam" (lambda () (cam image layer "" "result=replace")))
    (list "saliency" (lambda () (saliency image layer "" "" "result=replace")))))
(define (measure) (map (lambda (call) (seconds-of (cadr call))) calls))

(measure) ; the plug-in's and the model's files into the page cache
(define times
  (let loop ((n rounds) (all '()))
    (if (= n 0) all (loop (- n 1) (cons (measure) all)))))
(define blur (median (map car times)))
(let loop ((calls calls) (times times))
  (if (pair? calls)
      (let ((own (map car times)))
        (tap-line (caar calls) ": " (median own) " s [" (car (sort own)) " "
                  (car (reverse (sort own))) "], " (/ (median own) blur) " of the blur")
        (loop (cdr calls) (map cdr times)))))
(gimp-image-delete image)

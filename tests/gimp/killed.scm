; SPDX-License-Identifier: LGPL-3.0-or-later
; See killed.t, which says n-kills. A picture large enough that the plug-in is busy for a while.

(define (say file words)
  (let ((port (open-output-file (string-append he-work "/" file))))
    (display words port)
    (close-output-port port)))
(define (seconds) (let ((now (gettimeofday))) (+ (car now) (/ (cadr now) 1000000.0))))

(define image (load-picture (string-append photographs "coffee.png")))
(gimp-image-scale image 6000 4000)
(define photograph (active image))
(gimp-image-clean-all image)

; The second call is as quick as those that come.
(define wanted #f)
(define recipe #f)
(define (whole-call)
  (let* ((start (seconds))
         (layer (result-layer (saliency image photograph "" "" "")))
         (took (- (seconds) start)))
    (set! wanted (print-of layer))
    (set! recipe (recipe-of layer))
    (gimp-image-remove-layer image layer)
    (gimp-image-clean-all image)
    took))
(whole-call)
(say "called-0" (whole-call))

(define (is-untouched)
  (and (equal? (layers image) (list photograph)) (= (car (gimp-image-is-dirty image)) FALSE)))
; One layer more, finished to its last pixel and its recipe.
(define (is-complete)
  (let ((found (layers image)))
    (and (= (length found) 2) (= (cadr found) photograph)
         (string=? (recipe-of (car found)) recipe)
         (= (print-distance (print-of (car found)) wanted) 0))))

(let loop ((i 1))
  (if (<= i n-kills)
      (let ((number (number->string i)))
        (say (string-append "calling-" number) "")
        (let ((said (error-of (lambda () (saliency image photograph "" "" "")))))
          (say (string-append "called-" number) "")
          (ok (or (is-untouched) (is-complete))
              (string-append "kill " number ": "
                             (cond ((string=? said "") "came too late")
                                   ((is-untouched) "the image is as it was")
                                   (else "the result is complete")))))
        (if (> (length (layers image)) 1)
            (begin (gimp-image-remove-layer image (car (layers image))) (gimp-image-clean-all image)))
        (loop (+ i 1)))))
(gimp-image-delete image)

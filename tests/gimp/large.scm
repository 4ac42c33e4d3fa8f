; SPDX-License-Identifier: LGPL-3.0-or-later
; See large.t, which says width and height.

(define (seconds) (let ((now (gettimeofday))) (+ (car now) (/ (cadr now) 1000000.0))))
(define (seconds-of call)
  (let ((start (seconds))) (call) (- (seconds) start)))

(define image (car (gimp-image-new width height RGB)))
(define layer (car (gimp-layer-new image width height RGB-IMAGE "large" 100 LAYER-MODE-NORMAL)))
(gimp-image-undo-disable image)
(gimp-image-insert-layer image layer 0 0)
(gimp-drawable-edit-fill layer FILL-PATTERN)

(tap-line "# idle: " (inexact->exact (probe image layer "nothing")))
(define reading (probe image layer "read"))
(define explaining (seconds-of (lambda () (cam image layer "" ""))))
(tap-line "# reading: " reading " s, explaining: " explaining " s")
(define again (probe image layer "read"))
(tap-line "# reading again: " again " s")
(ok (<= explaining (* 2 reading)) "at most twice as long as reading it once")
(gimp-image-delete image)

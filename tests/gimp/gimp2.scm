; SPDX-License-Identifier: LGPL-3.0-or-later
; The tests are written in GIMP 2.10's Script-Fu; this is what they say otherwise in its twin, gimp3.scm.

(define gimp-major 2)

; ---- what is registered

(define (argument-names procedure)
  (let ((n (list-ref (gimp-procedural-db-proc-info procedure) 6)))
    (let loop ((i (- n 1)) (names '()))
      (if (< i 0)
          names
          (loop (- i 1) (cons (cadr (gimp-procedural-db-proc-arg procedure i)) names))))))
(define (result-names procedure)
  (let ((n (list-ref (gimp-procedural-db-proc-info procedure) 7)))
    (let loop ((i (- n 1)) (names '()))
      (if (< i 0)
          names
          (loop (- i 1) (cons (cadr (gimp-procedural-db-proc-val procedure i)) names))))))

; ---- the tests' own plug-in

(define (probe image layer text)
  (car (plug-in-human-eye-probe RUN-NONINTERACTIVE image layer text)))

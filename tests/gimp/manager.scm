; SPDX-License-Identifier: LGPL-3.0-or-later
; See manager.t: it presses the keys; this side opens the dialog and says what it answered.

(define answer (plug-in-human-eye-models RUN-INTERACTIVE "" "" ""))
(is (cadr answer) '("efficientnet-lite0" "mine") "Close: the models that are there then")

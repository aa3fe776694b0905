;; SPDX-License-Identifier: MIT
;;
;; Usage: guix repl guix.scm HELPER BUSYBOX. Builds a package, and the drop-in that confines a service to it, with
;; the program in the directory HELPER as the builder. Prints their store paths. With DANGLING=1, the package is a
;; dangling symlink.
(use-modules (guix store) (guix derivations) (ice-9 match))

(define (run store helper busybox)
  (define shell (string-append busybox "/bin/busybox"))
  (define* (build name script #:rest inputs)
    (derivation store name shell (list "sh" "-c" script)
                #:sources (list busybox)
                #:inputs (map derivation-input inputs)))
  (let* ((library (build "library" "echo library >$out"))
         (hello (if (getenv "DANGLING")
                    (build "hello" (string-append shell " ln -s /srv/nowhere $out"))
                    (build "hello" (string-append shell " mkdir -p $out/bin; echo "
                                                  (derivation->output-path library) " >$out/bin/hello")
                           library)))
         (unit (derivation store "hello-chroot-paths" (string-append helper "/bin/chroot-paths") '()
                           #:env-vars '(("referencesGraph" . "graph") ("serviceName" . "hello.service")
                                        ("dropIn" . "1") ("confinementRoot" . "1"))
                           #:sources (list helper)
                           #:inputs (list (derivation-input hello))
                           #:references-graphs (list (cons "graph" (derivation->output-path hello))))))
    (build-derivations store (list unit))
    (for-each (lambda (drv) (display (derivation->output-path drv)) (newline)) (list hello unit))))

(match (command-line)
  ((_ helper busybox)
   (with-store store
     (let ((add (lambda (name dir) (add-to-store store name #t "sha256" dir))))
       (run store (add "chroot-paths" helper) (add "busybox" busybox))))))

# SPDX-License-Identifier: MIT
#
# Variables to set: CC, CFLAGS, LDFLAGS, PREFIX, DESTDIR, STRIP, BUILD (the directory of the build), and
# ZSTD=1 for a program that reads compressed input. tests/developer.mk has more targets.

VERSION = 0.1.0
PREFIX  = /usr/local
BUILD   = build
STRIP  ?= strip
# The program waits for the system, so its size counts, not its speed.
CFLAGS ?= -Os -g
ifeq ($(origin CC),default)
CC := $(or $(shell command -v musl-gcc),cc)
endif

MUSL    = $(findstring musl-gcc,$(CC))
# musl-gcc cannot link a static-pie, and some libc have no start file for one.
PIE     = $(if $(MUSL),,$(filter /%,$(shell $(CC) -static-pie -print-file-name=rcrt1.o)))
NEEDED  = -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DCHROOT_PATHS_VERSION='"$(VERSION)"' \
	-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
FORTIFY = $(if $(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN  = $(FORTIFY) -fstack-protector-strong -fno-asynchronous-unwind-tables $(if $(PIE),-fPIE) \
	$(if $(PIE),-static-pie,-static) -Wl,-z,relro,-z,now,-z,noexecstack,-z,noseparate-code
# musl-gcc does not search the system's directories, where zstd and the kernel's headers are.
NEEDED += $(if $(MUSL),-idirafter /usr/include)
ifeq ($(ZSTD),1)
NEEDED += -DWITH_ZSTD
LIBS    = $(if $(MUSL),$(shell cc -print-file-name=libzstd.a),-lzstd)
endif
COMPILE = $(CC) $(NEEDED) $(HARDEN) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)
UNITS   = src/confinement-root@.service src/run-readonly-nix-store.mount
INPUTS  = $(wildcard src/*.c) $(LIBS)
quote   = '$(subst ','\'',$(1))'

all: $(BUILD)/chroot-paths

# A dozen small files compile in a second, so they are always compiled together.
$(BUILD)/chroot-paths: $(wildcard src/*.[ch]) $(BUILD)/command
	$(COMPILE) -o $@ $(INPUTS)

# The command of the last build: another compiler, flag or file builds anew.
$(BUILD)/command: FORCE
	@mkdir -p $(BUILD)
	@echo $(call quote,$(COMPILE) $(INPUTS)) | cmp -s - $@ || echo $(call quote,$(COMPILE) $(INPUTS)) >$@

demo: $(BUILD)/chroot-paths
	@sh tests/demo.sh $(BUILD)/chroot-paths

setup:
	@sh tests/setup.sh

# The longest tests begin first. The daemons and Guix are in a suite of tests/matrix.sh alone.
LONGEST = $(patsubst %,tests/%.bats,faults store systemd sandbox)
check: tested
	BUILD=$(BUILD) prove --verbose --jobs 2 --exec 'bats --tap' $(LONGEST) \
		$(filter-out $(LONGEST) %/daemons.bats %/guix.bats,$(wildcard tests/*.bats))

install: all
	install -D -m 755 -s --strip-program=$(STRIP) $(BUILD)/chroot-paths "$(DESTDIR)$(PREFIX)/bin/chroot-paths"
	install -D -m 644 -t "$(DESTDIR)$(PREFIX)/share/man/man1" src/chroot-paths.1
	install -D -m 644 -t "$(DESTDIR)$(PREFIX)/share/man/man7" src/chroot-paths-confinement.7
	install -D -m 644 -t "$(DESTDIR)$(PREFIX)/lib/systemd/system" $(UNITS)

# A confined service does not start without these files, so go back first: see chroot-paths-confinement(7).
uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/chroot-paths" "$(DESTDIR)$(PREFIX)/share/man/man1/chroot-paths.1" \
		"$(DESTDIR)$(PREFIX)/share/man/man7/chroot-paths-confinement.7" \
		$(UNITS:src/%="$(DESTDIR)$(PREFIX)/lib/systemd/system/%")

clean:
	rm -rf $(BUILD)

-include tests/developer.mk

.PHONY: all demo setup check install uninstall clean FORCE

# SPDX-License-Identifier: MIT
#
#   make check-long       as make check, with every fault of every system call (make check FAULTS=all) and 10,000
#                         random closures instead of 100
#   make check-matrix     the Nix side and confined services on other generations of systemd and Nix
#   make check-cross      the program for other processors, under emulation
#   make check-sanitized  the program under AddressSanitizer and MemorySanitizer, each with UndefinedBehaviorSanitizer
#   make coverage         the lines and branches of src that the tests take; with gcc
#   make bench            all benchmarks, to tests/bench/results; one of them with PART=...
#   make fuzz             each fuzz target for TIME=60 seconds; with clang
#   make lint             formats, static analysis, scripts, man page, Nix
#
# The top Makefile includes this file, and has the variables.

ifdef SANITIZE
HARDEN = -fsanitize=$(SANITIZE),undefined -fno-sanitize-recover=all $(if $(filter memory,$(SANITIZE)),$(MEMORY))
# clang 14 knows what stat() initialises, but not stat64(), which is the same on 64 bits.
MEMORY = -U_FILE_OFFSET_BITS $(if $(filter 1,$(ZSTD)),-include tests/msan.h)
else ifeq ($(COVERAGE),1)
HARDEN = --coverage
endif

# The tests of confined services put this program into the root directory, to look around and to break out.
$(BUILD)/probe: tests/systemd/probe.c $(BUILD)/command
	$(COMPILE) -o $@ $<

# Builds both variants with a make of its own, which finds the compiler that `make setup check` has
# just installed.
tested: $(filter setup,$(MAKECMDGOALS))
	$(MAKE) all $(BUILD)/probe
	$(MAKE) BUILD=$(BUILD)/zstd ZSTD=1

check-long: export FAULTS = all
check-long: check
	tests/random.pl $(BUILD)/chroot-paths 10000

SUITE = trixie sid
check-matrix: $(SUITE:%=check-matrix-%)
check-matrix-%: tested
	BUILD=$(BUILD) tests/matrix.sh $*

ARCHITECTURE = arm64 i386 s390x
check-cross: $(ARCHITECTURE:%=check-cross-%)
check-cross-%:
	BUILD=$(BUILD) tests/cross.sh $*

# The tests that run the program by itself; the others need a static one.
ALONE = $(patsubst %,tests/%.bats,bad-input hostile program random unit zstd)

check-sanitized: check-sanitized-address check-sanitized-memory
check-sanitized-%:
	$(MAKE) BUILD=$(BUILD)/$* CC=clang SANITIZE=$*
	$(MAKE) BUILD=$(BUILD)/$*/zstd CC=clang SANITIZE=$* ZSTD=1
	BUILD=$(BUILD)/$* prove --verbose --jobs 2 --exec 'bats --tap' $(ALONE)

# Fails below 97 per cent of the lines or 90 of the branches, and lists those that are not taken. These
# are checks of what an earlier step has excluded, conditions that treat several errors or bytes
# alike, and a lack of memory for libzstd, which faults.bats tests on musl. Only tests that run the
# program by itself count, since it writes its counters to the directory of the build.
coverage:
	rm -rf $(BUILD)/coverage
	$(MAKE) BUILD=$(BUILD)/coverage CC=gcc CFLAGS=-O0 COVERAGE=1
	$(MAKE) BUILD=$(BUILD)/coverage/zstd CC=gcc CFLAGS=-O0 COVERAGE=1 ZSTD=1
	BUILD=$(BUILD)/coverage FAULTS=all prove --jobs 2 --exec 'bats --tap' $(ALONE) tests/faults.bats
	tests/coverage.pl 97 90 $(BUILD)/coverage $(BUILD)/coverage/zstd

# No test depends on a time; a benchmark measures nothing else.
PART = binary program nix start start-sid
bench: all $(addprefix $(BUILD)/bench/,access floor no-op nothing)
	$(MAKE) BUILD=$(BUILD)/zstd ZSTD=1
	for part in $(PART); do BUILD=$(BUILD) tests/bench/$$part.sh || exit; done

$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/command
	@mkdir -p $(BUILD)/bench
	$(COMPILE) -o $@ $<

# Starts from tests/fuzz/corpus, adds new inputs to $(BUILD)/fuzz/new, and keeps an input that breaks
# a property in $(BUILD)/fuzz/found.
FUZZ  = closure unit program
TIME  = 60
LIMIT = -max_total_time=$(TIME)
fuzz: $(FUZZ:%=$(BUILD)/fuzz/%)
	for target in $(FUZZ); do \
		mkdir -p $(BUILD)/fuzz/new/$$target $(BUILD)/fuzz/found && \
		$(BUILD)/fuzz/$$target $(LIMIT) -max_len=8192 -print_final_stats=1 \
			-artifact_prefix=$(BUILD)/fuzz/found/$$target- \
			$(BUILD)/fuzz/new/$$target tests/fuzz/corpus/$$target || exit; \
	done

FUZZED = clang -std=c17 -D_GNU_SOURCE -DWITH_ZSTD -Dexit=fuzz_exit -Dread=fuzz_read -Dwrite=fuzz_write -O1 -g \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZED_FILES = $(patsubst %,src/%.c,closure die input path program service)

$(BUILD)/fuzz/%: tests/fuzz/%.c tests/fuzz/io.c $(BUILD)/fuzz/program.a tests/fuzz/fuzz.h
	$(FUZZED) -o $@ $(filter-out %.h,$^) -lzstd

# What the targets share is compiled once.
$(BUILD)/fuzz/program.a: $(FUZZED_FILES) $(wildcard src/*.h)
	rm -rf $@ $@.d
	mkdir -p $@.d
	cd $@.d && $(FUZZED) -c $(FUZZED_FILES:%=$(CURDIR)/%)
	ar rcs $@ $@.d/*.o

lint:
	sh tests/lint.sh

.PHONY: tested check-long check-matrix check-cross check-sanitized coverage bench fuzz lint

# human-eye: the one entry. `make help` lists the targets.
# SPDX-License-Identifier: LGPL-3.0-or-later

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
B ?= build

ifeq ($(origin CC),default)
CC = gcc
endif
OPT ?= -O3 -g
# Clang calls a g_autoptr that only frees at the end unused; GCC finds the others.
WARN = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
       $(if $(WERROR),-Werror) $(if $(findstring clang,$(CC)),-Wno-unused-variable)
PKG = pkg-config
ENGINE_PKGS = gio-2.0 nettle openblas
CORE_PKGS = json-glib-1.0 gmodule-no-export-2.0
CLI_PKGS = libpng zlib
GIMP2_PKGS = gimpui-2.0
GIMP3_PKGS = gimpui-3.0

CFLAGS ?=
# No multiply-add unless it is written, no errno, and no traps (as Clang has it): they keep loops with a choice from
# becoming vectors.
BASE = -std=gnu11 $(OPT) $(WARN) -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno -fno-trapping-math \
       -DG_LOG_DOMAIN='"human-eye"' -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74 \
       -Iengine -I. -MMD -MP

# ---- what is built from what -------------------------------------------------------------------
# Every operator and every plain kernel is compiled twice, for float and for double
# (engine/core/real.h); the rest once.
ONCE_OPS = $(addprefix engine/ops/,broadcast.c einsum_equation.c move.c support.c table.c walk.c)
TWICE = $(filter-out $(ONCE_OPS),$(wildcard engine/ops/*.c)) $(wildcard engine/kernels/*_plain.c)
ONCE = $(filter-out $(TWICE),$(wildcard engine/*/*.c))
ENGINE_O = $(ONCE:%.c=$(B)/o/%.o) $(TWICE:%.c=$(B)/o/%.f32.o) $(TWICE:%.c=$(B)/o/%.f64.o)
CORE_O = $(patsubst %.c,$(B)/o/%.o,$(wildcard plugin/core/*.c))
CLI_O = $(patsubst %.c,$(B)/o/%.o,$(wildcard cli/*.c))
GIMP_C = $(wildcard plugin/gimp/*.c plugin/dialog/*.c)
GIMP2_O = $(patsubst %.c,$(B)/o/gimp2/%.o,$(GIMP_C) $(wildcard plugin/gimp2/*.c))
GIMP3_O = $(patsubst %.c,$(B)/o/gimp3/%.o,$(GIMP_C) $(wildcard plugin/gimp3/*.c))

HAVE_GIMP2 := $(shell $(PKG) --exists $(GIMP2_PKGS) 2>/dev/null && echo yes)
HAVE_GIMP3 := $(shell $(PKG) --exists $(GIMP3_PKGS) 2>/dev/null && echo yes)
ENGINE_CFLAGS := $(shell $(PKG) --cflags $(ENGINE_PKGS) 2>/dev/null)
ENGINE_LIBS := $(shell $(PKG) --libs $(ENGINE_PKGS) 2>/dev/null) -lm
# Of libcurl only the header: plugin/core/curl.c opens the library when it is needed.
CORE_CFLAGS := $(shell $(PKG) --cflags $(CORE_PKGS) libcurl 2>/dev/null)
CORE_LIBS := $(shell $(PKG) --libs $(CORE_PKGS) 2>/dev/null)
CLI_CFLAGS := $(shell $(PKG) --cflags $(CLI_PKGS) 2>/dev/null)
CLI_LIBS := $(shell $(PKG) --libs $(CLI_PKGS) 2>/dev/null)
# System headers: GTK's own do not pass our warnings.
GIMP2_CFLAGS := $(if $(HAVE_GIMP2),$(subst -I,-isystem ,$(shell $(PKG) --cflags $(GIMP2_PKGS))))
GIMP2_LIBS := $(if $(HAVE_GIMP2),$(shell $(PKG) --libs $(GIMP2_PKGS)))
GIMP3_CFLAGS := $(if $(HAVE_GIMP3),$(subst -I,-isystem ,$(shell $(PKG) --cflags $(GIMP3_PKGS))))
GIMP3_LIBS := $(if $(HAVE_GIMP3),$(shell $(PKG) --libs $(GIMP3_PKGS)))

.PHONY: all build
all: build
build: $(B)/human-eye $(B)/libhumaneye.a $(B)/libhumaneye.so \
       $(if $(HAVE_GIMP2),$(B)/gimp2/human-eye) \
       $(if $(HAVE_GIMP3),$(B)/gimp3/human-eye) ## the command, the library, the plug-in (default)

$(B)/libhumaneye.a: $(ENGINE_O)
	@rm -f $@ && $(AR) rcs $@ $^
# Links the engine alone: proof that it needs nothing of GIMP, GTK, GEGL or libpng.
$(B)/libhumaneye.so: $(ENGINE_O)
	@$(CC) -shared -Wl,-z,defs -Wl,-soname,libhumaneye.so.0 -o $@ $^ $(ENGINE_LIBS) $(LDFLAGS)
$(B)/human-eye: $(CLI_O) $(CORE_O) $(B)/libhumaneye.a
	@$(CC) -o $@ $^ $(CLI_LIBS) $(CORE_LIBS) $(ENGINE_LIBS) $(LDFLAGS)
$(B)/gimp2/human-eye: $(GIMP2_O) $(CORE_O) $(B)/libhumaneye.a
	@mkdir -p $(@D)
	@$(CC) -o $@ $^ $(GIMP2_LIBS) $(CORE_LIBS) $(ENGINE_LIBS) $(LDFLAGS)
$(B)/gimp3/human-eye: $(GIMP3_O) $(CORE_O) $(B)/libhumaneye.a
	@mkdir -p $(@D)
	@$(CC) -o $@ $^ $(GIMP3_LIBS) $(CORE_LIBS) $(ENGINE_LIBS) $(LDFLAGS)

# All depend on this file, too: flags may have changed.
$(B)/o/%.f32.o: %.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(BASE) $(ENGINE_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/%.f64.o: %.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(BASE) -DHE_REAL_DOUBLE $(ENGINE_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/engine/%.o: engine/%.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(BASE) $(ENGINE_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/plugin/core/%.o: plugin/core/%.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(BASE) $(ENGINE_CFLAGS) $(CORE_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/cli/%.o: cli/%.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(BASE) $(ENGINE_CFLAGS) $(CORE_CFLAGS) $(CLI_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/gimp2/%.o: %.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(BASE) -Wno-deprecated-declarations $(ENGINE_CFLAGS) $(CORE_CFLAGS) $(GIMP2_CFLAGS) \
	    $(CFLAGS) -c $< -o $@

$(B)/o/gimp3/%.o: %.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(BASE) -Wno-deprecated-declarations $(ENGINE_CFLAGS) $(CORE_CFLAGS) $(GIMP3_CFLAGS) \
	    $(CFLAGS) -c $< -o $@

# ---- tests ---------------------------------------------------------------------------------------
# tests/ROOM/NAME_test.c (GTest, TAP) and tests/ROOM/NAME.t (shell, TAP); tests/gimp needs GIMP.
# `make quick ROOM=kernels` runs one room's.
ROOM ?= *
TEST_BIN = $(patsubst %.c,$(B)/%,$(wildcard $(ROOM:%=tests/%/*_test.c)))
BENCH_BIN = $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*_bench.c))
TEST_SUPPORT_O = $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/support/*.c))
QUICK_T = $(filter-out tests/gimp/%,$(wildcard $(ROOM:%=tests/%/*.t)))
CLI_TESTS = cli mosaic oracle
GIMP_T = $(wildcard tests/gimp/*.t)
PROVE = HE_BUILD=$(abspath $(B)) HE_TOP=$(CURDIR) HUMAN_EYE_MODELS=$(CURDIR)/models \
        prove -j2 --exec tests/support/run

PROBES = $(if $(HAVE_GIMP2),$(B)/gimp2/probe $(B)/gimp2/widgets.so) \
         $(if $(HAVE_GIMP3),$(B)/gimp3/probe $(B)/gimp3/widgets.so)

.PHONY: tests probes quick test test-run test-long test-onnx test-gimp3 test-neon
tests: build probes $(TEST_BIN)
probes: $(PROBES)
quick: tests ## all tests that need no GIMP: under a minute
	@$(PROVE) $(TEST_BIN) $(QUICK_T)
# A make of its own: what pkg-config finds is asked once, and deps may change it. It uses all
# processors, unless this one was told how many.
AGAIN = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
test: deps ## installs what is missing, builds, runs every test
	@$(AGAIN) test-run
test-gimp3: build probes ## builds and tests the plug-in for GIMP 3.0 in a Debian 13 of its own (HE_TRIXIE); root
	@tools/test-gimp3 $(B)
test-neon: ## builds for AArch64 and runs the engine's tests there by QEMU (deps-neon; libraries come into HE_ARM64)
	@tools/test-neon $(B)
test-run: tests
	@$(PROVE) $(TEST_BIN) $(QUICK_T) $(GIMP_T)

LONG = HE_KILLS=50 HE_RUNS=100 HE_LARGE=20000x12000
# The last one measures, so it runs alone.
LONG_T = 'tests/gimp/killed.t tests/gimp/repeated.t' tests/gimp/large.t
test-long: tests ## 50 kills, 100 runs and 240 megapixels in each GIMP: half an hour; root
	@failed=; for t in $(LONG_T); do \
	    env $(LONG) $(PROVE) -v $$t || failed=yes; \
	    env $(LONG) tools/test-gimp3 $(B) -v $$t || failed=yes; \
	done; [ -z "$$failed" ]

test-onnx: $(B)/human-eye $(B)/tests/onnx/node_test $(B)/tests/onnx/light_test ## ONNX's own tests: what passes, what is out of scope
	@HE_LIGHT=all $(PROVE) $(B)/tests/onnx/light_test
	@$(B)/tests/onnx/node_test | sed -n 's/^# \(FAILED\|out of scope\|[0-9]* passed\)/\1/p'

$(B)/o/tests/%.o: tests/%.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(BASE) -Wno-missing-prototypes -Wno-conversion -Itests $(ENGINE_CFLAGS) $(CORE_CFLAGS) \
	    $(CLI_CFLAGS) $(CFLAGS) -c $< -o $@
$(TEST_BIN) $(BENCH_BIN): $(B)/tests/%: $(B)/o/tests/%.o $(TEST_SUPPORT_O) $(CORE_O) $(B)/libhumaneye.a
	@mkdir -p $(@D)
	@$(CC) -o $@ -Wl,--start-group $^ -Wl,--end-group $(CLI_LIBS) $(CORE_LIBS) $(ENGINE_LIBS) $(LDFLAGS)
# Some also use the command's readers and writers: all of it but main.
$(filter $(addsuffix /%,$(addprefix $(B)/tests/,$(CLI_TESTS))),$(TEST_BIN)): $(B)/libcli.a
$(B)/libcli.a: $(filter-out $(B)/o/cli/main.o,$(CLI_O))
	@rm -f $@ && $(AR) rcs $@ $^
# What the tests put into GIMP and into the plug-in's GTK.
$(B)/gimp2/widgets.so: $(B)/o/gimp2/tests/gimp/widgets.o
	@mkdir -p $(@D)
	@$(CC) -shared -o $@ $^ $(GIMP2_LIBS) $(LDFLAGS)
$(B)/gimp3/widgets.so: $(B)/o/gimp3/tests/gimp/widgets.o
	@mkdir -p $(@D)
	@$(CC) -shared -o $@ $^ $(GIMP3_LIBS) $(LDFLAGS)
PROBE_O = tests/gimp/probe.o plugin/gimp/stored.o
$(B)/gimp2/probe: $(PROBE_O:%=$(B)/o/gimp2/%) $(B)/libhumaneye.a
	@mkdir -p $(@D)
	@$(CC) -o $@ $^ $(GIMP2_LIBS) $(ENGINE_LIBS) $(LDFLAGS)
$(B)/gimp3/probe: $(PROBE_O:%=$(B)/o/gimp3/%) $(B)/libhumaneye.a
	@mkdir -p $(@D)
	@$(CC) -o $@ $^ $(GIMP3_LIBS) $(ENGINE_LIBS) $(LDFLAGS)
.SECONDARY:

# ---- set-up --------------------------------------------------------------------------------------
.PHONY: deps deps-build deps-dev deps-neon demo demo-run
deps: ## installs what building, running and testing need (apt-get, as root or by sudo)
	@tools/deps
deps-build: ## installs only what building needs
	@tools/deps build
deps-dev: ## also installs what the targets from asan to format-check need
	@tools/deps dev
deps-neon: ## installs what test-neon needs
	@tools/deps neon
demo: deps ## builds, installs for you, explains a photograph in gimp-console
	@$(AGAIN) demo-run
demo-run: install
	@tools/demo $(B)

# ---- install -------------------------------------------------------------------------------------
VERSION = $(shell sed -n 's/^.define HE_VERSION "\(.*\)"/\1/p' engine/human-eye.h)
TO = $(DESTDIR)$(PREFIX)
TO_LIB = $(DESTDIR)$(LIBDIR)
GIMP2_PLUGIN = $(DESTDIR)$(shell $(PKG) --variable=gimplibdir gimp-2.0)/plug-ins/human-eye
GIMP3_PLUGIN = $(DESTDIR)$(shell $(PKG) --variable=gimplibdir gimp-3.0)/plug-ins/human-eye
PLUGINS = $(if $(HAVE_GIMP2),$(GIMP2_PLUGIN)) $(if $(HAVE_GIMP3),$(GIMP3_PLUGIN))

.PHONY: install uninstall install-system uninstall-system
install: build ## the plug-in into your GIMP, the command into ~/.local/bin
	@tools/install $(B)
uninstall: ## takes both away again
	@tools/install --remove
install-system: build ## for everybody, under PREFIX; DESTDIR for packagers
	@install -D -m 755 $(B)/human-eye $(TO)/bin/human-eye
	@install -D -m 644 engine/human-eye.h $(TO)/include/human-eye.h
	@install -D -m 644 $(B)/libhumaneye.a $(TO_LIB)/libhumaneye.a
	@install -D -m 755 $(B)/libhumaneye.so $(TO_LIB)/libhumaneye.so.0
	@ln -sfn libhumaneye.so.0 $(TO_LIB)/libhumaneye.so
	@mkdir -p $(TO_LIB)/pkgconfig $(TO)/share/human-eye/models
	@sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' \
	    tools/human-eye.pc.in > $(TO_LIB)/pkgconfig/human-eye.pc
	@cp -R models/. $(TO)/share/human-eye/models/
ifeq ($(HAVE_GIMP2),yes)
	@install -D -m 755 $(B)/gimp2/human-eye $(GIMP2_PLUGIN)/human-eye
endif
ifeq ($(HAVE_GIMP3),yes)
	@install -D -m 755 $(B)/gimp3/human-eye $(GIMP3_PLUGIN)/human-eye
endif
	@for plugin in $(PLUGINS); do \
	    mkdir -p $$plugin/icons && install -m 644 icons/*.svg $$plugin/icons && \
	    ln -sfn $(PREFIX)/share/human-eye/models $$plugin/models || exit 1; \
	done
uninstall-system: ## takes that away again: the same PREFIX and DESTDIR
	@rm -f $(TO)/bin/human-eye $(TO)/include/human-eye.h $(TO_LIB)/pkgconfig/human-eye.pc \
	    $(TO_LIB)/libhumaneye.a $(TO_LIB)/libhumaneye.so $(TO_LIB)/libhumaneye.so.0
	@rm -rf $(TO)/share/human-eye $(PLUGINS)

# ---- speed ---------------------------------------------------------------------------------------
.PHONY: bench bench-kernels bench-start bench-gimp bench-peers bench-peers-avx2 bench-memory bench-distance
bench: build $(BENCH_BIN) ## how fast the engine and its kernels are on this machine
	@$(B)/human-eye bench efficientnet-lite0
	@$(B)/tests/bench/kernels_bench
bench-kernels: $(BENCH_BIN) ## the kernels alone
	@$(B)/tests/bench/kernels_bench
	@$(B)/tests/bench/nchwc_bench
bench-start: build ## a whole explanation beside a bare run of ONNX Runtime in Python
	@tests/bench/against_ort $(B)
bench-gimp: build ## a layer of 24 megapixels in GIMP 2.10 beside its gaussian blur
	@tests/bench/gimp $(B)
PEERS_VENV ?= $(B)/peers-venv
PEERS_FILES ?= $(B)/peers
PEERS ?=
bench-peers: build $(PEERS_VENV)/done ## beside ONNX Runtime, OpenVINO, PyTorch, Captum and pytorch-grad-cam: 6 GB from PyPI
	@$(PEERS_VENV)/bin/python tests/bench/peers.py $(B) $(PEERS_FILES) $(PEERS)
bench-peers-avx2: build $(PEERS_VENV)/done $(B)/no_avx512.so ## the same, all told that the processor has no AVX-512
	@LD_PRELOAD=$(abspath $(B))/no_avx512.so $(PEERS_VENV)/bin/python tests/bench/peers.py $(B) $(PEERS_FILES) $(PEERS)
$(B)/no_avx512.so: tests/bench/no_avx512.c
	@$(CC) -O1 $(WARN) -shared -fPIC -o $@ $<
bench-memory: build $(PEERS_VENV)/done ## the most memory that the same networks take
	@$(PEERS_VENV)/bin/python tests/bench/memory.py $(B) $(PEERS_FILES) $(PEERS)
bench-distance: build $(PEERS_VENV)/done ## how far the fast kernels' gradients are from double, beside the plain ones'
	@$(PEERS_VENV)/bin/python tests/bench/distance.py $(B) $(PEERS_FILES) $(PEERS)
$(PEERS_VENV)/done: tests/bench/requirements.txt
	@test -d $(PEERS_VENV) || python3 -m venv $(PEERS_VENV)
	@$(PEERS_VENV)/bin/pip install -q -r tests/bench/requirements.txt
	@touch $@

# ---- PyTorch's networks ----------------------------------------------------------------------------
ZOO_VENV ?= $(B)/zoo-venv
ZOO_RESULTS ?= $(B)/zoo.jsonl
ZOO ?=
.PHONY: zoo
zoo: build ## torchvision's and timm's networks, against PyTorch: 6 GB from PyPI, hours
	@test -d $(ZOO_VENV) || python3 -m venv $(ZOO_VENV)
	@$(ZOO_VENV)/bin/pip install -q -r tests/zoo/requirements.txt
	@nice -n 10 $(ZOO_VENV)/bin/python tests/zoo/zoo.py --engine $(B)/human-eye \
	    --results $(ZOO_RESULTS) $(ZOO)

# ---- words -----------------------------------------------------------------------------------------
# Catalogues belong into locale/LANGUAGE/LC_MESSAGES/human-eye.mo beside the plug-in's program.
.PHONY: pot
pot: ## the template for translators, $(B)/human-eye.pot
	@mkdir -p $(B) && xgettext -L C --from-code=UTF-8 -k_ -kN_ -kg_dngettext:2,3 --no-location \
	    --package-name=human-eye --package-version=$(VERSION) -o $(B)/human-eye.pot \
	    $(sort $(shell grep -rlE 'gi18n.h|N_' engine plugin --include='*.[ch]' --include='*.def'))

# ---- looking closely -----------------------------------------------------------------------------
# Each builds in a folder of its own and runs the quick tests there.
SANITIZED = OPT='-O1 -g -fno-omit-frame-pointer' CFLAGS='$(1)' LDFLAGS='$(1)'
CLANG_FORMAT ?= clang-format-14
CLANG_TIDY ?= clang-tidy
SOURCES = $(shell find engine cli plugin tests -name '*.[ch]')

.PHONY: asan tsan valgrind coverage tidy format format-check fuzz docs
asan: ## the quick tests with address and undefined-behaviour sanitizers, leaks too
	@$(AGAIN) B=build-asan $(call SANITIZED,$(ASAN)) quick
ASAN = -fsanitize=address,undefined -fno-sanitize-recover=all
tsan: ## the tests of what runs on threads with the thread sanitizer
	@TSAN_OPTIONS=halt_on_error=1 $(AGAIN) B=build-tsan $(call SANITIZED,-fsanitize=thread) \
	    ROOM='core graph kernels methods mosaic' quick
LEAKS = --show-leak-kinds=definite --errors-for-leak-kinds=definite
# Valgrind knows no AVX-512: both kernel choosers are told so.
valgrind: ## the quick tests under valgrind
	@HE_VALGRIND='valgrind -q --error-exitcode=99 --leak-check=full $(LEAKS)' HUMAN_EYE_KERNELS=plain \
	    OPENBLAS_CORETYPE=Haswell $(AGAIN) B=build-valgrind OPT='-O1 -g' quick
coverage: ## which lines the quick tests reach
	@$(AGAIN) B=build-coverage OPT='-O0 -g' CFLAGS=--coverage LDFLAGS=--coverage quick
	@gcovr -r . -f engine -f cli -f plugin build-coverage
tidy: ## clang-tidy over the sources
	@printf '%s\n' $(filter-out tests/% plugin/gimp3/%,$(filter %.c,$(SOURCES))) | xargs -P2 -I{} \
	    $(CLANG_TIDY) --quiet {} -- $(BASE) $(ENGINE_CFLAGS) $(CORE_CFLAGS) $(CLI_CFLAGS) \
	    $(GIMP2_CFLAGS) 2>/dev/null
format: ## lays the sources out
	@$(CLANG_FORMAT) -i $(SOURCES)
format-check: ## says which are not
	@$(CLANG_FORMAT) --dry-run -Werror $(SOURCES)
fuzz: ## fuzzes the parsers
	@echo 'make fuzz: not built yet: no parser has a fuzzer (ONNX, descriptor, NPY, PNG, recipe)' >&2
	@exit 2
docs: build ## makes the pictures of the documentation again
	@tools/pictures $(B)

.PHONY: help clean
help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p; s/^       .*## \(.*\)/  make\t\1/p' \
	    Makefile | expand -t 26
clean: ## removes what was built
	@rm -rf $(B)

-include $(shell find $(B)/o -name '*.d' 2>/dev/null)

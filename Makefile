# human-eye: the one entry. `make help` lists the targets.
# SPDX-License-Identifier: LGPL-3.0-or-later

PREFIX ?= /usr/local
DESTDIR ?=
B ?= build

CC ?= gcc
OPT ?= -O3 -g
WARN = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
       $(if $(WERROR),-Werror)
PKG = pkg-config
ENGINE_PKGS = gio-2.0 openblas
CORE_PKGS = json-glib-1.0
CLI_PKGS = libpng
GIMP2_PKGS = gimpui-2.0

CFLAGS ?=
BASE = -std=gnu11 $(OPT) $(WARN) -fPIC -ffp-contract=off -fno-math-errno -fvisibility=hidden \
       -DG_LOG_DOMAIN='"human-eye"' -Iengine -I. -MMD -MP

# ---- what is built from what -------------------------------------------------------------------
# Every operator and every plain kernel is compiled twice, for float and for double
# (engine/core/real.h); the rest once.
ONCE_OPS = engine/ops/support.c engine/ops/table.c
TWICE = $(filter-out $(ONCE_OPS),$(wildcard engine/ops/*.c)) $(wildcard engine/kernels/*_plain.c)
ONCE = $(filter-out $(TWICE),$(wildcard engine/*/*.c))
ENGINE_O = $(ONCE:%.c=$(B)/o/%.o) $(TWICE:%.c=$(B)/o/%.f32.o) $(TWICE:%.c=$(B)/o/%.f64.o)
CORE_O = $(patsubst %.c,$(B)/o/%.o,$(wildcard plugin/core/*.c))
CLI_O = $(patsubst %.c,$(B)/o/%.o,$(wildcard cli/*.c))
GIMP2_O = $(patsubst %.c,$(B)/o/gimp2/%.o,$(wildcard plugin/gimp/*.c plugin/gimp2/*.c))

HAVE_GIMP2 := $(shell $(PKG) --exists $(GIMP2_PKGS) 2>/dev/null && echo yes)
ENGINE_CFLAGS := $(shell $(PKG) --cflags $(ENGINE_PKGS) 2>/dev/null)
ENGINE_LIBS := $(shell $(PKG) --libs $(ENGINE_PKGS) 2>/dev/null) -lm
CORE_CFLAGS := $(shell $(PKG) --cflags $(CORE_PKGS) 2>/dev/null)
CORE_LIBS := $(shell $(PKG) --libs $(CORE_PKGS) 2>/dev/null)
CLI_CFLAGS := $(shell $(PKG) --cflags $(CLI_PKGS) 2>/dev/null)
CLI_LIBS := $(shell $(PKG) --libs $(CLI_PKGS) 2>/dev/null)
GIMP2_CFLAGS := $(if $(HAVE_GIMP2),$(shell $(PKG) --cflags $(GIMP2_PKGS)))
GIMP2_LIBS := $(if $(HAVE_GIMP2),$(shell $(PKG) --libs $(GIMP2_PKGS)))

.PHONY: all build
all build: $(B)/human-eye $(B)/libhumaneye.a $(B)/libhumaneye.so \
           $(if $(HAVE_GIMP2),$(B)/gimp2/human-eye)

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

$(B)/o/%.f32.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(BASE) $(ENGINE_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/%.f64.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(BASE) -DHE_REAL_DOUBLE $(ENGINE_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/engine/%.o: engine/%.c
	@mkdir -p $(@D)
	@$(CC) $(BASE) $(ENGINE_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/plugin/core/%.o: plugin/core/%.c
	@mkdir -p $(@D)
	@$(CC) $(BASE) $(ENGINE_CFLAGS) $(CORE_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/cli/%.o: cli/%.c
	@mkdir -p $(@D)
	@$(CC) $(BASE) $(ENGINE_CFLAGS) $(CORE_CFLAGS) $(CLI_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/o/gimp2/%.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(BASE) -Wno-deprecated-declarations $(ENGINE_CFLAGS) $(CORE_CFLAGS) $(GIMP2_CFLAGS) \
	    $(CFLAGS) -c $< -o $@

# ---- tests ---------------------------------------------------------------------------------------
# tests/ROOM/NAME_test.c (GTest, TAP) and tests/ROOM/NAME.t (shell, TAP); tests/gimp needs GIMP.
TEST_C = $(wildcard tests/*/*_test.c)
TEST_BIN = $(TEST_C:%.c=$(B)/%)
TEST_SUPPORT_O = $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/support/*.c))
QUICK_T = $(filter-out tests/gimp/%,$(wildcard tests/*/*.t))
GIMP_T = $(wildcard tests/gimp/*.t)
PROVE = HE_BUILD=$(abspath $(B)) HE_TOP=$(CURDIR) prove --exec tests/support/run

.PHONY: quick tests
tests: $(TEST_BIN)
quick: all tests
	@$(PROVE) $(TEST_BIN) $(QUICK_T)

$(B)/o/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	@$(CC) $(BASE) -Wno-missing-prototypes -Wno-conversion $(ENGINE_CFLAGS) $(CORE_CFLAGS) \
	    $(CLI_CFLAGS) $(CFLAGS) -c $< -o $@
$(B)/tests/%_test: $(B)/o/tests/%_test.o $(TEST_SUPPORT_O) $(CORE_O) $(B)/libhumaneye.a
	@mkdir -p $(@D)
	@$(CC) -o $@ $^ $(CLI_LIBS) $(CORE_LIBS) $(ENGINE_LIBS) $(LDFLAGS)
.SECONDARY:

.PHONY: clean
clean:
	rm -rf $(B)

-include $(shell find $(B)/o -name '*.d' 2>/dev/null)

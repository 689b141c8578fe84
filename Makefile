# Objects and programs go to build/VARIANT/ (a compiler, a sanitizer, coverage).
# Settings of your own: config.mak (not in git), or the command line.  make V=1 shows commands.
-include config.mak

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
VERSION := $(shell git describe --tags --always 2>/dev/null || echo unknown)

ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
INSTALL    ?= install
CFLAGS     ?= -O2 -g
JOBS       ?= $(shell nproc)
BUILD      ?= build

comma   := ,
VARIANT := $(notdir $(CC))$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(COV),-cov)
B       := $(BUILD)/$(VARIANT)

PROGS   := esexport esimport esverify
FOLDERS := common format export import verify
SRCS    := $(sort $(wildcard $(addsuffix /*.c,$(FOLDERS))))
HDRS    := $(sort $(wildcard $(addsuffix /*.h,$(FOLDERS))))
MAINS   := export/esexport.c import/esimport.c verify/esverify.c
UNITS   := $(sort $(wildcard tests/unit/test_*.c))
FUZZERS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BATS    := $(sort $(wildcard tests/cli/*.bats))
LAYOUTS := $(sort $(wildcard spec/layouts/*.json))

# What is linked, and the Debian packages it comes from (tests/setup.sh installs those).
PKGS := libzstd libcbor jansson sqlite3 libxxhash

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
	-Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes -Wmissing-declarations \
	-Wpointer-arith -Wvla -Wformat=2 -Wundef -Wredundant-decls -fno-common
ifneq ($(shell $(CC) -dM -E -x c /dev/null 2>/dev/null | grep -c __clang__),0)
WARN += -Wcomma
else
WARN += -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wformat-overflow=2 -Wformat-signedness
endif

NO_DEPS := clean fmt fmt-check help setup-build setup-check demo check
ifneq ($(filter-out $(NO_DEPS),$(or $(MAKECMDGOALS),all)),)
missing := $(strip $(foreach p,$(PKGS),$(if $(shell $(PKG_CONFIG) --exists $p && echo y),,$p)))
$(if $(missing),$(error not found: $(missing); "make setup-build" installs what building needs))
DEPS_CFLAGS := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PKGS)))
DEPS_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS))
endif

ES_CPPFLAGS = -I. -I$(B) -D_GNU_SOURCE -DES_VERSION='"$(VERSION)"' $(DEPS_CFLAGS)
ES_CFLAGS   = -std=c11 -pthread $(WARN) $(if $(DEVELOPER),-Werror) -ffile-prefix-map=$(CURDIR)=.
ES_LDFLAGS  = -pthread
ifdef SAN
ES_CFLAGS  += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
ES_LDFLAGS += -fsanitize=$(SAN)
else ifdef COV
ES_CFLAGS  += --coverage -O0
ES_LDFLAGS += --coverage
else
ES_CFLAGS  += -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
ES_LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,--as-needed
endif

Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all
all: $(addprefix $(B)/,$(if $(MAINS),$(PROGS)))

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ES_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) $(ES_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/layouts.c: $(LAYOUTS) common/embed.sh
	@mkdir -p $(@D)
	$(Q)common/embed.sh $(LAYOUTS) >$@
$(B)/layouts.o: $(B)/layouts.c
	$(Q)$(CC) $(ES_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) $(ES_CFLAGS) -c -o $@ $<

LIB := $(B)/libes.a
$(LIB): $(patsubst %.c,$(B)/%.o,$(filter-out $(MAINS),$(SRCS))) $(B)/layouts.o
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $^

link = $(Q)$(CC) $(CFLAGS) $(ES_CFLAGS) $(ES_LDFLAGS) $(LDFLAGS) -o $@ $^ $(DEPS_LIBS)

$(B)/esexport: $(B)/export/esexport.o $(LIB)
$(B)/esimport: $(B)/import/esimport.o $(LIB)
$(B)/esverify: $(B)/verify/esverify.o $(LIB)
$(addprefix $(B)/,$(PROGS)):
	$(call say,LD,$@)
	$(link)

# Unit tests: one program a file, its table of tests made by register.sh.
UNIT_BINS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(UNITS))
$(B)/tests/%.list.c: tests/unit/%.c tests/register.sh
	@mkdir -p $(@D)
	$(Q)tests/register.sh $< >$@
$(B)/tests/%.list.o: $(B)/tests/%.list.c
	$(Q)$(CC) $(ES_CPPFLAGS) $(CFLAGS) $(ES_CFLAGS) -c -o $@ $<
$(B)/tests/unit/%.o: ES_CFLAGS += -Wno-missing-prototypes -Wno-missing-declarations
$(UNIT_BINS): $(B)/tests/%: $(B)/tests/unit/%.o $(B)/tests/%.list.o $(B)/tests/tap.o $(LIB)
	$(call say,LD,$@)
	$(link)

.PHONY: test
test: $(UNIT_BINS)           ## the unit tests; T=err runs one file, V=1 shows each test
	$(Q)prove $(if $(V),-v) -j$(JOBS) -e '' $(if $(T),$(B)/tests/test_$(T),$(UNIT_BINS))

.PHONY: clean help
clean:
	rm -rf $(BUILD)
help:                        ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

-include $(shell find $(B) -name '*.d' 2>/dev/null)

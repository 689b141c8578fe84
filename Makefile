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
OBJCOPY    ?= objcopy
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
PKGS := libzstd libcbor jansson sqlite3 libpq libnats libxxhash

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
	-Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes -Wmissing-declarations \
	-Wpointer-arith -Wvla -Wformat=2 -Wundef -Wredundant-decls -fno-common
ifneq ($(shell $(CC) -dM -E -x c /dev/null 2>/dev/null | grep -c __clang__),0)
WARN += -Wcomma
else
WARN += -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wformat-overflow=2 -Wformat-signedness
endif

NO_DEPS := clean fmt fmt-check help setup demo check check-long lint fuzz coverage bench bench-quick
ifneq ($(filter-out $(NO_DEPS),$(or $(MAKECMDGOALS),all)),)
missing := $(strip $(foreach p,$(PKGS),$(if $(shell $(PKG_CONFIG) --exists $p && echo y),,$p)))
$(if $(missing),$(error not found: $(missing); "make setup" installs what is missing))
DEPS_CFLAGS := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PKGS)))
DEPS_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS)) -lm
endif

ES_CPPFLAGS = -I. -D_GNU_SOURCE -DES_VERSION='"$(VERSION)"' $(DEPS_CFLAGS)
ES_CFLAGS   = -std=c11 -pthread -UNDEBUG $(WARN) $(if $(DEVELOPER),-Werror) -ffile-prefix-map=$(CURDIR)=.
ES_LDFLAGS  = -pthread
ifdef SAN
ES_CFLAGS  += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
ES_LDFLAGS += -fsanitize=$(SAN)
else ifdef COV
ES_CFLAGS  += --coverage -fprofile-update=atomic -O0
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
all:                         ## build the three programs
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

# The library behind all that needs it.
linked = $(filter-out $(LIB),$^) $(filter $(LIB),$^) $(DEPS_LIBS)
link   = $(Q)$(CC) $(CFLAGS) $(ES_CFLAGS) $(ES_LDFLAGS) $(LDFLAGS) -o $@ $(linked)

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

# A corpus is replayed by a plain program, so that every compiler and sanitizer runs it.
REPLAYS := $(patsubst tests/fuzz/%.c,$(B)/tests/replay_%,$(FUZZERS))
$(REPLAYS): $(B)/tests/replay_%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(LIB)
	$(call say,LD,$@)
	$(link)

# A whole program in a fuzzer, which has a main of its own.
MAIN_OBJS := $(PROGS:%=$(B)/tests/fuzz/%_main.o)
$(B)/tests/fuzz/esexport_main.o: $(B)/export/esexport.o
$(B)/tests/fuzz/esimport_main.o: $(B)/import/esimport.o
$(B)/tests/fuzz/esverify_main.o: $(B)/verify/esverify.o
$(MAIN_OBJS): $(B)/tests/fuzz/%_main.o:
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --redefine-sym main=$*_main $< $@
$(foreach p,$(PROGS),$(B)/tests/replay_fuzz_$p $(B)/tests/fuzzer_$p): $(MAIN_OBJS)

# Events for the benchmark and for the tests of sizes.
GEN := $(B)/bench/gen
$(GEN): $(B)/bench/gen.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(ES_CFLAGS) $(ES_LDFLAGS) $(LDFLAGS) -o $@ $^

# Makes the programs' calls of the system fail: for LD_PRELOAD, so that nothing of it is in them.
SHIM := $(B)/tests/fault.so
$(SHIM): tests/fault.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -D_GNU_SOURCE -O2 -g -std=c11 $(WARN) $(if $(DEVELOPER),-Werror) $(if $(SAN),-DNO_MALLOC) \
	    -fPIC -shared -fno-builtin -o $@ $<

# Floors, which are bare programs with one library each, and what measures them.
MEASURE := $(B)/bench/measure
FLOORS  := $(addprefix $(B)/bench/,sqliteloop pgloop natsloop zstdloop)
$(MEASURE): $(B)/bench/measure.o
$(FLOORS): $(B)/bench/%: $(B)/bench/%.o $(B)/bench/floor.o
$(MEASURE) $(FLOORS):
	$(call say,LD,$@)
	$(link)

# Only ThreadSanitizer reads it.
export TSAN_OPTIONS ?= suppressions=$(CURDIR)/tests/tsan.supp

# What a recursive make builds after the set-up.
.PHONY: built run-tests run-long run-bench run-fuzz
built: all $(UNIT_BINS) $(REPLAYS) $(GEN) $(MEASURE) $(FLOORS) $(SHIM)
run-tests: built
	$(Q)B=$(CURDIR)/$(B) BIN=$(CURDIR)/$(B) JOBS=$(JOBS) tests/run.sh \
	    $(UNIT_BINS) $(if $(FUZZERS),tests/replay.sh) $(BATS)
# Some tests of make check take every call, and kill more often, when they are told to.
THOROUGH := faults kill_pairs server_faults verify_faults
run-long: built
	$(Q)BIN=$(CURDIR)/$(B) JOBS=$(JOBS) STEP=1 KILLS=500 tests/run.sh \
	    $(sort $(wildcard tests/long/*.bats)) $(THOROUGH:%=tests/cli/%.bats)

.PHONY: setup demo check check-long
setup:                       ## install what building needs (apt, and only what is missing)
	$(Q)tests/setup.sh build
demo:                        ## set up, build, and show the main job in a minute
	$(Q)tests/setup.sh build
	$(Q)$(MAKE) all
	$(Q)BIN=$(CURDIR)/$(B) tests/demo.sh
check:                       ## set up, build, and run every test but the long ones
	$(Q)tests/setup.sh build check
	$(Q)$(MAKE) run-tests
check-long:                  ## the long tests: millions of events, thousands of damages; valgrind, sanitizers
	$(Q)tests/setup.sh build check long
	$(Q)$(MAKE) run-long
	$(Q)$(MAKE) check-san
.PHONY: check-san
check-san:                   ## the tests under ASan with UBSan, and under TSan
	$(Q)$(MAKE) SAN=address,undefined CFLAGS="-O1 -g" run-tests
	$(Q)$(MAKE) SAN=thread CFLAGS="-O1 -g" run-tests

.PHONY: lint fmt fmt-check
CHECKED_C = $(SRCS) $(HDRS) tests/fault.c tests/tap.c tests/tap.h $(UNITS) $(wildcard tests/fuzz/*.[ch] tests/unit/*.h tests/*.h bench/*.[ch])
lint: fmt-check              ## format, warnings, analysers, scripts, man pages, layers, sizes
	$(Q)tests/setup.sh build lint
	$(Q)tests/layers.sh
	$(Q)tests/limits.sh $(SRCS) $(HDRS)
	$(Q)$(MAKE) DEVELOPER=1 CC=gcc BUILD=$(BUILD)/lint built
	$(Q)$(MAKE) DEVELOPER=1 CC=clang BUILD=$(BUILD)/lint built
	$(Q)tests/headers.sh $(HDRS)
	$(Q)BIN=$(CURDIR)/$(BUILD)/lint/gcc tests/options.sh
	$(Q)tests/named.sh
	$(Q)tests/analyse.sh $(SRCS)
	$(Q)shellcheck -x $(wildcard tests/*.sh tests/*.bash tests/*/*.bash common/*.sh bench/*.sh bench/*.bash .ci/run)
	$(Q)mandoc -Tlint -Wwarning $(wildcard */es*.1)
	$(Q)codespell -q 3 -L crate,fo,nd,te,upto,nulll,hel,doub README.md spec common format export import verify tests/*.sh tests/unit
fmt:                         ## rewrite with clang-format
	$(Q)clang-format -i $(CHECKED_C)
fmt-check:
	$(Q)clang-format --dry-run -Werror $(CHECKED_C)

.PHONY: fuzz coverage bench bench-quick
FUZZ_SECS ?= 60
fuzz:                        ## every fuzzer for FUZZ_SECS seconds of the processor [60], under ASan and UBSan
	$(Q)tests/setup.sh build lint
	$(Q)$(MAKE) CC=clang SAN=fuzzer-no-link,address,undefined CFLAGS="-O1 -g" run-fuzz
FUZZ_BINS := $(patsubst tests/fuzz/fuzz_%.c,$(B)/tests/fuzzer_%,$(FUZZERS))
$(FUZZ_BINS): $(B)/tests/fuzzer_%: $(B)/tests/fuzz/fuzz_%.o $(LIB)
	$(Q)$(CC) $(CFLAGS) -pthread -fsanitize=fuzzer,address,undefined -o $@ $(linked)
run-fuzz: $(FUZZ_BINS)
	$(Q)FUZZ_SECS=$(FUZZ_SECS) tests/fuzz.sh $(FUZZ_BINS)
# Counters of an earlier run would be added to.
coverage:                    ## lines and branches that all tests reach, and whether they are enough
	$(Q)tests/setup.sh build check lint
	$(Q)mkdir -p $(BUILD) && find $(BUILD) -name '*.gcda' -delete
	$(Q)$(MAKE) CC=gcc COV=1 CFLAGS=-g run-tests
	$(Q)tests/coverage.sh $(BUILD)/gcc-cov
bench:                       ## speed and memory, see bench/README.md; N=events [1000000] ROUNDS=[5] ROWS=regex
	$(Q)tests/setup.sh build bench
	$(Q)$(MAKE) run-bench
bench-quick:                 ## the same in two minutes, and only for the goals
	$(Q)$(MAKE) bench N=20000 ROUNDS=3 ROWS=goals
run-bench: all $(GEN) $(MEASURE) $(FLOORS)
	$(Q)BIN=$(CURDIR)/$(B) ROWS='$(ROWS)' bench/run.sh $(or $(N),1000000) $(or $(ROUNDS),5)

.PHONY: install uninstall
MANS := $(wildcard export/esexport.1 import/esimport.1 verify/esverify.1)
install: all                 ## to PREFIX [/usr/local], under DESTDIR
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(COMPDIR)
	$(INSTALL) -m 755 $(addprefix $(B)/,$(PROGS)) $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 644 $(MANS) $(DESTDIR)$(MANDIR)/man1
	for p in $(PROGS); do $(INSTALL) -m 644 common/completion.bash $(DESTDIR)$(COMPDIR)/$$p || exit 1; done
uninstall:                   ## take away what install put there
	rm -f $(addprefix $(DESTDIR)$(BINDIR)/,$(PROGS)) $(addprefix $(DESTDIR)$(COMPDIR)/,$(PROGS))
	rm -f $(addprefix $(DESTDIR)$(MANDIR)/man1/,$(notdir $(MANS)))

.PHONY: clean help
clean:                       ## remove what was built
	rm -rf $(BUILD)
help:                        ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

-include $(shell find $(B) -name '*.d' 2>/dev/null)

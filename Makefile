# make run      start the gateway with a demo console and print access URLs
# make test     run all tests; the last line counts them
# make help     what else there is

SHELL := /bin/sh
BIN   := .venv/bin

.PHONY: run test check lint types unit integration e2e bench bench-report bench-plot bench-profile soak jar sample-config changelog clean help

# ARGS go to `xvpproxy demo`: make run ARGS='--consoles 3'
run:
	@tools/bootstrap run
	@exec $(BIN)/xvpproxy demo $(ARGS)

# ARGS go to trial: make test ARGS=tests.unit.test_config
test:
	@tools/bootstrap test
	@exec $(BIN)/python tests/run $(ARGS)

# What a change must pass before it is shown to anybody: lint, types, and the tests that are quick.
check: lint types
	@exec $(BIN)/python tests/run tests.unit tests.contracts

lint:
	@tools/bootstrap develop
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types:
	@tools/bootstrap develop
	@$(BIN)/mypy

unit:
	@tools/bootstrap develop
	@exec $(BIN)/python tests/run tests.unit tests.contracts

integration:
	@tools/bootstrap test
	@exec $(BIN)/python tests/run tests.integration tests.faults tests.xenpool

e2e:
	@tools/bootstrap test
	@exec $(BIN)/python tests/run tests.e2e

# make bench    measure the gateway beside other proxies: make bench ARGS='--scenarios bulk:1,ping:1 --rounds 3'
bench:
	@tools/bootstrap develop
	@exec $(BIN)/python -m bench $(ARGS)

# make bench-report     its figures as tables: make bench-report ARGS='--into docs/performance.md'
bench-report:
	@tools/bootstrap develop
	@exec $(BIN)/python -m bench.report $(ARGS)

# make bench-plot       its figures, and those of the soak, as pictures in docs/
bench-plot:
	@tools/bootstrap develop
	@exec $(BIN)/python -m bench.plot $(ARGS)

# make bench-profile    where the gateway spends its time: make bench-profile ARGS='--scenarios setup:50,ping:1'
bench-profile:
	@tools/bootstrap develop
	@exec $(BIN)/python -m bench.profiling $(ARGS)

# make soak     a mixed load of 1,000 sessions: do memory, descriptors and bytes stay right? make soak ARGS='--minutes 60'
soak:
	@tools/bootstrap develop
	@exec $(BIN)/python -m bench.soak $(ARGS)

jar:
	@tools/bootstrap jar

sample-config:
	@tools/bootstrap develop
	@$(BIN)/oslo-config-generator --namespace xvpproxy --wrap-width 100 --output-file etc/xvpproxy.conf.sample

# make changelog VERSION=0.2.0 gathers the fragments of changes/ into CHANGELOG.md
changelog:
	@tools/bootstrap develop
	@$(BIN)/pip install --quiet towncrier
	@$(BIN)/towncrier build --yes --version $(or $(VERSION),$(error say which: make changelog VERSION=0.2.0))

# Back to what a fresh clone is.
clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache _trial_temp* twisted/plugins/dropin.cache
	find xvpproxy twisted tests -name __pycache__ -prune -exec rm -rf {} +
	@if [ -e java-client/Makefile ]; then $(MAKE) -C java-client clean; fi

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile
	@echo "make check    lint, types, unit and contract tests"
	@echo "make unit | integration | e2e    one layer of the tests"
	@echo "make jar | sample-config | clean"

# Everything these targets create lives under .local/ (git-ignored).
PYTHON ?= python3
export PYTHONDONTWRITEBYTECODE = 1
RUN = $(PYTHON) -m local.bootstrap
SEE = $(RUN) --as-is
.DEFAULT_GOAL := help
.PHONY: help up status logs down clean env verify check test test-long docs bench

help:      ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+: .*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
up:        ## install what is missing, start everything, wait for the first good cycle
	@$(RUN) local.stack up
status:    ## a line per process, a line per module, then what needs somebody
	@$(SEE) local.stack status
logs:      ## follow all logs, or one: make logs NAME=scheduler
	@$(SEE) local.stack logs $(NAME)
down:      ## stop everything, keep the data
	@$(SEE) local.stack down
clean:     ## stop everything, remove the data
	@$(SEE) local.stack clean
env:       ## addresses and credentials as JST_…=value lines
	@$(SEE) local.stack env
verify:    ## compare the wide tables with the frozen sandbox's truth: make verify ARGS=--freeze
	@$(SEE) local.verify $(ARGS)
check:     ## the fast part of make test: style, types, unit and DAG tests
	@$(RUN) local.checks fast
test:      ## the whole suite on servers of its own
	@$(RUN) --browser local.checks all
test-long: export JST_MUTATIONS ?= 2000
test-long: export JST_EVERY_MUTANT ?= 1
test-long: export JST_ORDERS ?= 100000
test-long: ## the whole suite with every mutation, mutant and order; another seed: JST_SEED=7 make test-long
	@$(RUN) --browser local.checks long
docs:      ## write the generated pages anew: docs/dags.md, docs/tables.md, docs/metrics.md, the READMEs' DAG tables
	@$(SEE) local.docs
bench:     ## run a measurement: make bench NAME=freshness ARGS="--minutes 1"; without NAME: list them
	@$(PYTHON) -m bench $(NAME) $(ARGS)

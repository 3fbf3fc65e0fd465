"""The parts of the system and how they fit together: tasks, tests and measurements are wired here and nowhere else."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from functools import cached_property, partial

from jst.control.certificate_log import CertificateLog
from jst.control.followed_source import FollowedSource
from jst.control.holds import Holds
from jst.control.incidents import Incidents
from jst.control.letter_index import LetterIndex
from jst.control.letter_redrive import LetterRedrives
from jst.control.load_lock import LoadLock
from jst.control.plans import Plans
from jst.control.postgres_migrations import check_schema
from jst.control.reconcile_state import ReconcileState
from jst.control.replay_progress import ReplayLog
from jst.control.request_budget import PostgresBudget
from jst.control.token_store import PostgresTokens
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.flow.backfill.business_day import Slice
from jst.flow.backfill.certify import DayCheck
from jst.flow.backfill.slice_pull import SlicePull
from jst.flow.check_round import CheckRound
from jst.flow.dead_letters.index_scan import LetterScan
from jst.flow.dead_letters.redrive import Redrive, Ways
from jst.flow.figures_copy import Figures
from jst.flow.live.load_shift import LoadShift
from jst.flow.live.shift import LiveShift
from jst.flow.live.watch import Watch
from jst.flow.load import Loader
from jst.flow.mart_refresh import MartRefresh
from jst.flow.plan_worker import PlanWorker
from jst.flow.pull import Puller
from jst.flow.reconcile.reread import Rereader
from jst.flow.reconcile.round import Reconcile
from jst.flow.replay.kafka_replay import KafkaReplay
from jst.flow.replay.standby_catch_up import StandbyCatchUp
from jst.model.module import Module, load_module, module_names
from jst.servers import Servers
from jst.warehouse.widen_tables import has_labels


class Parts(Servers):
    """What a task, trigger, test or measurement needs, on the servers; each part is built on first use."""

    @cached_property
    def settings(self) -> Settings:
        return self._addresses.settings

    @cached_property
    def budget(self) -> PostgresBudget:
        budget = PostgresBudget(self.database, self.settings.credential, self.clock)
        return self._closing(budget, budget.close)

    @cached_property
    def client(self) -> Client:
        return self.new_client()

    def new_client(self) -> Client:
        settings = self.settings
        tokens = PostgresTokens(self.database, settings.credential, settings.app_secret, self.clock)
        client = Client(settings, self.budget, self.clock, tokens=tokens, following=self.followed_source)
        return self._closing(client, client.close)

    @cached_property
    def followed_source(self) -> FollowedSource:
        return FollowedSource(self.database, self.settings)

    def module(self, name: str) -> Module:
        return load_module(name)

    @cached_property
    def plans(self) -> Plans:
        return Plans(self.database)

    @cached_property
    def holds(self) -> Holds:
        return Holds(self.database)

    @cached_property
    def letters(self) -> LetterIndex:
        return LetterIndex(self.database)

    @cached_property
    def incidents(self) -> Incidents:
        return Incidents(self.database)

    @cached_property
    def certificates(self) -> CertificateLog:
        return CertificateLog(self.database)

    @cached_property
    def load_lock(self) -> LoadLock:
        return LoadLock(self.database, self.clock)

    def watch(self, module: str, dag_id: str, run_id: str) -> Watch:
        check_schema(self.database)  # no task's start has: it runs in the triggerer
        return Watch(self.module(module), self.client, self.plans, self.holds, self.clock, dag_id, run_id)

    def puller(self, module: str) -> Puller:
        return Puller(self.module(module), self.client, self.producer, self.plans, self.letters, self.clock)

    def plan_worker(self, module: str, dag_id: str, run_id: str, puller: Puller | None = None) -> PlanWorker:
        return PlanWorker(puller or self.puller(module), self.plans, self.clock, dag_id, run_id)

    def live_shift(self, module: str, dag_id: str, run_id: str, puller: Puller | None = None) -> LiveShift:
        """Build the pulling half of a shift; ``puller``: one that remembers what it sent before."""
        return LiveShift(puller or self.puller(module), self.plans, self.holds, self.clock, dag_id, run_id)

    def loader(self, module: str) -> Loader:
        return Loader(
            self.module(module), self.reader, self.warehouse, self.plans, self.holds, self.load_lock, self.clock
        )

    def load_shift(self, module: str, run_id: str) -> LoadShift:
        return LoadShift(self.loader(module), self.holds, self.clock, run_id)

    def mart_refresh(self, run_id: str = "") -> MartRefresh:
        return MartRefresh(self.plans.marts, self.warehouse, self.load_lock, self.holds, self.clock, run_id)

    def reconcile(
        self, module: str, run_id: str, *, patience: float = 60.0, rng: random.Random | None = None
    ) -> Reconcile:
        """Build one round; ``patience``: seconds it waits for the live feed to come past a moment."""
        state, troubles = ReconcileState(self.database, module), self.holds.troubles
        puller, loader = self.puller(module), self.loader(module)
        rereader = Rereader(puller, loader, self.warehouse, self.plans, state, self.clock, run_id, patience=patience)
        return Reconcile(
            puller.module, puller.client, rereader, self.warehouse, state, self.incidents, troubles, self.clock, rng
        )

    def slice_pull(self, part: Slice, dag_id: str, run_id: str) -> SlicePull:
        return SlicePull(part, self.plans, self.certificates, self.warehouse, dag_id, run_id)

    def day_check(self, module: str, day: date, parts: list[Slice], dag_id: str, run_id: str) -> DayCheck:
        return DayCheck(
            self.module(module), day, parts, self.plans, self.certificates, self.warehouse, self.loader(module),
            self.plan_worker(module, dag_id, run_id), self.clock, dag_id, run_id,
        )  # fmt: skip

    def redrive(self, dag_id: str, run_id: str) -> Redrive:
        worker = partial(self.plan_worker, dag_id=dag_id, run_id=run_id)
        ways = Ways(by_key=lambda module: self.puller(module).by_key, worker=worker, loader=self.loader)
        return Redrive(LetterRedrives(self.database), self.incidents, ways, dag_id, run_id)

    def letter_scan(self) -> LetterScan:
        return LetterScan(self.reader, self.letters)

    def kafka_replay(self, module: str, run_id: str) -> KafkaReplay:
        log, ask = ReplayLog(self.database), self.retained(self.module(module))
        return KafkaReplay(self.loader(module), log, ask, self.clock, run_id)

    def standby(self, modules: Sequence[str] = ()) -> StandbyCatchUp:
        """Build what fills nodes that are away. ``modules``: all by default; dimensions before what they label."""
        self.nodes.register(self.hosts.names)
        wanted = sorted(map(self.module, modules or module_names()), key=has_labels)
        return StandbyCatchUp(
            wanted, self.hosts, self.retained, self.reader, self.nodes, ReplayLog(self.database), self.load_lock,
            self.plans.stock_kinds, self.clock,
        )  # fmt: skip

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.database, self.warehouse, self.clock)

    def check_round(self) -> CheckRound:
        return CheckRound(self.database, self.warehouse, self.clock)

"""Everything that the story plays on: the broker, the topics, the network, and the processes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from cli.demo.assortment import Stocked, stocked
from cli.demo.children import Child, Router, clean_environment, played
from cli.demo.network import CHANNELS, CURRENCY, NETWORK, write_network
from cli.demo.places import EXPRESS, POOLS, STANDARD, STORES, SYSTEMS
from cli.demo.router_log import RouterLog
from cli.demo.screen import Screen
from cli.demo.scripts import Cluster, Good, ShopScript, WarehouseScript, write_script
from cli.demo.timetable import STORY_CUT_OFFS_S, Timetable, timetable
from cli.demo.tracker import Tracker
from cli.network_dir.reading import network_of
from cli.reference.publish import publish_set
from cli.shared.connection import Connection
from cli.workload.baskets import GENERAL, QUANTITY_MEAN
from infra.connect import admin_client
from infra.errors import ConfigurationError, SluiceError
from infra.kafka.broker import LocalKafka
from infra.kafka.directory import BrokerDirectory
from infra.kafka.jars import kafka_version
from infra.kafka.ports import free_port
from infra.settings import Settings
from schemas import topics
from schemas.placement import partition_of

PARTITIONS = 4
METRICS_PORT = 9464
"""For one demo at a time; another one beside it gets another port."""
READY_TIMEOUT_S = 30.0
EXPRESS_SHARE = 0.15
STORY_S = 30.0
"""About how long orders come in: what the stock must last for."""
STAY_S = 1_800.0
"""How much longer, for who stays; after that most orders wait."""


@dataclass
class Choices:
    """What the person who starts the demo may choose."""

    directory: Path
    seed: int
    seconds: float
    orders_per_second: float
    stays: bool
    """After the story the shops stay open until somebody presses Ctrl-C."""
    metrics: str | None = None
    """Where the router answers over HTTP, for who wants to know it before the start."""
    cut_offs_s: Mapping[tuple[str, str], float] = field(default_factory=lambda: STORY_CUT_OFFS_S)
    """Seconds until the trucks leave that leave soon, by pool and service."""
    lead_minutes: int | None = None
    """How long before a truck its goods must be asked for; None lets the story choose."""
    router_settings: str = ""
    """The router's configuration file."""

    @property
    def stock_for_s(self) -> float:
        """How long what is on the shelves must last."""
        return STORY_S + self.seconds + (STAY_S if self.stays else 0.0)


@dataclass
class Stage:
    """The demo while it runs."""

    choices: Choices
    screen: Screen
    kafka: LocalKafka
    settings: Settings
    partition: int
    address: str
    """Where the router answers over HTTP."""
    router_log: RouterLog
    router: Router
    trucks: Timetable
    goods: Stocked
    tracker: Tracker
    shop: Child
    systems: Mapping[str, Child]
    stack: ExitStack
    happened: dict[str, int] = field(default_factory=dict)
    """How often each thing that the story tells has happened."""
    dismissed: list[Child] = field(default_factory=list)
    """Processes whose end is part of the story."""
    opened_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When the shops opened."""
    killed_at: datetime | None = None
    explained: str = ""
    """The order that was told in detail."""
    popular: str = ""
    """The item whose shelf was found empty."""

    def system_of(self, pool: str) -> Child:
        """The warehouse system that runs a pool."""
        return self.systems[next(each.wms for each in POOLS if each.pool == pool)]

    def start_router(self) -> Router:
        """Start the router, for the first time or again; it is not ready yet."""
        self.router_log.begin()
        self.router = _start_router(self.choices.directory, self.kafka.bootstrap, self.address, self.stack)
        return self.router


def fresh_directory(directory: Path) -> None:
    """Empty the demo's directory; one that something else lives in is refused."""
    try:
        _empty(directory)
    except OSError as error:
        raise ConfigurationError(
            f"{error.filename or directory}: {error.strerror}; name a directory that this user may write to with "
            "--directory"
        ) from None


def _empty(directory: Path) -> None:
    if directory.exists():
        if not directory.is_dir():
            raise ConfigurationError(f"{directory} is a file; name a directory with --directory")
        place = BrokerDirectory(directory)
        running = place.running()
        if running is not None:
            raise SluiceError(
                f"A broker runs on {directory} (process {running.process_id}): another demo, or a command that "
                "looks at the last one. Wait for its end, or choose another --directory"
            )
        if any(directory.iterdir()) and not place.is_formatted:
            raise ConfigurationError(
                f"{directory} holds something that no demo has left, and nothing in it was touched; name "
                "another --directory"
            )
        shutil.rmtree(directory)
    (directory / "network").mkdir(parents=True)


def set_up(choices: Choices, screen: Screen, stack: ExitStack) -> Stage:
    """Start everything, in the order in which each needs the other; what was started ends with the stack."""
    fresh_directory(choices.directory)
    screen.now("starting a real Apache Kafka ...")
    began_s = screen.elapsed_s()
    kafka = stack.enter_context(LocalKafka(choices.directory))
    screen.event(
        f"Apache Kafka {kafka_version()} (local, no Docker): {kafka.bootstrap} ready in "
        f"{screen.elapsed_s() - began_s:.1f} s"
    )
    screen.now("creating topics, starting the router and the warehouse systems ...")
    settings = Settings({"bootstrap.servers": kafka.bootstrap})
    admin = admin_client(settings, kafka.bootstrap)
    connection = Connection(settings.properties, settings.names, PARTITIONS, admin)
    connection.topics.create_missing(PARTITIONS, SYSTEMS)

    address = choices.metrics or f"127.0.0.1:{free_port(METRICS_PORT)}"
    router_log = RouterLog(choices.directory / "router.log")
    # Of its own: settings in the folder where the demo is started are for another cluster.
    (choices.directory / "router.toml").write_text(choices.router_settings, encoding="utf-8")
    router = _start_router(choices.directory, kafka.bootstrap, address, stack)
    partition = partition_of(NETWORK, PARTITIONS)
    tracker = Tracker(kafka.bootstrap, settings.prefix, partition, SYSTEMS)
    stack.callback(tracker.close)
    units = choices.orders_per_second * choices.stock_for_s * GENERAL.lines_mean * QUANTITY_MEAN
    goods = stocked(Random(choices.seed), units)
    systems = _start_systems(choices, kafka.bootstrap, settings, goods, stack)
    router_log.wait_for("ready", router, READY_TIMEOUT_S)
    for system in systems.values():
        system.answer("ready", READY_TIMEOUT_S)

    # From here on the clock of the story runs: all that takes its time on a slow machine is done.
    trucks = timetable(datetime.now(UTC), choices.cut_offs_s, choices.lead_minutes)
    write_network(choices.directory / "network", trucks, goods.items)
    network = network_of(choices.directory / "network", datetime.now(UTC).date())
    published = publish_set(network, connection, "demo", "the demo's network")
    assert published is not None, "a fresh broker has no network in force"
    shop = _start_shop(choices, kafka.bootstrap, settings, goods, trucks.day, stack)
    set_id = published.commit.set_id
    # What arrives before the router has taken the set is of a network that it does not know.
    if not tracker.wait_until(lambda figures: set_id in figures.set_outcomes, READY_TIMEOUT_S):
        raise router.failed(f"has not taken set {set_id}")
    if tracker.figures.set_outcomes[set_id]:
        raise SluiceError(
            f"The router refused the demo's network: {'; '.join(tracker.figures.set_outcomes[set_id])}"
        )
    screen.event(
        f"network {NETWORK}: {len(POOLS)} pools in {len({pool.country for pool in POOLS})} countries, "
        f"{len(goods.items)} items, {len(CHANNELS)} channels; applied as set {set_id}"
    )
    return Stage(
        choices, screen, kafka, settings, partition, address, router_log, router, trucks, goods,
        tracker, shop, systems, stack,
    )  # fmt: skip


def _start_router(directory: Path, bootstrap: str, address: str, stack: ExitStack) -> Router:
    options = (
        "--kafka", bootstrap, "--config", str(directory / "router.toml"), "--instance", "demo", "--log", "json",
        "--metrics", address,
    )  # fmt: skip
    router = Router(options, directory / "router.log", clean_environment())
    stack.callback(router.close)
    return router


def _cluster(bootstrap: str, settings: Settings) -> Cluster:
    names = settings.names
    return Cluster(
        bootstrap=bootstrap,
        network=NETWORK,
        inventory=names.of(topics.INVENTORY),
        orders=names.of(topics.ORDERS),
        fulfilment=names.of(topics.FULFILMENT),
    )


def _start_systems(
    choices: Choices, bootstrap: str, settings: Settings, goods: Stocked, stack: ExitStack
) -> dict[str, Child]:
    """One process for each warehouse system; the stores' one also plays their tills."""
    systems = {}
    for name in SYSTEMS:
        pools = [pool.pool for pool in POOLS if pool.wms == name]
        script = WarehouseScript(
            cluster=_cluster(bootstrap, settings),
            name=name,
            seed=choices.seed,
            allocations=settings.names.allocations(name),
            pools=pools,
            on_hand={pool: goods.on_hand[pool] for pool in pools},
            arriving={pools[0]: goods.sold_out[::2]} if name == SYSTEMS[0] else {},
            sales_per_second=8.0 if name == STORES else 0.0,
            adjustments_per_second=3.0,
        )
        path = choices.directory / f"{name}.json"
        write_script(path, script)
        systems[name] = played(
            f"warehouse system {name}", "cli.demo.warehouse_system", path, clean_environment()
        )
        stack.callback(systems[name].close)
    return systems


def _start_shop(
    choices: Choices, bootstrap: str, settings: Settings, goods: Stocked, day: date, stack: ExitStack
) -> Child:
    # Next day: today's truck makes it, tomorrow's does not.
    promised = datetime(day.year, day.month, day.day, 21, tzinfo=UTC) + timedelta(days=1)
    script = ShopScript(
        cluster=_cluster(bootstrap, settings),
        seed=choices.seed,
        orders_per_second=choices.orders_per_second,
        currency=CURRENCY,
        channels=CHANNELS,
        countries=sorted({pool.country for pool in POOLS}),
        goods=[Good(item.sku, item.unit, goods.values[item.sku]) for item in goods.items],
        deliver_by={STANDARD: promised.isoformat(), EXPRESS: promised.isoformat()},
        express_share=EXPRESS_SHARE,
    )
    path = choices.directory / "shop.json"
    write_script(path, script)
    shop = played("shop", "cli.demo.shop", path, clean_environment())
    stack.callback(shop.close)
    return shop

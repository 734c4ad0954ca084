"""Where the figures of one network are counted: the rows of its pools, channels, countries and carriers."""

from __future__ import annotations

from flows.metrics.business import Business
from flows.metrics.catalogue import OTHER
from flows.metrics.deliveries import NOBODY
from flows.metrics.symptoms import DeliveryColumns, Symptoms
from state.routes import Routes


class NamedRows:
    """The rows by the names that are in force in one network; all other names are counted together."""

    def __init__(self, symptoms: Symptoms, business: Business) -> None:
        self.routes: Routes | None = None
        """The reference in force; None before the first."""
        self._symptoms = symptoms
        self._business = business
        self._channels: dict[str, list[int]] = {}
        self._carriers: dict[str, list[int]] = {}
        # By zone: the figures of its country.
        self._countries: dict[str, list[int]] = {}

    def follow(self, routes: Routes | None) -> bool:
        """Know the names in force, each counted from zero on; whether they have changed."""
        if routes is self.routes or routes is None:
            return False
        self.routes = routes
        symptoms = self._symptoms
        self._channels = {name: symptoms.channels.row(name) for name in routes.channels}
        self._carriers = {name: symptoms.carriers.row(name) for name in routes.carriers}
        self._countries = {name: symptoms.countries.row(zone.country) for name, zone in routes.zones.items()}
        for pool in routes.pools:
            symptoms.pools.row(pool)
        # A counter that begins with its first value has no increase there: the first packages would not be seen.
        for channel in routes.channels:
            for service in routes.services:
                self._business.packages.add((channel, service), 0)
        return True

    def channel_name(self, name: str) -> str:
        """What a channel is counted as."""
        return name if name in self._channels else OTHER

    def service_name(self, name: str) -> str:
        """What a service level is counted as."""
        return name if self.routes is not None and name in self.routes.services else OTHER

    def channel(self, name: str) -> list[int]:
        """The figures of a channel."""
        return self._channels.get(name) or self._symptoms.channels.row(OTHER)

    def country(self, zone: str) -> list[int]:
        """The figures of the country that the zone lies in."""
        return self._countries.get(zone) or self._symptoms.countries.row(OTHER)

    def pool(self, name: str) -> list[int]:
        """The figures of a pool."""
        known = self.routes is not None and name in self.routes.pools
        return self._symptoms.pools.row(name if known else OTHER)

    def of_delivery(
        self, pool: str, carrier: str, channel: str, zone: str
    ) -> tuple[tuple[list[int], DeliveryColumns], ...]:
        """The figures of everybody whose deliveries these are."""
        symptoms = self._symptoms
        waits = (
            (self.channel(channel), symptoms.channel_delivery),
            (self.country(zone), symptoms.country_delivery),
        )
        if pool == NOBODY:
            return waits
        return (
            (self.pool(pool), symptoms.delivery),
            (self._carriers.get(carrier) or symptoms.carriers.row(OTHER), symptoms.carrier_delivery),
            *waits,
        )

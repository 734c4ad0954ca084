"""The words in which whoever is on call is told, by alert."""

from tests.infra.prometheus.case import Fires

NOT_DECIDED = "Orders of some networks, or of all, are not being decided."
LATE = "Shops wait too long to hear where their orders ship from."
OUT_OF_DATE = "Orders are promised on stock figures that may be out of date."
PACE = {
    "Fast": "at this pace the budget of 30 days is gone in less than five.",
    "Slowly": "at this pace the budget of 30 days does not last.",
}


def undecided(pace: str, share: str) -> Fires:
    long = "some for a quarter of an hour, or so many that " if pace == "Fast" else ""
    return Fires(
        f"RoutingAvailabilityBurns{pace}",
        {},
        NOT_DECIDED,
        f"{share} of all partitions had no router that decides, where 0.1% is allowed; {long}{PACE[pace]}",
    )


def late(pace: str, share: str) -> Fires:
    return Fires(
        f"DecisionAgeBurns{pace}",
        {},
        LATE,
        f"{share} of the orders were decided later than 0.5 s after they arrived, where 1% is allowed; "
        f"{PACE[pace]}",
    )


def out_of_date(pace: str, share: str) -> Fires:
    return Fires(
        f"StockFreshnessBurns{pace}",
        {},
        OUT_OF_DATE,
        f"{share} of the pools have not been heard of within the freshness limit, where 1% is allowed; "
        f"{PACE[pace]}",
    )


def silent(pool: str, age: str) -> Fires:
    return Fires(
        "StockFeedSilent",
        {"pool": pool},
        f"Pool {pool} says nothing of its stock.",
        f"The last inventory record of {pool} is {age} old, those that were ignored aside.",
    )


def ignored(pool: str, records: str) -> Fires:
    return Fires(
        "StockFeedIgnored",
        {"pool": pool},
        f"Pool {pool} tells of its stock, and next to nothing of it has an effect.",
        f"{records} records of {pool} within 15 minutes stand before the counts in force, and so it has been for more "
        "than 20: as a rule the sequence of its warehouse system has begun anew.",
    )


def down(router: str) -> Fires:
    return Fires(
        "RouterDown",
        {"job": "sluice", "instance": router},
        f"Router {router} does not answer.",
        "Its metrics could not be read for 2 minutes. Other routers take its partitions, if there are any.",
    )


def stands_still(router: str, partition: str, age: str) -> Fires:
    return Fires(
        "CommitsStandStill",
        {"instance": router, "partition": partition},
        f"Partition {partition} takes orders in and decides nothing.",
        f"Router {router} counts it as live, yet its last commit is {age} old while records wait or the errors of "
        "its Kafka client go on.",
    )


def broker_away(router: str, errors: str) -> Fires:
    return Fires(
        "BrokerAway",
        {"instance": router},
        f"Router {router} cannot work with Kafka.",
        f"{errors} errors of its Kafka client within a minute, more before, and no commit.",
    )


def not_deciding(count: str) -> Fires:
    return Fires(
        "PartitionsNotDeciding",
        {},
        "Some partitions have no router that decides.",
        f"{count} partitions have no owner, or one that is still preparing, has stopped or hangs.",
    )


def refused(topic: str, reason: str, records: str) -> Fires:
    return Fires(
        "DeadLettersRising",
        {"topic": topic, "reason": reason},
        f"Input on {topic} is refused: {reason}.",
        f"{records} records within 10 minutes were refused as {reason}.",
    )


def withdrawn(pool: str, orders: str) -> Fires:
    return Fires(
        "PromisesWithdrawn",
        {"pool": pool},
        f"Pool {pool} withdraws promises in a burst: was it counted to zero by mistake?",
        f"{orders} orders lost their place in {pool} within 10 minutes, because stock that was promised is gone.",
    )


def no_place(channel: str, share: str) -> Fires:
    return Fires(
        "OrdersFindNoPlace",
        {"channel": channel},
        f"New orders of {channel} find no pool that can serve them.",
        f"Of the orders placed within 10 minutes {share} have units that wait for stock or are refused, more than "
        "three times as many as within a day.",
    )


def missed(pool: str, shipments: str) -> Fires:
    return Fires(
        "CutoffsMissed",
        {"pool": pool},
        f"Shipments of pool {pool} missed their truck.",
        f"{shipments} shipments that {pool} was told of were not wholly dispatched when their truck left, at their "
        "ship-by plus the pool's time to pick, within an hour.",
    )


def low_performance(pool: str, share: str) -> Fires:
    return Fires(
        "DispatchPerformanceLow",
        {"pool": pool},
        f"Pool {pool} hands its packages over late or not at all.",
        f"Of the packages due in the last hour {pool} handed over {share} by the departure that was planned, where 90% "
        "is the least. New orders still go there.",
    )


def late_deliveries(carrier: str, share: str) -> Fires:
    return Fires(
        "DeliveriesLate",
        {"carrier": carrier},
        f"Carrier {carrier} brings packages later than promised.",
        f"Of the packages that {carrier} should have delivered in the last day {share} arrived by their first promise, "
        "where 90% is the least. What nobody scanned counts as late.",
    )


def restarts(router: str, times: str) -> Fires:
    return Fires(
        "RouterRestarts",
        {"job": "sluice", "instance": router},
        f"Router {router} ends and starts over and over.",
        f"Its process has begun anew at least {times} times within half an hour. For as long as it comes back under "
        "its name, nobody else takes its partitions.",
    )


def hangs(router: str, since: str) -> Fires:
    return Fires(
        "RouterHangs",
        {"instance": router},
        f"Router {router} hangs: it answers, and asks for no input.",
        f"Its flow last asked Kafka for input {since} ago. Nobody decides what it owns until another process takes it "
        "over.",
    )

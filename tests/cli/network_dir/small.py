"""The smallest network directory that a person writes by hand, and ways to damage it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

TODAY = date(2026, 11, 23)

FILES = {
    "network.toml": """\
network = "eu"
currency = "EUR"
[channels.web]
pools = ["dc-paris", "store-lyon"]
[services.standard]
split_penalty = "2.00"
late_penalty_per_day = "40.00"
[policies.default]
release = "at-once"
[calendars.weekdays]
days = ["mon", "tue", "wed", "thu", "fri"]
holidays = "FR"
""",
    "pools.csv": """\
pool,kind,time_zone,calendar,handling_per_unit,orders_per_day,pick_minutes,wms
dc-paris,dc,Europe/Paris,weekdays,0.42,20000,90,manhattan
store-lyon,store,Europe/Paris,weekdays,1.10,40,120,storeapp
""",
    "lanes.csv": """\
pool,zone,service,carrier,transit_days,fixed,per_kg
dc-paris,FR,standard,colissimo,2,4.90,0.30
store-lyon,FR,standard,colissimo,1,6.20,0.40
""",
    "cutoffs.csv": """\
pool,carrier,service,collection
dc-paris,colissimo,standard,15:00
store-lyon,colissimo,standard,16:00
""",
    "items.csv": """\
sku,unit,weight_grams,restrictions
SKU-7,EA,350,
""",
}


def write_small(directory: Path, **changed: str | None) -> Path:
    """The small directory; `lanes_csv="..."` replaces a file, None leaves it out."""
    directory.mkdir(parents=True, exist_ok=True)
    replaced = {
        name.replace("_toml", ".toml").replace("_csv", ".csv"): text for name, text in changed.items()
    }
    for file, text in {**FILES, **replaced}.items():
        if text is not None:
            (directory / file).write_text(text, encoding="utf-8")
    return directory


def edited(file: str, old: str, new: str) -> str:
    """A file of the small directory with one piece replaced; the piece must be there."""
    assert old in FILES[file], f"{old!r} is not in {file}"
    return FILES[file].replace(old, new)

"""All that the verbs of a router are configured by, with every fault of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.config import RunConfig, load_run_config
from flows.web import OFF, place_of
from infra.connect import property_faults
from infra.errors import ConfigurationError
from infra.settings import Settings, read_document, read_settings


def load_all(
    kafka: str | None, config: Path | None, prefix: str | None, given: Mapping[str, Any]
) -> tuple[Settings, RunConfig]:
    """[kafka], [topics], [router] and [limits]; options that were given win over the file."""
    # A file that cannot be read is one fault, not one for each section.
    document = read_document(config)
    settings, faults = read_settings(kafka, config, prefix)
    faults += property_faults(settings)
    run_config = None
    try:
        run_config = load_run_config(config, given)
    except ConfigurationError as error:
        faults.append(str(error))
    try:
        place_of(_metrics(document, given))
    except ConfigurationError as error:
        faults.append(str(error))
    if run_config is None or faults:
        raise ConfigurationError("\n".join(faults))
    return settings, run_config


def _metrics(document: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Where the pages are to be served; what is no text at all, the section's own check says."""
    router = document.get("router", {})
    in_file = router.get("metrics") if isinstance(router, dict) else None
    value = given.get("metrics") or in_file
    return value if isinstance(value, str) else OFF

"""The `sluice` command.

A verb is one line in VERBS below, and one file, `cli/<verb>.py`, with a function `command` whose parameters
are its options. A verb of several files is a folder, with that function in `cli/<verb>/command.py`. The file
is imported only when its verb runs or shows its help: `sluice --help` imports none of them.

Exit codes: 0 fine; 1 something is wrong with the system or the data; 2 usage or faulty configuration; 130 Ctrl-C;
143 SIGTERM, but for verbs that end in order on it.

Nothing slow is imported at the top: until `main` runs, Ctrl-C ends in a traceback.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.errors import SluiceError

if TYPE_CHECKING:
    import typer

INTERRUPTED = 130
TERMINATED = 143
FIRST_PROCESS = 1
UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENXIO})

HERE = Path(__file__).parent

# In the order in which a person meets them: verb, and what it does.
VERBS: dict[str, str] = {
    "demo": "Watch a small network route orders over a real Kafka, and survive a kill -9.",
    "explain": "Show why an order was routed as it was.",
    "orders": "List the orders behind a figure: withdrawn, waiting, at risk, late.",
    "stock": "Show the stock of an item: on hand, promised and free, pool by pool.",
    "init": "Write an example network to start from.",
    "check": "Find every fault of a network directory at once.",
    "kafka": "Start a local Kafka.",
    "topics": "Create every topic, or verify them.",
    "apply": "Publish what changed in a network directory, after showing it.",
    "run": "Run the router.",
    "watch": "See live what the routers decide, how late they are and what waits.",
    "doctor": "Examine a deployment from outside, and say what to change.",
    "send": "Publish events from JSON lines.",
    "decide": "Decide a file of events without a broker.",
    "dead-letters": "List refused input, and send it again.",
    "finalise": "End an upgrade: the release before cannot be started again.",
    "audit": "Prove from the topics that nothing was oversold, doubled or lost.",
}

HELP = """Sluice routes orders to the pools that should ship them, over Apache Kafka.

Start with `sluice demo`. Each verb shows examples with --help.
"""
EPILOG = "Exit codes: 0 fine; 1 something is wrong with the system or the data; 2 usage or configuration."


def main(arguments: Sequence[str] | None = None) -> None:
    _heed_the_end()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            _application(wanted=given[0] if given else "")(args=given, prog_name="sluice")
        finally:
            # What cannot be written is told here; at the very end Python would print a traceback of it.
            print(end="", flush=True)
    except SluiceError as error:
        if not error.is_told:
            print(f"sluice: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read has seen enough.
        _drop_output()
        sys.exit(1)
    except OSError as error:
        if error.errno not in UNWRITABLE or error.filename is not None:
            raise
        _drop_output()
        print(f"sluice: the output cannot be written: {error.strerror}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _heed_the_end() -> None:
    """In a container SIGTERM does nothing to the first process unless it says what; elsewhere it ends any process."""
    if os.getpid() == FIRST_PROCESS:
        signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(TERMINATED))


def _drop_output() -> None:
    """What Python would still write at its end has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _application(wanted: str) -> typer.Typer:
    """The command with every verb in it, of which only the wanted one is loaded."""
    import typer

    app = typer.Typer(
        help=HELP,
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for verb, summary in VERBS.items():
        if verb == wanted:
            _add(app, verb, import_module(module_of(verb)))
        else:
            app.command(verb, help=summary)(_not_loaded)

    def of_the_command(
        version: bool = typer.Option(
            False, "--version", help="Print the release, and stop.", is_eager=True, callback=_tell_version
        ),
    ) -> None:
        """Without any, typer would take a single verb for the whole command."""

    app.callback()(of_the_command)
    return app


def _add(app: typer.Typer, verb: str, module: Any) -> None:
    if hasattr(module, "app"):
        # A verb with verbs of its own, such as `dead-letters list`.
        app.add_typer(module.app, name=verb, help=VERBS[verb])
    else:
        app.command(verb)(module.command)


def module_of(verb: str) -> str:
    """The module that holds the verb, found without importing anything."""
    name = verb.replace("-", "_")
    return f"cli.{name}" if (HERE / f"{name}.py").exists() else f"cli.{name}.command"


def _tell_version(is_wanted: bool) -> None:
    if is_wanted:
        from schemas.formats import ENGINE

        print(ENGINE)
        sys.exit(0)


def _not_loaded() -> None:
    """Stands for a verb in the list that `sluice --help` prints."""


if __name__ == "__main__":
    main()

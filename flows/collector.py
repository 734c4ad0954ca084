"""When garbage is collected: between two bundles, and only what the last one has made.

Rows live as long as their orders, and counting references frees nearly everything else. Left to itself the collector
walks over millions of rows in the middle of a bundle, which stands still for a tenth of a second or more, and finds
nothing. So what a bundle leaves is looked at once and then set aside; a cycle that comes apart later waits for the
next assignment, when everything is looked at.
"""

from __future__ import annotations

import gc


def take_charge() -> None:
    """From here on nothing is collected by itself."""
    gc.disable()


def after_bundle() -> None:
    """Look at what was made since the last call."""
    gc.collect(0)
    gc.freeze()


def everything() -> None:
    """Look at all there is: takes seconds with millions of rows."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()

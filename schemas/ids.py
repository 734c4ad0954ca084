"""Ids that are made of several names: none of them can be taken for another's, whatever the names hold."""

from __future__ import annotations


def in_id(name: str) -> str:
    """The name as it stands between the slashes of an id.

    One that holds a slash itself stands behind another one, with its own written as in a URL: "a/b" is "/a%2Fb".  No
    name is empty, so nothing else has two slashes in a row, and every other name stands as it is.
    """
    return "/" + name.replace("%", "%25").replace("/", "%2F") if "/" in name else name

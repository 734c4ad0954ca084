"""Grafana's dashboard format, as far as it is used here: every field has a type, and no other field is allowed.

Grafana ignores what it does not know, so a field with a typing error would fail silently there.  Here it is refused:
the committed files are read back through these types.
"""

"""Dashboards as code: typed builders that write the JSON files which Grafana provisions.

`python -m infra.grafana` writes `dashboards/`; a test asserts that what is committed is what it writes.  A panel
belongs into the file of the dashboard whose question it answers: `now`, `flow` (and `processes`), `network` or
`business`; a figure that several of them show, into `shared`.
"""

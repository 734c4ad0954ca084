"""The `sluice` command: a file or a folder for each verb, listed in `cli.main`, and what several of them share."""

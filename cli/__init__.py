"""The `sluice` command: one file or folder for each verb, and what several of them share.  `cli.main` lists them."""

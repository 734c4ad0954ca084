"""`sluice finalise`: what an operator says when the release before will not be needed again."""

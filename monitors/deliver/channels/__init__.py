"""Where messages go: one file for each kind of channel, found by itself."""

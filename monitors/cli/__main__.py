"""Makes `python -m monitors.cli` the same as `newsvane`."""

from monitors.cli import main

main()

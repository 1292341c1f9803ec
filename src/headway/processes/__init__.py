"""Worker processes and ranks report to the one process that draws.

Knows events and snapshots; the bars of the process that draws only by protocols.
"""

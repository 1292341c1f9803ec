"""The core's own rows on a terminal: a tree of bars, painted in place by one write a frame.

Knows texts, the terminal's environment and the contract of sinks; nothing of bars, nor of the display that calls it.
"""

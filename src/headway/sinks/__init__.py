"""Sinks that need no other package: lines, records, event files.

Knows texts, events and the contract of sinks; nothing of bars, nor of the display that calls it.
"""

"""Sinks that need no other package: plain lines and event files.

Knows texts, events and the contract of sinks; nothing of bars, nor of the display that calls it.
"""

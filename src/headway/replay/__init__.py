"""Recorded events as bars again: played back, or followed while another process writes them.

Knows the public functions and the readers of events; nothing of the command line.
"""

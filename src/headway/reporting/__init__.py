"""Bars: the count, the clock and the words that a program reports.

Knows the display that it hands its bars to; nothing of training runs or of the functions that programs call.
"""

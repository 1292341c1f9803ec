"""A page that shows runs while they go on, from their event files: served, or written as one file.

Knows events and the words of rows; nothing of bars, nor of the display of this process.
"""

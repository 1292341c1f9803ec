"""`headway run --pty`: a program on a pseudo-terminal, whose output stands above the rows, however it is written.

Knows the display and the relay. `owner.py` has the real terminal, `session.py` the program.
"""

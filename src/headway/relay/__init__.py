"""The relay: worker processes report to the process that draws.

`address.py` says where that process listens, `frames.py` what travels, `sink.py` is the worker's side, `receiver.py`,
`merging.py` and `group.py` are the drawing process's, `role.py` decides which side this process is on, and `handles.py`
makes bars that can be pickled.
"""

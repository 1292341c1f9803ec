"""The bars of other libraries join in: those of tqdm, rich, alive-progress and progressbar2 are shown by headway.

Knows the public functions, and the classes of these libraries; knows none of the other doors.
"""

from headway.capturing.switch import LIBRARIES, Capture, capture, follow_environment, uncapture

__all__ = ["LIBRARIES", "Capture", "capture", "follow_environment", "uncapture"]

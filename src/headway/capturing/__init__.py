"""The bars of other programs join in: those that libraries open with tqdm or rich are shown by headway.

Knows the public functions and the classes of tqdm and rich; knows neither `tqdm`, the imitation's face, nor
`integrations`.
"""

from headway.capturing.switch import LIBRARIES, Capture, capture, follow_environment, uncapture

__all__ = ["LIBRARIES", "Capture", "capture", "follow_environment", "uncapture"]

"""The bars of other libraries join in: those that are opened with tqdm or rich are shown by headway.

Knows the public functions, and the classes of tqdm and rich; knows neither of the other doors, `tqdm` and
`integrations`.
"""

from headway.capturing.switch import LIBRARIES, Capture, capture, follow_environment, uncapture

__all__ = ["LIBRARIES", "Capture", "capture", "follow_environment", "uncapture"]

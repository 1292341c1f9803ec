"""Bars with the arguments, attributes and methods of tqdm, alive-progress and progressbar2, which report to headway.

`alive/` and `progressbar/` have what is theirs alone. Of the modules beside them `bar`, `output`, `refreshing`,
`template` and `library` serve all; the others are tqdm's. Knows the public functions, and none of the doors that use
it.
"""

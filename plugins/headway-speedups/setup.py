"""The compiled part of headway-speedups: one file for all versions of Python that have a GIL."""

import sysconfig

from setuptools import Extension, setup

COUNTER = Extension(
    "headway_speedups._tally",
    ["src/headway_speedups/_tally.c"],
    define_macros=[("Py_LIMITED_API", "0x030A0000")],
    py_limited_api=True,
    optional=True,  # without a compiler headway counts in Python
)

if sysconfig.get_config_var("Py_GIL_DISABLED"):
    setup()  # such a Python has no limited API, and a count needs the GIL
else:
    setup(ext_modules=[COUNTER], options={"bdist_wheel": {"py_limited_api": "cp310"}})

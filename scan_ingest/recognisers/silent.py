"""onnxruntime, kept from telling its maker what it does: nothing leaves the machine.

From 1.29 on its packages send events (names of models, times, a lasting number of the machine) unless the environment
forbids it before it is first imported. Whoever needs onnxruntime takes it from here.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["ORT_TELEMETRY_DISABLED"] = "1"  # its name in some versions

import onnxruntime

onnxruntime.disable_telemetry_events()  # Windows asks no environment

__all__ = ["onnxruntime"]

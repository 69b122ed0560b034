"""Turns a submission into verdicts. Knows expected answers; knows no Docker and no HTTP.

What enters the sandbox is planned here without any expected answer in it; what comes out is decoded
as data and compared here. Nothing that was written next to a program is ever trusted or evaluated.
"""

from rltf_executor.judge.cache import ResultCache
from rltf_executor.judge.judge import Judge

__all__ = ["Judge", "ResultCache"]

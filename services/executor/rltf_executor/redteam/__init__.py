"""Attacks on graders: hostile programs and reward hacks, and what sends them.

They are meant for a service of one's own. Nothing here runs a hostile program: it is text, sent to
a grader. What the attacks do not show: that a grader is safe from what nobody thought of.
"""

from rltf_executor.redteam.campaign import Finding, run_campaign
from rltf_executor.redteam.command import main, run
from rltf_executor.redteam.suites import Attack, read_folder, shipped

__all__ = ["Attack", "Finding", "main", "read_folder", "run", "run_campaign", "shipped"]

"""The call that does the same: a plan as Python, and as a command.

>>> plan = ExportPlan(entity_type="Bicycle", format="CSV")
>>> print(python_call(plan, "Staging", "bicycles.zip"))
center.export_file("Staging", "Bicycle", "bicycles.zip", format="CSV")
>>> print(command_line(plan, "Staging", "bicycles.zip"))
dmc export Staging Bicycle --output bicycles.zip --format CSV
"""

from __future__ import annotations

from .command_line import command_line, render_command
from .plan_call import PlanCall, package_import_call, plan_call, retry_call
from .python_code import python_call, python_script, render_call

__all__ = [
    "PlanCall",
    "command_line",
    "package_import_call",
    "plan_call",
    "python_call",
    "python_script",
    "render_call",
    "render_command",
    "retry_call",
]

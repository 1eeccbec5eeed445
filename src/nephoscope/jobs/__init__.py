"""Durable work: sweeps, schedules, recovery. The workflow engine stays behind this room."""

"""The composition root: settings, addresses, schedules, checks, and what runs the processes.

It imports every room; none imports it.
"""

"""Credentials that lie around on disks: detectors, filters and masks."""

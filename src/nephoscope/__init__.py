"""nephoscope: an open, self-hosted cloud security posture platform."""

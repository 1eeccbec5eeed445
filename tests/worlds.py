"""Small worlds for tests: what several test folders share and that is not a fixture."""

from datetime import datetime, timedelta


class FakeClock:
    """Stands at a moment until `forward` moves it."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **step: float) -> None:
        self.now += timedelta(**step)

"""`nephoscope report`: reports, and schedules that ask for them."""

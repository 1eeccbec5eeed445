"""The demo: a simulated estate connected, scanned and served."""

"""The catalogue: controls and policies as data, and the expressions in them, compiled."""

"""Assessment reports and exports: one moment of the truth, rendered for people and for machines."""

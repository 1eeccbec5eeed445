"""What AWS Config records: a row for each type of ours, and for what an item says beside its configuration."""

"""What exceptions do to what is shown: which are in force, what they cover, and for whom they are there."""

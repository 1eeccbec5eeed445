"""What is installed on a disk: package databases and language packages, as nouns of `model`."""

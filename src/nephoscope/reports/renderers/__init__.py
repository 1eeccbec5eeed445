"""From what a report says to the bytes of a file, piece by piece and in bounded memory."""

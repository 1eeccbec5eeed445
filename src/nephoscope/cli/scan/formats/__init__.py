"""Machine formats of a scan. Each writer sends pure rows to a text stream; nothing else goes there."""

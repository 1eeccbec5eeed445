"""Looking inside instance disks: what is chosen, read, found, kept and cleaned up."""

"""From bytes to files: block devices, partitions, volumes and file systems, read only and without trust."""

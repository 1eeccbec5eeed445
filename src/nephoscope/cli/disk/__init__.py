"""`nephoscope disk`: what lies on image files and on the disks of instances."""

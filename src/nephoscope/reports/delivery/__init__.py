"""Reports that come by themselves: schedules, and the ways to a folder, a webhook and a mailbox."""

SELECT name AS disk, total_space AS value FROM system.disks

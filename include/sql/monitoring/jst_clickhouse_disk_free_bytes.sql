SELECT name AS disk, free_space AS value FROM system.disks

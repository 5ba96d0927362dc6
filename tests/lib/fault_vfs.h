/*
 * fault_vfs: SQLite's file system with a fault in it. It stands in front of the system's own VFS;
 * one of its writes, syncs, opens or truncations can be made to fail, or the power can be cut at
 * one: from there on nothing reaches the disk, and of what was not synced an arbitrary part is
 * lost.
 */
#ifndef TESTS_FAULT_VFS_H
#define TESTS_FAULT_VFS_H

#include "tests/lib/fault.h"

enum fault_vfs_kind {
    FAULT_VFS_FULL,  /* SQLITE_FULL; half of what was to be written is */
    FAULT_VFS_IOERR, /* the I/O error of the operation; likewise */
    FAULT_VFS_POWER, /* every operation from this one on fails and does nothing */
};

/* fault_vfs_install(): from now on the default of every connection that names no VFS. */
void fault_vfs_install(void);
/* fault_vfs_arm(kind, at, repeat): operation `at` (from 1, counted from now) fails; 0: none does,
 * they are only counted. POWER begins to remember what is not synced: arm it before the store is
 * opened. */
void fault_vfs_arm(enum fault_vfs_kind kind, int64_t at, bool repeat);
/* fault_vfs_disarm(): no operation fails any more; how many there were since arming. */
int64_t fault_vfs_disarm(void);
/* fault_vfs_power_back(seed): after a POWER fault, with every connection closed: the files become
 * what a disk might hold, each unsynced write kept whole, torn at a sector, or lost, as `seed` has
 * it. Disarms. */
void fault_vfs_power_back(uint64_t seed);

#endif
